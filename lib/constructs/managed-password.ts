import { type IKey } from 'aws-cdk-lib/aws-kms';
import { Credentials, type DatabaseCluster, type DatabaseInstance } from 'aws-cdk-lib/aws-rds';
import { type ISecret } from 'aws-cdk-lib/aws-secretsmanager';

/**
 * A master user whose password RDS makes, keeps in a secret of its own and changes every seven days, without a function
 * and without a way through our network.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html
 *
 * @param user must not be a word that the engine reserves
 * @param key encrypts the secret; the key's own policy leaves to IAM who may use it, which is what RDS needs
 */
export const managedPassword = (user: string, key: IKey) => ({
  credentials: Credentials.fromUsername(user, { encryptionKey: key }),
  manageMasterUserPassword: true,
});

/**
 * The secret that RDS made, `rds!…`: JSON with `username` and `password` and no more. It goes with the database.
 * @throws Error where RDS does not manage the password
 */
export function managedSecretOf({ secret }: Pick<DatabaseCluster | DatabaseInstance, 'secret'>): ISecret {
  if (!secret) throw new Error('RDS manages no password of this database');
  return secret;
}
