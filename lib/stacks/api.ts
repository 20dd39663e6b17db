import { type IEventBus } from 'aws-cdk-lib/aws-events';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type IBucket } from 'aws-cdk-lib/aws-s3';
import { type Construct } from 'constructs';
import { apiDomain } from '../constructs/api-domain';
import { ApiFunctions } from '../constructs/api-functions';
import { ConsoleConfig } from '../constructs/console-config';
import { ContractApi } from '../constructs/contract-api';
import { Firewall } from '../constructs/firewall';
import { Identity } from '../constructs/identity';
import {
  type FunctionPlacement,
  type LedgerGround,
  type PortfolioGround,
  type Tables,
} from '../constructs/function-ground';
import { type ProviderSecrets } from '../constructs/provider-secrets';
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
  /** Where functions run. @default outside the VPC */
  readonly placement?: FunctionPlacement;
  readonly ledger: LedgerGround;
  readonly portfolio: PortfolioGround;
}

/** What the outside reaches: who people are, the REST API with the functions behind it, and its firewall. */
export class ApiStack extends PlatformStack {
  constructor(scope: Construct, props: ApiStackProps) {
    super(scope, 'Api', 'users, the REST API, its functions and its firewall', props);
    const { config, region, key, secrets, tables, bus, placement, ledger, portfolio, consoleOrigin } = props;

    const identity = new Identity(this, 'Identity', { config, consoleOrigin });
    const { userPool, consoleClient, machineClient, signInUrl } = identity;
    const functions = new ApiFunctions(this, 'Functions', {
      ground: { config, key, tables, bus, secrets, placement, ledger, portfolio },
      consoleOrigin,
    });
    const { url, stageArn } = new ContractApi(this, 'Rest', {
      config,
      key,
      userPool,
      functions: functions.byId,
      corsOrigin: consoleOrigin,
      domain: apiDomain(config, region),
    });
    new Firewall(this, 'Firewall', { config, region, key, protectedArn: stageArn });
    // The WebSocket API and its authorizer follow here.

    new ConsoleConfig(this, 'ConsoleConfig', {
      config,
      key,
      bucket: props.console,
      content: {
        env: config.env,
        region,
        // Under a domain the console and the API are one origin (/api/* in Storage).
        api_url: config.domain ? `${consoleOrigin}/api` : url,
        user_pool_id: userPool.userPoolId,
        user_pool_client_id: consoleClient.userPoolClientId,
        sign_in_url: signInUrl,
      },
    });

    this.state('RestUrl', url, 'The REST API');
    this.state('UserPoolId', userPool.userPoolId, 'The user pool');
    this.state('ConsoleClientId', consoleClient.userPoolClientId, "The console's client");
    this.state('MachineClientId', machineClient.userPoolClientId, 'Client of machines that read the market');
    this.state('TokenUrl', `${signInUrl}/oauth2/token`, 'Where machines get their tokens');
    for (const [id, name] of functions.names) this.state(`${id}FunctionName`, name, `Function behind ${id}`);
  }
}
