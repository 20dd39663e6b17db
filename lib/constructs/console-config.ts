import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type IBucket } from 'aws-cdk-lib/aws-s3';
import { AwsCustomResource, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { type Config } from '../config';
import { EncryptedLogGroup } from './log-group';
import { OwnPolicyRole } from './own-policy-role';

export interface ConsoleConfigProps {
  readonly config: Config;
  /** Encrypts the log of the function that writes the file. */
  readonly key: IKey;
  /** The console's files. */
  readonly bucket: IBucket;
  /** What the console must know: nothing in it is secret, anyone can read the file. */
  readonly content: Readonly<Record<string, string>>;
}

const FILE = 'config.json';

/**
 * The console's `config.json`. Its files are the same for every environment, so where its API and its user pool are
 * stands beside them; only this stack knows. CDK's BucketDeployment would carry a Python function of 30 MB for it.
 */
export class ConsoleConfig extends Construct {
  constructor(scope: Construct, id: string, props: ConsoleConfigProps) {
    super(scope, id);
    const { config, key, bucket, content } = props;
    const logGroup = new EncryptedLogGroup(this, 'Logs', { config, key });
    const role = new OwnPolicyRole(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Writes the console's ${FILE}`,
    });
    const allow = (action: string[], resource: string) =>
      role.addToPrincipalPolicy(new PolicyStatement({ actions: action, resources: [resource] }));
    allow(['s3:PutObject'], bucket.arnForObjects(FILE));
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn);
    const put = {
      service: 'S3',
      action: 'PutObject',
      parameters: {
        Bucket: bucket.bucketName,
        Key: FILE,
        Body: Stack.of(this).toJsonString(content),
        ContentType: 'application/json',
        CacheControl: 'max-age=60',
      },
      physicalResourceId: PhysicalResourceId.of(FILE),
    };
    new AwsCustomResource(this, 'File', { onUpdate: put, role, logGroup, installLatestAwsSdk: false });
  }
}
