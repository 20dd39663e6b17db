import { CfnServerlessCache, CfnUser, CfnUserGroup } from 'aws-cdk-lib/aws-elasticache';
import { type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeRule } from '../compliance/acknowledge';
import { type Config } from '../config';
import { names } from '../names';
import { CACHE_PORT, type CacheAccess } from './cache-access';
import { watchCache } from './cache-alarms';
import { removalOf } from './log-group';
import { type PortfolioGroups } from './security-groups';

/** Also in the secret, where the service finds it. */
const USER = 'portfolio-service';

/** What every key of the service begins with. */
const KEYS = 'signal9:*';

/** What the service may say of its keys. Its client says nothing on its own account but who it is (adapters/market). */
const COMMANDS = ['get', 'set', 'ping'];

const CHANGED_BY_HAND =
  'CloudFormation hosts rotation for databases only; the function that AWS offers for users of ElastiCache changes the password and restarts nobody, while the service reads it when it starts. It is changed by hand every 90 days, by two passwords at once and without a gap (docs/runbook.md#cache-password). It opens quotes that anybody may buy, from within one security group';

export interface PortfolioCacheProps {
  readonly config: Config;
  /** Encrypts the cache, its snapshots and the secret. */
  readonly key: IKey;
  readonly vpc: IVpc;
  readonly groups: Pick<PortfolioGroups, 'cache'>;
}

/**
 * The cache of the portfolio service: ElastiCache Serverless for Valkey, which speaks TLS and nothing else. Nothing in it
 * that the provider could not say again: it goes with its stack in every environment.
 */
export class PortfolioCache extends Construct {
  readonly access: CacheAccess;
  /** For outputs. */
  readonly name: string;

  constructor(scope: Construct, id: string, props: PortfolioCacheProps) {
    super(scope, id);
    const { config, key, vpc, groups } = props;
    const secret = this.secret(props);
    const name = names.portfolio(config.env);
    this.name = name;
    const access = ['on', `~${KEYS}`, '-@all', ...COMMANDS.map((command) => `+${command}`)].join(' ');
    const service = this.user('User', { id: name, name: USER, access, secret });
    // Who comes without a name is `default`, and goes again: off, whatever the password.
    const nobody = this.user('Nobody', { id: `${name}-nobody`, name: 'default', access: 'off -@all', secret });
    const users = new CfnUserGroup(this, 'Users', {
      engine: 'valkey',
      userGroupId: name,
      userIds: [service.ref, nobody.ref],
    });
    const cache = new CfnServerlessCache(this, 'Cache', {
      engine: 'valkey',
      majorEngineVersion: '8',
      serverlessCacheName: name,
      description: 'Quotes for the portfolio service, a minute each',
      cacheUsageLimits: {
        dataStorage: { maximum: config.portfolio.cache.maxStorageGb, unit: 'GB' },
        ecpuPerSecond: { maximum: config.portfolio.cache.maxEcpuPerSecond },
      },
      dailySnapshotTime: '03:00',
      snapshotRetentionLimit: 1,
      kmsKeyId: key.keyArn,
      userGroupId: users.ref,
      subnetIds: vpc.selectSubnets({ subnetType: SubnetType.PRIVATE_ISOLATED }).subnetIds,
      securityGroupIds: [groups.cache.securityGroupId],
    });
    this.access = {
      secretArn: secret.secretArn,
      keyArn: key.keyArn,
      host: cache.attrEndpointAddress,
      port: CACHE_PORT,
    };
    watchCache(this, config);
  }

  private user(id: string, of: { id: string; name: string; access: string; secret: Secret }): CfnUser {
    return new CfnUser(this, id, {
      engine: 'valkey',
      userId: of.id,
      userName: of.name,
      accessString: of.access,
      authenticationMode: {
        Type: 'password',
        // A reference that CloudFormation resolves when it makes the user: the password stands in no template.
        Passwords: [of.secret.secretValueFromJson('password').unsafeUnwrap()],
      },
    });
  }

  /** Of letters and digits only: neither ElastiCache nor a shell has to be told about others. */
  private secret({ config, key }: PortfolioCacheProps): Secret {
    const secret = new Secret(this, 'Secret', {
      secretName: names.secret(config.env, 'cache'),
      description: "Valkey, the portfolio service's cache: user and password",
      encryptionKey: key,
      removalPolicy: removalOf(config),
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: USER }),
        generateStringKey: 'password',
        passwordLength: 40,
        excludePunctuation: true,
      },
    });
    acknowledge(secret, 'AwsSolutions-SMG4', CHANGED_BY_HAND);
    acknowledgeRule(secret, 'SecretsManagerRotationEnabled', CHANGED_BY_HAND);
    return secret;
  }
}
