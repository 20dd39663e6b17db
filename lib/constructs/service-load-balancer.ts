import { Duration } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { type ISecurityGroup, type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2';
import {
  type ApplicationListener,
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  CfnListenerRule,
  type IApplicationLoadBalancer,
  ListenerAction,
  SslPolicy,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { SERVICE_HEALTH_PATH, SERVICE_PORT } from '../../contract/service';
import { type Config, type Region } from '../config';
import { API_STAGE, hostNames } from '../names';
import { Firewall } from './firewall';
import { watchService } from './service-alarms';

export interface ServiceLoadBalancerProps {
  readonly config: Config;
  readonly region: Region;
  /** Encrypts the firewall's log. */
  readonly key: IKey;
  readonly vpc: IVpc;
  /** Imported and closed to new rules. */
  readonly securityGroup: ISecurityGroup;
  /** Takes the access logs. */
  readonly accessLogs: IBucket;
}

/** Where the portfolio service answers, for API Gateway. */
export interface ServiceAddress {
  readonly loadBalancerArn: string;
  /** `http://<its own name>`, or `https://<host>:443` where it has a certificate. */
  readonly url: string;
}

/**
 * The load balancer before the portfolio service. Internal, and reached from API Gateway by its VPC link; where a
 * certificate is configured it faces the internet instead, over HTTPS only and behind a firewall.
 */
export class ServiceLoadBalancer extends Construct {
  readonly dnsName: string;
  readonly targets: ApplicationTargetGroup;
  readonly address: ServiceAddress;
  private readonly balancer: IApplicationLoadBalancer;

  constructor(scope: Construct, id: string, props: ServiceLoadBalancerProps) {
    super(scope, id);
    const { config, region, vpc, securityGroup, accessLogs } = props;
    const certificateArn = config.portfolio.service.certificateArns?.[region];
    const internetFacing = certificateArn !== undefined;
    const balancer = new ApplicationLoadBalancer(this, 'Balancer', {
      vpc,
      vpcSubnets: { subnetType: internetFacing ? SubnetType.PUBLIC : SubnetType.PRIVATE_WITH_EGRESS },
      internetFacing,
      securityGroup,
      deletionProtection: config.retain,
      dropInvalidHeaderFields: true,
      // Longer than API Gateway waits for an answer; the service keeps its connections open for longer still.
      idleTimeout: Duration.seconds(60),
    });
    balancer.logAccessLogs(accessLogs, 'portfolio-service');
    this.balancer = balancer;
    this.dnsName = balancer.loadBalancerDnsName;
    this.targets = new ApplicationTargetGroup(this, 'Targets', {
      vpc,
      targetType: TargetType.INSTANCE,
      protocol: ApplicationProtocol.HTTP,
      port: SERVICE_PORT,
      healthCheck: {
        path: SERVICE_HEALTH_PATH,
        healthyHttpCodes: '200',
        // A service that was told to stop says so for 25 seconds; these 20 are enough to hear it.
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 2,
      },
      // What an instance has begun is answered in this time; service/deploy/signal9-portfolio.service gives it more to stop.
      deregistrationDelay: Duration.seconds(30),
      stickinessCookieDuration: Duration.hours(1),
    });
    if (internetFacing) {
      this.stripStage(this.listenSecurely(certificateArn));
      this.address = this.publicAddress(props);
    } else {
      this.stripStage(this.listen());
      const url = `http://${this.dnsName}`;
      this.address = { loadBalancerArn: this.balancer.loadBalancerArn, url };
    }
    watchService(this, this.targets);
  }

  private listen(): ApplicationListener {
    return this.balancer.addListener('Http', {
      protocol: ApplicationProtocol.HTTP,
      port: 80,
      open: false,
      defaultTargetGroups: [this.targets],
    });
  }

  private listenSecurely(certificateArn: string): ApplicationListener {
    this.balancer.addListener('Http', {
      protocol: ApplicationProtocol.HTTP,
      port: 80,
      open: false,
      defaultAction: ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }),
    });
    return this.balancer.addListener('Https', {
      protocol: ApplicationProtocol.HTTPS,
      port: 443,
      open: false,
      certificates: [Certificate.fromCertificateArn(this, 'Certificate', certificateArn)],
      sslPolicy: SslPolicy.TLS13_RES,
      defaultTargetGroups: [this.targets],
    });
  }

  /**
   * Through a VPC link API Gateway puts its stage before the path, which no mapping of a proxy integration can take away
   * again; the service knows of no stage.
   */
  private stripStage(listener: ApplicationListener): void {
    new CfnListenerRule(this, 'WithoutStage', {
      listenerArn: listener.listenerArn,
      priority: 1,
      conditions: [{ field: 'path-pattern', pathPatternConfig: { values: [`/${API_STAGE}/*`] } }],
      transforms: [
        {
          type: 'url-rewrite',
          urlRewriteConfig: { rewrites: [{ regex: `^/${API_STAGE}/(.*)$`, replace: '/$1' }] },
        },
      ],
      actions: [
        {
          type: 'forward',
          forwardConfig: {
            targetGroups: [{ targetGroupArn: this.targets.targetGroupArn }],
          },
        },
      ],
    });
  }

  private publicAddress(props: ServiceLoadBalancerProps): ServiceAddress {
    const { config, region, key } = props;
    const host = hostNames(config, region)?.service;
    if (!config.domain || !host) throw new Error('a certificate of the service needs a domain');
    new Firewall(this, 'Firewall', {
      config,
      region,
      key,
      of: 'service',
      protectedArn: this.balancer.loadBalancerArn,
    });
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: config.domain.hostedZoneId,
      zoneName: config.domain.name,
    });
    const target = RecordTarget.fromAlias(new LoadBalancerTarget(this.balancer));
    new ARecord(this, 'Address', { zone, recordName: `${host}.`, target });
    return { loadBalancerArn: this.balancer.loadBalancerArn, url: `https://${host}:443` };
  }
}
