import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type Construct } from 'constructs';
import { offers } from '../config';
import { EncryptionKey } from '../constructs/encryption-key';
import { ProviderSecrets } from '../constructs/provider-secrets';
import { PlatformStack, type PlatformStackProps } from '../platform-stack';

/** The platform's key (logs, queues, topics, bus, files, provider secrets) and the data providers' credentials. */
export class SecretsStack extends PlatformStack {
  readonly key: IKey;
  readonly providers: ProviderSecrets;

  constructor(scope: Construct, props: PlatformStackProps) {
    super(scope, 'Secrets', 'the platform key and the credentials of the data providers', props);
    const { config, region } = props;

    this.key = new EncryptionKey(this, 'PlatformKey', {
      config,
      region,
      purpose: 'platform',
      description: 'Logs, queues, topics, the event bus, files and provider secrets',
      users: ['logs', 'events', 'alarms', ...(offers(region, 'budgets') ? (['budgets'] as const) : []), 'topics'],
    }).key;
    this.providers = new ProviderSecrets(this, 'Providers', { config, key: this.key });
    // The databases' secrets are RDS's, under Data's key.

    this.state('PlatformKeyArn', this.key.keyArn, 'Key of logs, queues, topics, bus, files and provider secrets');
    this.state('AlpacaSecretArn', this.providers.alpaca.secretArn, "Alpaca's credentials");
    this.state('AlphaVantageSecretArn', this.providers.alphaVantage.secretArn, "Alpha Vantage's credentials");
  }
}
