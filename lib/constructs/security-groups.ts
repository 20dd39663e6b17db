import { type ISecurityGroup, type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { SERVICE_PORT } from '../../contract/service';
import { acknowledge } from '../compliance/acknowledge';
import { CACHE_PORT } from './cache-access';
import { LEDGER_PORT } from './ledger-access';
import { PORTFOLIO_PORT } from './portfolio-access';
import { type ServiceListener } from './service-listener';

export interface SecurityGroupsProps {
  readonly vpc: IVpc;
  /** Whether all functions run in the VPC; those of a database always do. */
  readonly functions: boolean;
  /** Whether the VPC has interface endpoints. */
  readonly endpoints: boolean;
  /** Whether an instance is the way out of the private subnets. */
  readonly nat: boolean;
  /** Whether the ledger is reached through its proxy; without one its functions reach the cluster. */
  readonly ledgerProxy: boolean;
  /** How the load balancer of the portfolios listens. */
  readonly listener: ServiceListener;
}

/** The groups along the only way to the ledger. */
export interface LedgerGroups {
  /** Of the functions that need the ledger. Accepts nothing. */
  readonly functions: ISecurityGroup;
  /** @default there is no proxy: the functions reach the cluster */
  readonly proxy?: ISecurityGroup;
  readonly cluster: ISecurityGroup;
}

/** The groups around the portfolios: their database, their cache, and the service with its load balancer. */
export interface PortfolioGroups {
  /** Of the functions that need the portfolios' database. Accepts nothing. */
  readonly functions: ISecurityGroup;
  readonly database: ISecurityGroup;
  readonly cache: ISecurityGroup;
  /** Of API Gateway's VPC link. Accepts nothing. */
  readonly vpcLink: ISecurityGroup;
  readonly loadBalancer: ISecurityGroup;
  /** Of the service's instances. */
  readonly service: ISecurityGroup;
}

/**
 * Every security group of the platform, and the table of who may talk to whom:
 *
 * | from                | to                 | port | why                                                             |
 * |---------------------|--------------------|------|-----------------------------------------------------------------|
 * | functions           | anywhere           | 443  | the data providers, and AWS's services where no endpoint serves |
 * | ledger functions    | anywhere           | 443  | the same                                                        |
 * | portfolio functions | anywhere           | 443  | the same                                                        |
 * | portfolio service   | anywhere           | 443  | the same                                                        |
 * | each of these       | endpoints          | 443  | AWS's services through their endpoints                          |
 * | ledger functions    | ledger proxy       | 3306 | trades                                                          |
 * | ledger proxy        | ledger cluster     | 3306 | what the functions ask                                          |
 * | portfolio functions | portfolio database | 5433 | trades recorded, days closed                                    |
 * | portfolio service   | portfolio database | 5433 | portfolios                                                      |
 * | portfolio service   | portfolio cache    | 6379 | quotes                                                          |
 * | VPC link            | load balancer      | 443  | the REST routes; 80 where the platform has no domain            |
 * | load balancer       | portfolio service  | 8080 | the same, and whether it is healthy                             |
 * | private subnets     | NAT instance       | 443  | what leaves the VPC, where an instance is the way out           |
 * | NAT instance        | anywhere           | 443  | the same, and its own packages                                  |
 *
 * Where the configuration has no proxy, the functions of the ledger reach its cluster themselves, on the same port. Where it opens the load balancer to the internet, anywhere may reach its 443, and its 80, which redirects.
 *
 * All of them live in Network, with literal ports, so that no rule makes two later stacks depend on each other; whoever
 * wears one to the right imports it by id and cannot add a rule.
 */
export class SecurityGroups extends Construct {
  /** Of our functions. Accepts nothing. */
  readonly functions?: ISecurityGroup;
  /** Of the interface endpoints. Starts nothing. */
  readonly endpoints?: ISecurityGroup;
  /** Of the NAT instance. */
  readonly nat?: ISecurityGroup;
  readonly ledger: LedgerGroups;
  readonly portfolio: PortfolioGroups;

  constructor(scope: Construct, id: string, props: SecurityGroupsProps) {
    super(scope, id);
    const { vpc, listener } = props;
    if (props.functions) this.functions = this.caller('Functions', vpc, 'Functions of the platform');
    this.ledger = this.ledgerGroups(vpc, props.ledgerProxy);
    this.portfolio = this.portfolioGroups(vpc, listener);
    if (props.nat) this.nat = this.natGroup(vpc);
    if (props.endpoints) {
      this.endpoints = this.group('Endpoints', vpc, 'Interface endpoints: HTTPS from their callers, nothing out');
      const { ledger, portfolio } = this;
      for (const caller of [this.functions, ledger.functions, portfolio.functions, portfolio.service])
        if (caller) this.endpoints.addIngressRule(caller, Port.tcp(443), 'calls of services of AWS');
    }
  }

  /** By addresses: EC2 does not know a caller's group behind a machine that forwards. */
  private natGroup(vpc: IVpc): SecurityGroup {
    const group = this.caller('Nat', vpc, 'The NAT instance: HTTPS of the private subnets in', '');
    for (const { ipv4CidrBlock } of vpc.privateSubnets)
      group.addIngressRule(Peer.ipv4(ipv4CidrBlock), Port.tcp(443), 'what leaves a private subnet');
    return group;
  }

  private ledgerGroups(vpc: IVpc, hasProxy: boolean): LedgerGroups {
    const functions = this.caller('LedgerFunctions', vpc, 'Functions of the ledger');
    const cluster = this.group('LedgerCluster', vpc, 'The ledger: its proxy or its functions in, nothing out');
    if (!hasProxy) {
      connect(functions, cluster, LEDGER_PORT, 'functions of the ledger to its cluster');
      return { functions, cluster };
    }
    const proxy = this.group('LedgerProxy', vpc, 'The proxy of the ledger: its functions in, the cluster out');
    closeBeside(proxy, LEDGER_PORT, 'the cluster');
    connect(functions, proxy, LEDGER_PORT, 'functions of the ledger to its proxy');
    connect(proxy, cluster, LEDGER_PORT, 'the proxy of the ledger to its cluster');
    return { functions, proxy, cluster };
  }

  private portfolioGroups(vpc: IVpc, { port, internetFacing }: ServiceListener): PortfolioGroups {
    const functions = this.caller('PortfolioFunctions', vpc, 'Functions of the portfolios');
    const service = this.caller('PortfolioService', vpc, 'The portfolio service: its load balancer in', '');
    const database = this.group('PortfolioDatabase', vpc, 'The portfolios: functions and service in, nothing out');
    const cache = this.group('PortfolioCache', vpc, 'The cache: the portfolio service in, nothing out');
    const vpcLink = this.group('VpcLink', vpc, 'The VPC link of API Gateway: nothing in, the load balancer out');
    const loadBalancer = this.group('LoadBalancer', vpc, 'The load balancer: REST in, the portfolio service out');
    closeBeside(vpcLink, port, 'the load balancer');
    closeBeside(loadBalancer, SERVICE_PORT, 'the service');
    connect(functions, database, PORTFOLIO_PORT, 'functions of the portfolios to their database');
    connect(service, database, PORTFOLIO_PORT, 'the portfolio service to its database');
    connect(service, cache, CACHE_PORT, 'the portfolio service to its cache');
    connect(vpcLink, loadBalancer, port, 'API Gateway to the load balancer');
    connect(loadBalancer, service, SERVICE_PORT, 'the load balancer to the portfolio service');
    if (internetFacing) this.open(loadBalancer);
    return { functions, database, cache, vpcLink, loadBalancer, service };
  }

  private open(loadBalancer: SecurityGroup): void {
    loadBalancer.addIngressRule(Peer.anyIpv4(), Port.tcp(443), 'the world, over TLS');
    loadBalancer.addIngressRule(Peer.anyIpv4(), Port.tcp(80), 'the world, to be sent to 443');
    acknowledge(
      loadBalancer,
      'AwsSolutions-EC23',
      'A certificate in the configuration asks for a load balancer that faces the internet: 443 serves, and 80 answers with a redirect to it and nothing else',
    );
  }

  /** A group that calls over HTTPS, and accepts nothing unless a rule beside it says so. */
  private caller(id: string, vpc: IVpc, who: string, accepts = ': nothing in'): SecurityGroup {
    const group = this.group(id, vpc, `${who}${accepts}, HTTPS out`);
    group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'the data providers and services of AWS');
    return group;
  }

  private group(id: string, vpc: IVpc, description: string): SecurityGroup {
    return new SecurityGroup(this, id, { vpc, description, allowAllOutbound: false });
  }
}

/** EC2 lets a group start everything whose own resource lists no rule; a rule of its own resource may come later. */
function closeBeside(group: SecurityGroup, port: number, to: string): void {
  group.addEgressRule(Peer.ipv4('127.0.0.1/32'), Port.tcp(port), `nobody: the rule to ${to} is beside`);
}

/** Both ends of a wire: the one may start, the other accepts. */
function connect(from: SecurityGroup, to: SecurityGroup, port: number, description: string): void {
  from.addEgressRule(to, Port.tcp(port), description);
  to.addIngressRule(from, Port.tcp(port), description);
}
