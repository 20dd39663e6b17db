import { Aws, Duration, Lazy, Stack } from 'aws-cdk-lib';
import {
  AdditionalHealthCheckType,
  AutoScalingGroup,
  type CfnAutoScalingGroup,
  GroupMetric,
  GroupMetrics,
  HealthChecks,
  ScalingProcess,
  Signals,
  UpdatePolicy,
} from 'aws-cdk-lib/aws-autoscaling';
import { ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import {
  AmazonLinuxCpuType,
  BlockDeviceVolume,
  EbsDeviceVolumeType,
  InstanceType,
  type ISecurityGroup,
  type IVpc,
  LaunchTemplate,
  LaunchTemplateHttpTokens,
  MachineImage,
  SubnetType,
} from 'aws-cdk-lib/aws-ec2';
import { type ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { ServiceEnvironmentInput } from '../../contract/service';
import { acknowledge } from '../compliance/acknowledge';
import { type Region } from '../config';
import { declareAlarm } from './alarm-definition';
import { DEPLOY, serviceBundle } from './bundles';
import { isBundled } from './bundling';
import { type CacheAccess } from './cache-access';
import { type FunctionGround } from './function-ground';
import { EncryptedLogGroup } from './log-group';
import { ServiceRole } from './service-role';
import { serviceUserData } from './service-user-data';

export interface ServiceFleetProps {
  readonly ground: FunctionGround;
  readonly region: Region;
  readonly vpc: IVpc;
  /** Imported and closed to new rules: accepts the load balancer only. */
  readonly securityGroup: ISecurityGroup;
  readonly cache: CacheAccess;
  readonly environment: ServiceEnvironmentInput;
  /** Of the load balancer in front. */
  readonly targets: ApplicationTargetGroup;
}

/**
 * A start with all its downloads and the wait for health, which user-data.sh bounds. Auto Scaling leaves an instance alone
 * for as long: replaced in the middle of its start, it would never tell the deployment what became of it.
 */
const START = Duration.minutes(12);

/**
 * The instances of the portfolio service: Amazon Linux 2023 on arm64 in private subnets, without a key pair, replaced and
 * never changed. A new bundle has another hash, hence other user data, another launch template and a rolling update, which
 * goes on only when each new instance has said that it is healthy.
 */
export class ServiceFleet extends Construct {
  readonly groupName: string;
  private readonly group: AutoScalingGroup;
  /** The program, which each instance loads when it starts. */
  private readonly asset: Asset;
  private readonly logGroup: ILogGroup;

  constructor(scope: Construct, id: string, props: ServiceFleetProps) {
    super(scope, id);
    const { ground, cache, vpc, targets } = props;
    const { config, key } = ground;
    const { minInstances, maxInstances } = config.portfolio.service;
    this.asset = new Asset(this, 'Bundle', { path: isBundled(this) ? serviceBundle(config) : DEPLOY });
    this.logGroup = new EncryptedLogGroup(this, 'Logs', { config, key });
    const role = new ServiceRole(this, 'Role', { ground, cache, asset: this.asset, logGroup: this.logGroup });
    this.group = new AutoScalingGroup(this, 'Group', {
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      launchTemplate: this.launchTemplate(props, role),
      minCapacity: minInstances,
      maxCapacity: maxInstances,
      healthChecks: HealthChecks.withAdditionalChecks({
        additionalTypes: [AdditionalHealthCheckType.ELB],
        gracePeriod: START,
      }),
      defaultInstanceWarmup: Duration.minutes(2),
      cooldown: Duration.minutes(2),
      groupMetrics: [GroupMetrics.all()],
      signals: Signals.waitForMinCapacity({ timeout: START }),
      updatePolicy: UpdatePolicy.rollingUpdate({
        // With one instance at most there is a moment without any; with more there is none.
        minInstancesInService: Math.min(minInstances, maxInstances - 1),
        maxBatchSize: 1,
        waitOnResourceSignals: true,
        pauseTime: START,
        suspendProcesses: [
          ScalingProcess.HEALTH_CHECK,
          ScalingProcess.REPLACE_UNHEALTHY,
          ScalingProcess.AZ_REBALANCE,
          ScalingProcess.ALARM_NOTIFICATION,
          ScalingProcess.SCHEDULED_ACTIONS,
        ],
      }),
    });
    this.groupName = this.group.autoScalingGroupName;
    // With its policy: the first thing that an instance does needs it.
    this.group.node.addDependency(role);
    acknowledge(
      this.group,
      'AwsSolutions-AS3',
      'Launches and terminations are events on the default bus of the account and activities of the group; nobody reads them one by one, and an alarm tells when fewer instances serve than should',
    );
    this.group.attachToApplicationTargetGroup(targets);
    this.group.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 50 });
    this.group.scaleOnRequestCount('Requests', { targetRequestsPerMinute: 1500 });
    this.watch(minInstances);
  }

  private launchTemplate(props: ServiceFleetProps, role: ServiceRole): LaunchTemplate {
    const { ground, region, securityGroup, environment } = props;
    const { asset, logGroup } = this;
    return new LaunchTemplate(this, 'Template', {
      // The image of the day of deployment, by AWS's public parameter: no look-up here, and no other image between deployments.
      machineImage: MachineImage.latestAmazonLinux2023({ cpuType: AmazonLinuxCpuType.ARM_64 }),
      instanceType: new InstanceType(ground.config.portfolio.service.instanceType),
      role,
      securityGroup,
      httpTokens: LaunchTemplateHttpTokens.REQUIRED,
      httpPutResponseHopLimit: 1,
      detailedMonitoring: ground.config.portfolio.service.detailedMonitoring,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          // Under the key of EBS: a key of ours would have to trust Auto Scaling, and the disk holds the program and logs.
          volume: BlockDeviceVolume.ebs(20, { encrypted: true, volumeType: EbsDeviceVolumeType.GP3 }),
        },
      ],
      userData: serviceUserData({
        region,
        stack: Aws.STACK_NAME,
        group: Lazy.string({ produce: () => this.logicalId }),
        asset: `${asset.s3BucketName}/${asset.s3ObjectKey}`,
        logGroupName: logGroup.logGroupName,
        environment,
      }),
    });
  }

  /** Of the group: the instances signal to it, and know it before it exists. */
  private get logicalId(): string {
    return Stack.of(this).getLogicalId(this.group.node.defaultChild as CfnAutoScalingGroup);
  }

  private watch(minInstances: number): void {
    declareAlarm(this, {
      id: 'service-instances',
      metric: new Metric({
        namespace: 'AWS/AutoScaling',
        metricName: GroupMetric.IN_SERVICE_INSTANCES.name,
        dimensionsMap: { AutoScalingGroupName: this.group.autoScalingGroupName },
        statistic: 'Minimum',
        period: Duration.minutes(5),
      }),
      threshold: minInstances,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      // A replacement takes a few minutes; what lasts longer does not end by itself.
      periods: 3,
      missingData: TreatMissingData.BREACHING,
      severity: 'page',
      suffering: 'Portfolios are answered by fewer instances than planned, or by none.',
      runbook: 'service-instances',
    });
  }
}
