import { Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** A secret of another stack by its name, and the key that it is encrypted under. */
export interface SecretAccess {
  readonly secretArn: string;
  readonly keyArn: string;
}

/**
 * Lets a role read a secret, and use its key through Secrets Manager only. Written into the role and nowhere else: a
 * grant on the secret itself would write the reader's role into policies of the stack on its left, and close a circle.
 */
export function allowReadingSecret(role: IRole, { secretArn, keyArn }: SecretAccess): void {
  const secretsManager = `secretsmanager.${Stack.of(role).region}.amazonaws.com`;
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] }),
  );
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['kms:Decrypt'],
      resources: [keyArn],
      conditions: { StringEquals: { 'kms:ViaService': secretsManager } },
    }),
  );
}
