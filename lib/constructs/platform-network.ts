import { Aws } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  type ISecurityGroup,
  type IVpc,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { acknowledgeRule } from '../compliance/acknowledge';
import { cidrOf, type Config, type Region, REGIONS } from '../config';
import { EncryptedLogGroup } from './log-group';
import { NatInstance } from './nat-instance';
import { OwnPolicyRole } from './own-policy-role';
import { keepProviderLogs } from './provider-logs';

export interface PlatformNetworkProps {
  readonly config: Config;
  readonly region: Region;
  /** Encrypts the flow logs. */
  readonly key: IKey;
}

/**
 * The VPC: public subnets for what the internet may reach, private ones with a way out through NAT, isolated ones for
 * data stores. Flow logs of all traffic, endpoints for S3 and DynamoDB, and a default security group that allows nothing.
 */
export class PlatformNetwork extends Construct {
  readonly vpc: IVpc;
  private readonly props: PlatformNetworkProps;

  constructor(scope: Construct, id: string, props: PlatformNetworkProps) {
    super(scope, id);
    this.props = props;
    const { network } = props.config;
    const { availabilityZones } = REGIONS[props.region];
    this.vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(cidrOf(props.config, props.region)),
      availabilityZones: network.zones?.[props.region] ?? availabilityZones.slice(0, network.availabilityZones),
      // An instance is added below, when it has its security group.
      natGateways: network.nat === 'gateway' ? network.natGateways : 0,
      restrictDefaultSecurityGroup: network.closeDefaultSecurityGroup,
      subnetConfiguration: [
        // Nothing gets a public address by merely being started here: load balancers and NAT bring their own.
        { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: 'private', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
        { name: 'isolated', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
      gatewayEndpoints: {
        S3: { service: GatewayVpcEndpointAwsService.S3 },
        DynamoDB: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
    });
    this.logFlows();
    for (const { node } of this.vpc.publicSubnets)
      acknowledgeRule(
        node.findChild('DefaultRoute'),
        'VPCNoUnrestrictedRouteToIGW',
        'A public subnet is one with this route: here stands the NAT, by which private subnets reach the data providers, and a load balancer only where the configuration opens one. Nothing gets a public address by being started here, and private and isolated subnets have no such route',
      );
    if (network.closeDefaultSecurityGroup)
      keepProviderLogs(this, 'Custom::VpcRestrictDefaultSGCustomResourceProvider', props);
  }

  /** Routes what leaves the private subnets through an instance, where the configuration wants no gateway. */
  addNatInstance(securityGroup: ISecurityGroup): void {
    const { config, region } = this.props;
    new NatInstance(this, 'Nat', { config, region, vpc: this.vpc, cidr: cidrOf(config, region), securityGroup });
  }

  private logFlows(): void {
    const { config, key } = this.props;
    const role = new OwnPolicyRole(this, 'FlowLogRole', {
      assumedBy: new ServicePrincipal('vpc-flow-logs.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
      description: 'Writes the flow logs of the VPC',
    });
    const logGroup = new EncryptedLogGroup(this, 'FlowLogs', { config, key });
    this.vpc.addFlowLog('FlowLog', {
      destination: FlowLogDestination.toCloudWatchLogs(logGroup, role),
      trafficType: FlowLogTrafficType.ALL,
    });
  }
}
