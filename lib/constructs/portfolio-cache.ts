import { CfnServerlessCache, CfnUser, CfnUserGroup } from 'aws-cdk-lib/aws-elasticache';
import { type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from '../compliance/acknowledge';
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

/**
 * What the service may say: its keys with a time to live, and what its client says on its own account, which asks a
 * cluster for its slots (ElastiCache Serverless is always one) and a server whether it is ready.
 */
const COMMANDS = ['get', 'mget', 'set', 'ping', 'info', 'cluster|slots', 'cluster|info', 'readonly', 'readwrite'];

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
    const user = new CfnUser(this, 'User', {
      engine: 'valkey',
      userId: name,
      userName: USER,
      authenticationMode: {
        Type: 'password',
        // A reference that CloudFormation resolves when it makes the user: the password stands in no template.
        Passwords: [secret.secretValueFromJson('password').unsafeUnwrap()],
      },
      accessString: ['on', `~${KEYS}`, '-@all', ...COMMANDS.map((command) => `+${command}`)].join(' '),
    });
    // Of Valkey's engine, which wants no user named default: who comes without a name is refused.
    const users = new CfnUserGroup(this, 'Users', { engine: 'valkey', userGroupId: name, userIds: [user.ref] });
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

  /** Of letters and digits only: the password is read by ElastiCache, which takes no others for granted. */
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
    acknowledge(
      secret,
      'AwsSolutions-SMG4',
      'Secrets Manager has no rotation for users of ElastiCache, and CloudFormation sets the password when it makes the user: it is changed by hand, by two passwords at once and without a gap (docs/runbook.md#cache-password). It opens quotes that anybody may buy, from within one security group',
    );
    return secret;
  }
}
