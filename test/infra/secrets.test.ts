// A template is JSON without a type of its own.
/* eslint-disable @typescript-eslint/no-unsafe-call */
import { Match } from 'aws-cdk-lib/assertions';
import { ofType, stack, strings } from './synthesised';

describe('the secrets', () => {
  const dev = stack('dev', 'Secrets');

  test('the platform key has an alias with region and environment, and rotates', () => {
    dev.template.hasResourceProperties('AWS::KMS::Alias', { AliasName: 'alias/signal9-us-east-1-dev-platform' });
    dev.template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });

  test.each([
    ['logs.us-east-1.amazonaws.com', 'LogGroups'],
    ['cloudwatch.amazonaws.com', 'Alarms'],
    ['budgets.amazonaws.com', 'Budget'],
  ])('%s may use the key, for this account only', (service, sid) => {
    const [key] = ofType(dev, 'AWS::KMS::Key');
    const statement = key!.properties.KeyPolicy.Statement.find(({ Sid }: { Sid?: string }) => Sid === sid);
    expect(statement.Principal).toEqual({ Service: service });
    expect(statement.Action).toEqual(expect.arrayContaining(['kms:Decrypt', 'kms:GenerateDataKey']));
    expect(strings(statement.Condition)).toContain('AWS::AccountId');
  });

  test('EventBridge may use the key without a condition, for it names no account when it delivers to a queue', () => {
    const [key] = ofType(dev, 'AWS::KMS::Key');
    const statement = key!.properties.KeyPolicy.Statement.find(
      ({ Sid }: { Sid?: string }) => Sid === 'EventBusAndRules',
    );
    expect(statement).toMatchObject({ Principal: { Service: 'events.amazonaws.com' } });
    expect(statement.Condition).toBeUndefined();
  });

  test.each(['alpaca', 'alpha-vantage'])(
    '%s has a secret under the platform key, without a value in the template',
    (provider) => {
      dev.template.hasResourceProperties('AWS::SecretsManager::Secret', {
        Name: `signal9-dev-${provider}`,
        KmsKeyId: Match.anyValue(),
        SecretString: Match.absent(),
      });
    },
  );
});
