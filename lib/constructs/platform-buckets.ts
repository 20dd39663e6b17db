import { Duration } from 'aws-cdk-lib';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type IBucket, type LifecycleRule, StorageClass } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { type Config } from '../config';
import { PrivateBucket, type PrivateBucketProps } from './private-bucket';

export interface PlatformBucketsProps {
  readonly config: Config;
  /** Encrypts what is not public. */
  readonly key: IKey;
}

const days = (amount: number): Duration => Duration.days(amount);
/** Parts of uploads that never finished are paid for and seen by nobody. */
const dropUnfinished: LifecycleRule = { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: days(7) };
const expire = (after: number, noncurrentAfter: number): LifecycleRule => ({
  id: 'expire',
  expiration: days(after),
  noncurrentVersionExpiration: days(noncurrentAfter),
});

/** The platform's five buckets, and how long each keeps what. */
export class PlatformBuckets extends Construct {
  /** Access logs of the other buckets and of CloudFront: 365 days. */
  readonly accessLogs: IBucket;
  /** The console's files, which CloudFront serves to anyone. */
  readonly console: IBucket;
  /** Uploads and exports: 365 days, 30 more when replaced. */
  readonly files: IBucket;
  /** Market and valuation history: for good, cheaper after 90 days and after a year, replaced versions for 30 days. */
  readonly history: IBucket;
  /** Reports, exported trades and build artifacts: 90 days. */
  readonly artifacts: IBucket;

  constructor(scope: Construct, id: string, props: PlatformBucketsProps) {
    super(scope, id);
    const { config, key } = props;
    const bucket = (name: string, props: Omit<PrivateBucketProps, 'config' | 'logKey'>): IBucket =>
      new PrivateBucket(this, name, {
        ...props,
        config,
        logKey: key,
        lifecycleRules: [...(props.lifecycleRules ?? []), dropUnfinished],
      }).bucket;

    const accessLogs = bucket('AccessLogs', {
      key: {
        ofS3: 'S3 and load balancers deliver their access logs only to a bucket under the key of S3: under ours nothing would arrive. The bucket is closed to the public, spoken to over TLS, and no role of the platform reads it',
      },
      unreplicated: 'Access logs are read where they were written, while what they tell of is there too.',
      lifecycleRules: [expire(365, 30)],
    });
    this.accessLogs = accessLogs;
    this.console = bucket('Console', {
      accessLogs,
      key: {
        ofS3: 'The files of the console are public: CloudFront serves them to anyone, so there is nothing that a key of ours would keep from anybody',
      },
      unreplicated: 'The files of the console are built from the repository, and can be at any time.',
      lifecycleRules: [{ id: 'expire-replaced', noncurrentVersionExpiration: days(90) }],
    });
    this.files = bucket('Files', {
      accessLogs,
      key,
      unreplicated: 'Uploads and exports are copies of what their owners have, and go after a year.',
      lifecycleRules: [expire(365, 30)],
    });
    this.history = bucket('History', {
      accessLogs,
      key,
      unreplicated:
        'The history is written from the snapshots of the portfolios’ database, which the backup plan copies.',
      lifecycleRules: [
        {
          id: 'archive',
          transitions: [
            { storageClass: StorageClass.INFREQUENT_ACCESS, transitionAfter: days(90) },
            // And no colder: objects that S3 would have to restore first are left out by Athena without a word, and a sum
            // over the years would be wrong.
            { storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: days(365) },
          ],
        },
        { id: 'expire-replaced', noncurrentVersionExpiration: days(30) },
      ],
    });
    this.artifacts = bucket('Artifacts', {
      accessLogs,
      key,
      unreplicated: 'Exported trades can be exported again from the ledger, which the backup plan copies.',
      lifecycleRules: [expire(90, 30)],
    });
  }
}
