import { type ISecurityGroup, type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

export interface SecurityGroupsProps {
  readonly vpc: IVpc;
  /** Whether functions run in the VPC. */
  readonly functions: boolean;
  /** Whether the VPC has interface endpoints. */
  readonly endpoints: boolean;
}

/**
 * Every security group of the platform, and the table of who may talk to whom:
 *
 * | from      | to        | port | why                                                             |
 * |-----------|-----------|------|-----------------------------------------------------------------|
 * | functions | anywhere  | 443  | the data providers, and AWS's services where no endpoint serves |
 * | functions | endpoints | 443  | AWS's services through their endpoints                          |
 *
 * All of them live in Network, so that no rule makes two later stacks depend on each other. The groups of the databases,
 * their proxies, the cache, the load balancer and the service join the table when those are built.
 */
export class SecurityGroups extends Construct {
  /** Of our functions. Accepts nothing. */
  readonly functions?: ISecurityGroup;
  /** Of the interface endpoints. Starts nothing. */
  readonly endpoints?: ISecurityGroup;

  constructor(scope: Construct, id: string, props: SecurityGroupsProps) {
    super(scope, id);
    const { vpc } = props;
    if (props.functions) {
      this.functions = this.group('Functions', vpc, 'Functions of the platform: nothing in, HTTPS out');
      this.functions.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'the data providers and services of AWS');
    }
    if (props.endpoints) {
      this.endpoints = this.group('Endpoints', vpc, 'Interface endpoints: HTTPS from the functions, nothing out');
      if (this.functions)
        this.endpoints.addIngressRule(this.functions, Port.tcp(443), 'functions call services of AWS');
    }
  }

  private group(id: string, vpc: IVpc, description: string): ISecurityGroup {
    return new SecurityGroup(this, id, { vpc, description, allowAllOutbound: false });
  }
}
