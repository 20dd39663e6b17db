import { Stack } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { FunctionDefinition } from '../../contract/functions';
import { acknowledge, acknowledgeRule } from '../compliance/acknowledge';
import { type Config } from '../config';
import { names } from '../names';
import { removalOf } from './log-group';

export type Provider = NonNullable<FunctionDefinition['providers']>[number];

/** The fields of a provider's secret. An empty key means that nobody has filled it in yet. */
const FIELDS: Readonly<Record<Provider, { readonly template: Record<string, string>; readonly generated: string }>> = {
  alpaca: { template: { key_id: '', secret_key: '' }, generated: 'placeholder' },
  'alpha-vantage': { template: { api_key: '' }, generated: 'placeholder' },
};

const ISSUED_BY_PROVIDER =
  'The provider issues these keys on its web site and offers no API to make new ones, so no function can rotate them; docs/runbook.md#provider-keys tells how a person does';

export interface ProviderSecretsProps {
  readonly config: Config;
  /** Encrypts the secrets. */
  readonly key: IKey;
}

/**
 * The credentials of the data providers. They are made empty and filled in by their owner, who alone can have them
 * (docs/runbook.md#provider-keys tells how, and how to rotate them); a deployment never overwrites what was filled in.
 */
export class ProviderSecrets extends Construct {
  readonly alpaca: ISecret;
  readonly alphaVantage: ISecret;
  private readonly props: ProviderSecretsProps;

  constructor(scope: Construct, id: string, props: ProviderSecretsProps) {
    super(scope, id);
    this.props = props;
    this.alpaca = this.secret('Alpaca', 'alpaca', 'Alpaca: key_id and secret_key');
    this.alphaVantage = this.secret('AlphaVantage', 'alpha-vantage', 'Alpha Vantage: api_key');
  }

  /** Lets a role read one provider's secret, and use its key through Secrets Manager only. */
  allowReading(grantee: IGrantable, provider: Provider): void {
    const { secretArn } = provider === 'alpaca' ? this.alpaca : this.alphaVantage;
    const { grantPrincipal } = grantee;
    grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] }),
    );
    grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['kms:Decrypt'],
        resources: [this.props.key.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(this).region}.amazonaws.com` } },
      }),
    );
  }

  private secret(id: string, provider: Provider, description: string): Secret {
    const { config, key } = this.props;
    const { template, generated } = FIELDS[provider];
    const secret = new Secret(this, id, {
      secretName: names.secret(config.env, provider),
      description,
      encryptionKey: key,
      removalPolicy: removalOf(config),
      // The only way to make a secret without its value standing in the template: the generated part is never read.
      generateSecretString: { secretStringTemplate: JSON.stringify(template), generateStringKey: generated },
    });
    acknowledge(secret, 'AwsSolutions-SMG4', ISSUED_BY_PROVIDER);
    acknowledgeRule(secret, 'SecretsManagerRotationEnabled', ISSUED_BY_PROVIDER);
    return secret;
  }
}
