import { type IEventBus } from 'aws-cdk-lib/aws-events';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type IBucket } from 'aws-cdk-lib/aws-s3';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { type Construct } from 'constructs';
import { constructId } from '../construct-id';
import { apiDomain } from '../constructs/api-domain';
import { ApiFunctions } from '../constructs/api-functions';
import { ConsoleConfig } from '../constructs/console-config';
import { ContractApi } from '../constructs/contract-api';
import { Firewall } from '../constructs/firewall';
import { Identity } from '../constructs/identity';
import { LiveApi } from '../constructs/live-api';
import {
  type FunctionGround,
  type FunctionPlacement,
  type LedgerGround,
  type PortfolioGround,
  type Tables,
} from '../constructs/function-ground';
import { type ProviderSecrets } from '../constructs/provider-secrets';
import { type ServiceLinkProps } from '../constructs/service-link';
import { names } from '../names';
import { PlatformStack, type PlatformStackProps } from '../platform-stack';

export interface ApiStackProps extends PlatformStackProps {
  /** The platform's key. */
  readonly key: IKey;
  readonly secrets: ProviderSecrets;
  readonly tables: Tables;
  readonly bus: IEventBus;
  /** The console's files. */
  readonly console: IBucket;
  /** The only origin that CORS lets in. */
  readonly consoleOrigin: string;
  /** By which the firewall knows what came through CloudFront. */
  readonly edge: string;
  /** Where functions run. @default outside the VPC */
  readonly placement?: FunctionPlacement;
  readonly ledger: LedgerGround;
  readonly portfolio: PortfolioGround;
  /** The way to the portfolio service. */
  readonly service: ServiceLinkProps;
}

/** What the outside reaches: who people are, the REST and the WebSocket API with the functions behind them, a firewall. */
export class ApiStack extends PlatformStack {
  constructor(scope: Construct, props: ApiStackProps) {
    super(scope, 'Api', 'users, the REST and the WebSocket API, their functions and a firewall', props);
    const { config, region, key, secrets, tables, bus, placement, ledger, portfolio, service, consoleOrigin } = props;
    const ground: FunctionGround = { config, key, tables, bus, secrets, placement, ledger, portfolio };

    const identity = new Identity(this, 'Identity', { config, consoleOrigin });
    const { userPool, consoleClient, machineClient, signInUrl } = identity;
    const functions = new ApiFunctions(this, 'Functions', { ground, consoleOrigin });
    const { url, stageArn, account } = new ContractApi(this, 'Rest', {
      config,
      key,
      userPool,
      functions: functions.byId,
      service,
      corsOrigin: consoleOrigin,
      domain: apiDomain(config, region, 'api'),
    });
    if (config.api.firewall) {
      const edge = config.domain && config.console === undefined ? props.edge : undefined;
      new Firewall(this, 'Firewall', { config, region, key, protectedArn: stageArn, edge });
    }
    const live = new LiveApi(this, 'LiveApi', {
      ground,
      userPoolId: userPool.userPoolId,
      account,
      domain: apiDomain(config, region, 'live'),
    });
    // The portfolio service, a stack to the left, looks it up.
    new StringParameter(this, 'UserPoolParameter', {
      parameterName: names.userPoolParameter(config.env),
      description: 'The user pool whose tokens the portfolio service accepts',
      stringValue: userPool.userPoolId,
    });

    new ConsoleConfig(this, 'ConsoleConfig', {
      ground,
      bucket: props.console,
      content: {
        env: config.env,
        region,
        // Under a domain the console and the API are one origin (/api/* in Storage).
        api_url: config.domain ? `${consoleOrigin}/api` : url,
        live_url: live.url,
        user_pool_id: userPool.userPoolId,
        user_pool_client_id: consoleClient.userPoolClientId,
        sign_in_url: signInUrl,
      },
    });

    this.state('RestUrl', url, 'The REST API');
    this.state('WebSocketUrl', live.url, 'The WebSocket API');
    this.state('UserPoolId', userPool.userPoolId, 'The user pool');
    this.state('ConsoleClientId', consoleClient.userPoolClientId, "The console's client");
    this.state('MachineClientId', machineClient.userPoolClientId, 'Client of machines that read the market');
    this.state('TokenUrl', `${signInUrl}/oauth2/token`, 'Where machines get their tokens');
    for (const [id, name] of functions.names) this.state(`${id}FunctionName`, name, `Function behind ${id}`);
    for (const made of live.functions)
      this.state(`${constructId(made.id)}FunctionName`, made.function.functionName, made.definition.description);
  }
}
