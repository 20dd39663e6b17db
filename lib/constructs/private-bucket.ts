import { type IKey } from 'aws-cdk-lib/aws-kms';
import { RemovalPolicy } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  type LifecycleRule,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeRule } from '../compliance/acknowledge';
import { type Config } from '../config';
import { removalOf } from './log-group';
import { keepProviderLogs } from './provider-logs';

export interface PrivateBucketProps {
  readonly config: Config;
  /** Encrypts the objects; or, where it cannot, why S3's own key does. */
  readonly key: IKey | { readonly ofS3: string };
  /** Why one region is enough for what lies here. */
  readonly unreplicated: string;
  /** Takes the access logs. @default none: this is the bucket that takes them */
  readonly accessLogs?: IBucket;
  /** @default objects stay */
  readonly lifecycleRules?: LifecycleRule[];
  /** Key for the logs of the function that empties the bucket before a throw-away environment goes. */
  readonly logKey: IKey;
}

/** A bucket with a generated name that is closed to the public, versioned, encrypted and spoken to over TLS only. */
export class PrivateBucket extends Construct {
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string, props: PrivateBucketProps) {
    super(scope, id);
    const { config, accessLogs } = props;
    const key = 'ofS3' in props.key ? undefined : props.key;
    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      encryption: key ? BucketEncryption.KMS : BucketEncryption.S3_MANAGED,
      encryptionKey: key,
      bucketKeyEnabled: key !== undefined,
      // CloudFront's log delivery still writes by access control lists; nothing else here may.
      objectOwnership: accessLogs ? ObjectOwnership.BUCKET_OWNER_ENFORCED : ObjectOwnership.BUCKET_OWNER_PREFERRED,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: accessLogs && `s3/${id}/`,
      lifecycleRules: props.lifecycleRules,
      removalPolicy: removalOf(config),
      autoDeleteObjects: !config.retain,
    });
    this.bucket = bucket;
    acknowledgeRule(
      bucket,
      'S3BucketReplicationEnabled',
      `Regions share nothing, each has its own users and data (ADR 11), and S3 keeps every object in three zones, replaced versions too. ${props.unreplicated}`,
    );
    if (!accessLogs)
      acknowledge(
        bucket,
        'Checkov-CKV_AWS_18',
        'This bucket takes the access logs of all others: if it logged into itself, each log would make another one without end, as AWS warns. Only services that deliver logs may write here, and CloudTrail can record who reads',
      );
    if ('ofS3' in props.key) acknowledgeRule(bucket, 'S3DefaultEncryptionKMS', props.key.ofS3);
    if (config.retain) return;
    keepProviderLogs(this, 'Custom::S3AutoDeleteObjectsCustomResourceProvider', { config, key: props.logKey });
    // What empties the bucket first writes a denial of every `s3:PutObject` into its policy (CDK's
    // auto-delete-objects-handler). CloudFormation would then delete the policy, the denial with it, minutes before the
    // bucket, which waits for CloudFront: whose access control list lets logs in for hours (S3's BucketNotEmpty,
    // github.com/aws/aws-cdk/issues/16332). Left to the bucket, the policy goes with it, and nothing arrives in between.
    bucket.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }
}
