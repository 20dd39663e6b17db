import { Duration } from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ClientPasswordAuthType,
  type DatabaseCluster,
  DatabaseProxy,
  DatabaseProxyEndpoint,
  ProxyEndpointTargetRole,
  ProxyTarget,
} from 'aws-cdk-lib/aws-rds';
import { type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { type Config } from '../config';
import { names } from '../names';
import { type LedgerLogs } from './ledger-logs';
import { OwnPolicyRole } from './own-policy-role';

export interface LedgerProxyProps {
  readonly config: Config;
  readonly vpc: IVpc;
  readonly cluster: DatabaseCluster;
  /** What it logs in with. */
  readonly secret: ISecret;
  /** Imported and closed to new rules. */
  readonly securityGroup: ISecurityGroup;
  /** Exist before the proxy writes to one of them. */
  readonly logs: LedgerLogs;
}

/**
 * RDS Proxy in front of the ledger: it pools the connections of many short functions, holds them through a failover, and
 * takes the rotated password by itself. TLS only.
 */
export class LedgerProxy extends Construct {
  readonly writerHost: string;
  readonly readerHost: string;

  constructor(scope: Construct, id: string, props: LedgerProxyProps) {
    super(scope, id);
    const { config, vpc, cluster, secret, securityGroup, logs } = props;
    const place = { vpc, vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED }, securityGroups: [securityGroup] };
    const role = new OwnPolicyRole(this, 'Role', {
      // Without aws:SourceAccount: no document of AWS says that RDS sends it here, and a proxy that may not assume its role
      // finds no password. To hand the role to a service takes iam:PassRole in this account.
      assumedBy: new ServicePrincipal('rds.amazonaws.com'),
      description: "Reads the ledger's secret for its proxy",
    });
    const proxy = new DatabaseProxy(this, 'Proxy', {
      ...place,
      dbProxyName: names.ledger(config.env),
      proxyTarget: ProxyTarget.fromCluster(cluster),
      secrets: [secret],
      role,
      requireTLS: true,
      iamAuth: false,
      clientPasswordAuthType: ClientPasswordAuthType.MYSQL_CACHING_SHA2_PASSWORD,
      // A function has 30 seconds in all: a caller should hear that there is no connection while it can still answer.
      borrowTimeout: Duration.seconds(10),
      // A frozen function keeps its connection open; the next one of a container older than this opens another.
      idleClientTimeout: Duration.minutes(10),
      maxConnectionsPercent: 90,
      maxIdleConnectionsPercent: 20,
    });
    // With its role's policy, so that its first login finds the secret.
    proxy.node.addDependency(logs, role);
    this.writerHost = proxy.endpoint;
    this.readerHost = config.ledger.readers > 0 ? this.readerEndpoint(proxy, place) : proxy.endpoint;
  }

  /** A read-only endpoint needs a reader: without one every request to it fails, so then there is none. */
  private readerEndpoint(
    proxy: DatabaseProxy,
    place: Pick<ConstructorParameters<typeof DatabaseProxyEndpoint>[2], 'vpc' | 'vpcSubnets' | 'securityGroups'>,
  ): string {
    const endpoint = new DatabaseProxyEndpoint(this, 'Readers', {
      ...place,
      dbProxy: proxy,
      targetRole: ProxyEndpointTargetRole.READ_ONLY,
    });
    // The proxy has readers only when its target group knows the cluster.
    endpoint.node.addDependency(proxy);
    return endpoint.endpoint;
  }
}
