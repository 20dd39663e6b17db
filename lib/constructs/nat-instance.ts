import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Aws, Duration, Fn, Lazy, Stack, Tags } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import {
  AmazonLinuxCpuType,
  CfnInstance,
  type ISecurityGroup,
  type IVpc,
  MachineImage,
  PrivateSubnet,
  RouterType,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { acknowledge } from '../compliance/acknowledge';
import { type Config, type Region } from '../config';
import { names } from '../names';
import { instanceStart } from './instance-start';

export interface NatInstanceProps {
  readonly config: Config;
  readonly region: Region;
  readonly vpc: IVpc;
  /** Address block of the VPC: nothing else is forwarded. */
  readonly cidr: string;
  /** Accepts HTTPS of the private subnets, and starts HTTPS. */
  readonly securityGroup: ISecurityGroup;
}

/** By which NatAlarm of Monitoring knows the alarm on the instance. */
export const NAT_STATUS = 'nat-status';

const SCRIPT = join(__dirname, 'nat-instance.sh');

/** A new instance routes only after it has said that it can: its downloads take two to three minutes. */
const START = 'PT15M';

/**
 * The private subnets' way out where a NAT gateway would cost more than all that it serves (ADR 29): one small instance in
 * a public subnet, which forwards HTTPS and nothing else. It has no role and no key pair, and nobody signs in.
 *
 * Another image or another script makes another instance. CloudFormation makes the new one, waits for its signal, turns the
 * routes to it and only then removes the old one: what is lost are the connections that are open at that moment.
 */
export class NatInstance extends Construct {
  constructor(scope: Construct, id: string, props: NatInstanceProps) {
    super(scope, id);
    const { config, region, vpc, cidr, securityGroup } = props;
    const [subnet] = vpc.publicSubnets;
    if (!subnet) throw new Error('a NAT instance needs a public subnet');
    // User data runs once in the life of an instance: other user data is another instance, hence another logical id.
    // Without the references: what stands for them while the app runs is another at each synthesis.
    const userData = (STACK = '', RESOURCE = ''): string =>
      ['#!/bin/bash', ...instanceStart({ STACK, RESOURCE, REGION: region, CIDR: cidr }, SCRIPT), ''].join('\n');
    const hash = createHash('sha256').update(userData()).digest('hex').slice(0, 8).toUpperCase();
    const instance: CfnInstance = new CfnInstance(this, 'Instance', {
      imageId: MachineImage.latestAmazonLinux2023({ cpuType: AmazonLinuxCpuType.ARM_64 }).getImage(this).imageId,
      instanceType: 't4g.nano',
      // Its start needs more than the twentieth of a processor that a nano may use for long.
      creditSpecification: { cpuCredits: 'unlimited' },
      metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
      sourceDestCheck: false,
      networkInterfaces: [
        {
          deviceIndex: '0',
          subnetId: subnet.subnetId,
          groupSet: [securityGroup.securityGroupId],
          // The subnet gives none away by itself.
          associatePublicIpAddress: true,
          deleteOnTermination: true,
        },
      ],
      blockDeviceMappings: [
        {
          deviceName: '/dev/xvda',
          ebs: { volumeSize: 8, volumeType: 'gp3', encrypted: true, deleteOnTermination: true },
        },
      ],
      propagateTagsToVolumeOnCreation: true,
      userData: Fn.base64(userData(Aws.STACK_NAME, Lazy.string({ produce: () => instance.logicalId }))),
    });
    instance.overrideLogicalId(`${Stack.of(this).getLogicalId(instance)}${hash}`);
    Tags.of(instance).add('Name', this.node.path);
    instance.cfnOptions.creationPolicy = { resourceSignal: { count: 1, timeout: START } };
    instance.node.addDependency(subnet.internetConnectivityEstablished);
    this.acknowledgeFindings(instance);
    this.route(vpc, instance);
    this.watch(config, region, instance);
  }

  private route(vpc: IVpc, instance: CfnInstance): void {
    for (const subnet of vpc.privateSubnets) {
      if (!(subnet instanceof PrivateSubnet)) throw new Error(`the routes of ${subnet.node.path} are not ours`);
      // The name that a gateway's route has too: to change from one to the other is to turn the route.
      subnet.addRoute('DefaultRoute', {
        routerType: RouterType.INSTANCE,
        routerId: instance.ref,
        enablesInternetConnectivity: true,
      });
    }
  }

  /**
   * Made here and heard through NatAlarm in Monitoring, which knows it by its name: the id of the instance must not be an
   * export, for it changes with the instance. When the machine below fails, EC2 starts the instance on another by itself.
   */
  private watch(config: Config, region: Region, instance: CfnInstance): void {
    new Alarm(this, 'Status', {
      alarmName: names.alarm(config.env, region, NAT_STATUS),
      alarmDescription: `Told by ${names.alarm(config.env, region, 'nat-instance')}, whose description says what to do`,
      metric: new Metric({
        namespace: 'AWS/EC2',
        metricName: 'StatusCheckFailed',
        dimensionsMap: { InstanceId: instance.ref },
        statistic: 'Maximum',
        period: Duration.minutes(1),
      }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // A recovery by EC2 takes some minutes.
      evaluationPeriods: 5,
      // A stopped instance has no status: the alarm then has no data, which NatAlarm takes for a failure.
      treatMissingData: TreatMissingData.MISSING,
    });
  }

  private acknowledgeFindings(instance: CfnInstance): void {
    acknowledge(
      instance,
      'AwsSolutions-EC28',
      'Its status is checked every minute without detailed monitoring, and alarmed on; nothing scales by its other metrics',
    );
    acknowledge(
      instance,
      'AwsSolutions-EC29',
      'CloudFormation replaces the instance when its image changes, which termination protection would forbid; it holds nothing, and an alarm tells when it is gone',
    );
    acknowledge(
      instance,
      'Checkov-CKV_AWS_88',
      'It is the way out of the private subnets, so it stands in a public one with an address of its own, as a NAT gateway would. Its security group takes HTTPS from the private subnets and nothing from the internet',
    );
  }
}
