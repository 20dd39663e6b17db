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
import { acknowledge, acknowledgeRule } from '../compliance/acknowledge';
import { cidrOf, type Config, type Region } from '../config';
import { API_STAGE, hostNames } from '../names';
import { Firewall } from './firewall';
import { serviceListener } from './service-listener';
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
  /** `https://<host>:443`, or `http://<its own name>` where the platform has no domain. */
  readonly url: string;
}

/**
 * The load balancer before the portfolio service. Internal, and reached from API Gateway by its VPC link; where the
 * configuration names a certificate for it, it faces the internet instead. Over HTTPS and behind a firewall wherever the
 * platform has a domain.
 */
export class ServiceLoadBalancer extends Construct {
  readonly dnsName: string;
  readonly targets: ApplicationTargetGroup;
  readonly address: ServiceAddress;
  private readonly balancer: IApplicationLoadBalancer;

  constructor(scope: Construct, id: string, props: ServiceLoadBalancerProps) {
    super(scope, id);
    const { config, region, key, vpc, securityGroup, accessLogs } = props;
    const { certificateArn, internetFacing } = serviceListener(config, region);
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
    const host = certificateArn === undefined ? undefined : hostNames(config, region)?.service;
    this.stripStage(certificateArn === undefined ? this.listen() : this.listenSecurely(certificateArn));
    if (certificateArn !== undefined && config.api.firewall)
      new Firewall(this, 'Firewall', {
        config,
        region,
        key,
        of: 'service',
        protectedArn: balancer.loadBalancerArn,
        // All that comes from API Gateway comes from the few addresses of its link; the API's firewall counted its callers.
        shared: cidrOf(config, region),
      });
    if (internetFacing) {
      this.redirect();
      this.publish(config, host);
    }
    // API Gateway finds the load balancer by its link: the name is what the certificate must be for, and is in no record.
    const url = host === undefined ? `http://${this.dnsName}` : `https://${host}:443`;
    this.address = { loadBalancerArn: balancer.loadBalancerArn, url };
    watchService(this, balancer, this.targets);
  }

  private listen(): ApplicationListener {
    const listener = this.balancer.addListener('Http', {
      protocol: ApplicationProtocol.HTTP,
      port: 80,
      open: false,
      defaultTargetGroups: [this.targets],
    });
    const withoutCertificate =
      'No public certificate can be had for the name that AWS gives a load balancer, so an environment without a domain has none. The load balancer is internal then: API Gateway reaches it by its VPC link, inside the VPC, and the service checks the token of each request. In prod the rule packs stop the synthesis of such a listener';
    acknowledge(listener, 'Checkov-CKV_AWS_2', withoutCertificate);
    acknowledge(listener, 'Checkov-CKV_AWS_103', withoutCertificate);
    return listener;
  }

  /** For people who type the name; API Gateway never comes by here. */
  private redirect(): void {
    const listener = this.balancer.addListener('Http', {
      protocol: ApplicationProtocol.HTTP,
      port: 80,
      open: false,
      defaultAction: ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }),
    });
    acknowledgeRule(
      listener,
      'ELBv2ACMCertificateRequired',
      'A listener for HTTP takes no certificate: this one answers with a redirect to HTTPS and nothing else, and the listener there has one of ACM',
    );
  }

  private listenSecurely(certificateArn: string): ApplicationListener {
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

  /** The name for the world, where the load balancer faces it. */
  private publish({ domain }: Config, host?: string): void {
    if (!domain || !host) throw new Error('a load balancer that faces the internet needs a domain');
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: domain.hostedZoneId,
      zoneName: domain.name,
    });
    const target = RecordTarget.fromAlias(new LoadBalancerTarget(this.balancer));
    new ARecord(this, 'Address', { zone, recordName: `${host}.`, target });
  }
}
