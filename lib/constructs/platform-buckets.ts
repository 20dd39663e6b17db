import { Duration } from 'aws-cdk-lib';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type IBucket, type LifecycleRule, StorageClass } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { type Config } from '../config';
import { PrivateBucket } from './private-bucket';

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
    const bucket = (name: string, props: { accessLogs?: IBucket; key?: IKey; rules: LifecycleRule[] }): IBucket =>
      new PrivateBucket(this, name, { ...props, config, logKey: key, lifecycleRules: [...props.rules, dropUnfinished] })
        .bucket;

    // Neither of the first two can have our key: log delivery does not write under it, and what CloudFront serves to
    // anyone is no secret.
    const accessLogs = bucket('AccessLogs', { rules: [expire(365, 30)] });
    this.accessLogs = accessLogs;
    this.console = bucket('Console', {
      accessLogs,
      rules: [{ id: 'expire-replaced', noncurrentVersionExpiration: days(90) }],
    });
    this.files = bucket('Files', { accessLogs, key, rules: [expire(365, 30)] });
    this.history = bucket('History', {
      accessLogs,
      key,
      rules: [
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
    this.artifacts = bucket('Artifacts', { accessLogs, key, rules: [expire(90, 30)] });
  }
}
