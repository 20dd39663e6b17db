import { Aws, Duration, Stack } from 'aws-cdk-lib';
import {
  AccountRecovery,
  FeaturePlan,
  type IUserPool,
  type IUserPoolClient,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  StandardThreatProtectionMode,
  UserPool,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { MARKET_SCOPE } from '../../contract/route';
import { acknowledge } from '../compliance/acknowledge';
import { type Config, partitionOf } from '../config';
import { names } from '../names';
import { removalOf } from './log-group';

export interface IdentityProps {
  readonly config: Config;
  /** Where the sign-in page sends browsers back to. */
  readonly consoleOrigin: string;
}

/** Who people and machines are: the user pool, the console's client and the client of machines that read the market. */
export class Identity extends Construct {
  readonly userPool: IUserPool;
  readonly consoleClient: IUserPoolClient;
  readonly machineClient: IUserPoolClient;
  /** Serves the sign-in page, and `/oauth2/token` to machines. */
  readonly signInUrl: string;
  private readonly props: IdentityProps;

  constructor(scope: Construct, id: string, props: IdentityProps) {
    super(scope, id);
    this.props = props;
    const userPool = this.pool();
    this.userPool = userPool;
    // The prefix is global to a region; the account makes it ours.
    const domain = userPool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: `signal9-${props.config.env}-${Aws.ACCOUNT_ID}` },
    });
    // GovCloud has the addresses of validated cryptography only.
    this.signInUrl = domain.baseUrl({ fips: partitionOf(Stack.of(this).region) === 'aws-us-gov' });
    this.consoleClient = this.console();
    this.machineClient = this.machine();
  }

  private pool(): UserPool {
    const { config } = this.props;
    const plus = config.identity.plan === 'plus';
    const pool = new UserPool(this, 'UserPool', {
      userPoolName: names.userPool(config.env),
      // The team invites its users; nobody signs himself up to somebody else's portfolios.
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      autoVerify: { email: true },
      keepOriginal: { email: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      mfa: config.identity.mfa === 'required' ? Mfa.REQUIRED : Mfa.OPTIONAL,
      // No text messages: a phone number can be taken over.
      mfaSecondFactor: { otp: true, sms: false },
      featurePlan: plus ? FeaturePlan.PLUS : FeaturePlan.ESSENTIALS,
      standardThreatProtectionMode: plus ? StandardThreatProtectionMode.FULL_FUNCTION : undefined,
      deletionProtection: config.retain,
      removalPolicy: removalOf(config),
    });
    if (config.identity.mfa !== 'required')
      acknowledge(
        pool,
        'AwsSolutions-COG2',
        'Outside prod a second factor is offered and not demanded, for the conformance suite signs in without a person; prod demands it',
      );
    if (!plus)
      acknowledge(
        pool,
        'AwsSolutions-COG8',
        'Threat protection is paid for by the user, and outside prod there are only test users; prod has it',
      );
    return pool;
  }

  /** A browser keeps no secret: the client has none, and signs in by SRP or on the sign-in page with PKCE. */
  private console(): IUserPoolClient {
    const { consoleOrigin } = this.props;
    return this.userPool.addClient('Console', {
      generateSecret: false,
      authFlows: { userSrp: true },
      oAuth: {
        flows: { authorizationCodeGrant: true },
        // COGNITO_ADMIN is the scope by which the API knows a person.
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.COGNITO_ADMIN],
        callbackUrls: [`${consoleOrigin}/`],
        logoutUrls: [`${consoleOrigin}/`],
      },
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: Duration.hours(1),
      idTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.days(7),
    });
  }

  private machine(): IUserPoolClient {
    const [identifier = '', scopeName = ''] = MARKET_SCOPE.split('/');
    const scope = new ResourceServerScope({ scopeName, scopeDescription: 'Read assets, analyses, news and earnings' });
    const server = this.userPool.addResourceServer('Api', { identifier, scopes: [scope] });
    return this.userPool.addClient('Machine', {
      generateSecret: true,
      authFlows: {},
      oAuth: { flows: { clientCredentials: true }, scopes: [OAuthScope.resourceServer(server, scope)] },
      enableTokenRevocation: true,
      accessTokenValidity: Duration.hours(1),
    });
  }
}
