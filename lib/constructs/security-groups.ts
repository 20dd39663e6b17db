import { type ISecurityGroup, type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { LEDGER_PORT } from './ledger-access';

export interface SecurityGroupsProps {
  readonly vpc: IVpc;
  /** Whether all functions run in the VPC; those of the ledger always do. */
  readonly functions: boolean;
  /** Whether the VPC has interface endpoints. */
  readonly endpoints: boolean;
}

/** The groups along the only way to the ledger. */
export interface LedgerGroups {
  /** Of the functions that need the ledger. Accepts nothing. */
  readonly functions: ISecurityGroup;
  readonly proxy: ISecurityGroup;
  readonly cluster: ISecurityGroup;
  /** Of the function that changes the ledger's password. Accepts nothing. */
  readonly rotation: ISecurityGroup;
}

/**
 * Every security group of the platform, and the table of who may talk to whom:
 *
 * | from             | to             | port | why                                                             |
 * |------------------|----------------|------|-----------------------------------------------------------------|
 * | functions        | anywhere       | 443  | the data providers, and AWS's services where no endpoint serves |
 * | ledger functions | anywhere       | 443  | the same                                                        |
 * | rotation         | anywhere       | 443  | Secrets Manager, where no endpoint serves                       |
 * | each of these    | endpoints      | 443  | AWS's services through their endpoints                          |
 * | ledger functions | ledger proxy   | 3306 | trades                                                          |
 * | ledger proxy     | ledger cluster | 3306 | what the functions ask                                          |
 * | rotation         | ledger cluster | 3306 | sets the new password, and tries it                             |
 *
 * All of them live in Network, with literal ports, so that no rule makes two later stacks depend on each other; Data
 * imports the ledger's by id and cannot add a rule. The groups of the portfolio's database, the cache, the load balancer
 * and the service join the table when those are built.
 */
export class SecurityGroups extends Construct {
  /** Of our functions. Accepts nothing. */
  readonly functions?: ISecurityGroup;
  /** Of the interface endpoints. Starts nothing. */
  readonly endpoints?: ISecurityGroup;
  readonly ledger: LedgerGroups;

  constructor(scope: Construct, id: string, props: SecurityGroupsProps) {
    super(scope, id);
    const { vpc } = props;
    if (props.functions) this.functions = this.caller('Functions', vpc, 'Functions of the platform');
    this.ledger = this.ledgerGroups(vpc);
    if (props.endpoints) {
      this.endpoints = this.group('Endpoints', vpc, 'Interface endpoints: HTTPS from the functions, nothing out');
      for (const caller of [this.functions, this.ledger.functions, this.ledger.rotation])
        if (caller) this.endpoints.addIngressRule(caller, Port.tcp(443), 'functions call services of AWS');
    }
  }

  private ledgerGroups(vpc: IVpc): LedgerGroups {
    const functions = this.caller('LedgerFunctions', vpc, 'Functions of the ledger');
    const rotation = this.caller('LedgerRotation', vpc, 'Rotation of the password of the ledger');
    const proxy = this.group('LedgerProxy', vpc, 'The proxy of the ledger: its functions in, the cluster out');
    const cluster = this.group('LedgerCluster', vpc, 'The ledger: its proxy and its rotation in, nothing out');
    // EC2 lets a group start everything whose own resource lists no rule; a rule of its own resource may come later.
    proxy.addEgressRule(Peer.ipv4('127.0.0.1/32'), Port.tcp(LEDGER_PORT), 'nobody: the rule to the cluster is beside');
    connect(functions, proxy, 'functions of the ledger to its proxy');
    connect(proxy, cluster, 'the proxy of the ledger to its cluster');
    connect(rotation, cluster, 'the rotation to the cluster of the ledger');
    return { functions, proxy, cluster, rotation };
  }

  /** A group that accepts nothing and calls over HTTPS. */
  private caller(id: string, vpc: IVpc, who: string): SecurityGroup {
    const group = this.group(id, vpc, `${who}: nothing in, HTTPS out`);
    group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'the data providers and services of AWS');
    return group;
  }

  private group(id: string, vpc: IVpc, description: string): SecurityGroup {
    return new SecurityGroup(this, id, { vpc, description, allowAllOutbound: false });
  }
}

/** Both ends of the ledger's wire: the one may start, the other accepts. */
function connect(from: SecurityGroup, to: SecurityGroup, description: string): void {
  from.addEgressRule(to, Port.tcp(LEDGER_PORT), description);
  to.addIngressRule(from, Port.tcp(LEDGER_PORT), description);
}
