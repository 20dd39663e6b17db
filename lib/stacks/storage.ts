import { Aws, Fn } from 'aws-cdk-lib';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type IBucket } from 'aws-cdk-lib/aws-s3';
import { type Construct } from 'constructs';
import { ConsoleDistribution } from '../constructs/console-distribution';
import { HistoryTables } from '../constructs/history-tables';
import { PlatformBuckets } from '../constructs/platform-buckets';
import { PlatformStack, type PlatformStackProps } from '../platform-stack';

export interface StorageStackProps extends PlatformStackProps {
  /** The platform's key. */
  readonly key: IKey;
}

/** The buckets, the history's tables, and the console on CloudFront. */
export class StorageStack extends PlatformStack {
  readonly console: IBucket;
  /** Access logs of the other buckets, of CloudFront and of the load balancer. */
  readonly accessLogs: IBucket;
  /** Reports, exported trades and build artifacts. */
  readonly artifacts: IBucket;
  /** Market and valuation history, laid out for Athena. */
  readonly history: IBucket;
  /** The only origin that the API's CORS lets in. */
  readonly consoleOrigin: string;
  /** By which the API's firewall knows what came through CloudFront. */
  readonly edge: string;

  constructor(scope: Construct, props: StorageStackProps) {
    super(scope, 'Storage', 'buckets, and the console on CloudFront', props);
    const { config, key } = props;

    const buckets = new PlatformBuckets(this, 'Buckets', { config, key });
    const { console, accessLogs, files, history, artifacts } = buckets;
    this.console = console;
    this.accessLogs = accessLogs;
    this.artifacts = artifacts;
    this.history = history;
    const { databaseName } = new HistoryTables(this, 'History', { config, bucket: history });

    // Of the stack's own ARN, the part that CloudFormation makes up. It guards nothing: who knows it, from the account's exports
    // or tags, could only choose which of the firewall's two limits counts his requests.
    const edge = Fn.select(2, Fn.split('/', Aws.STACK_ID));
    // An import, for the stacks on the right: this one would wait for its own export.
    this.edge = this.exportValue(edge, { name: `${this.stackName}:Edge` });
    this.consoleOrigin = config.console?.origin ?? this.distribute(props, console, accessLogs, edge);

    this.state('ConsoleUrl', this.consoleOrigin, 'The console');
    this.state('ConsoleBucketName', console.bucketName, "The console's files");
    this.state('FilesBucketName', files.bucketName, 'Uploads and exports');
    this.state('HistoryBucketName', history.bucketName, 'Market and valuation history');
    this.state('HistoryDatabaseName', databaseName, "The history's tables, for Athena");
    this.state('ArtifactsBucketName', artifacts.bucketName, 'Reports, exported trades and build artifacts');
    this.state(
      'AccessLogsBucketName',
      accessLogs.bucketName,
      'Access logs of buckets, CloudFront and the load balancer',
    );
  }

  /** @returns the origin of the console on CloudFront */
  private distribute(
    { config, region }: StorageStackProps,
    console: IBucket,
    accessLogs: IBucket,
    edge: string,
  ): string {
    const { distribution, origin } = new ConsoleDistribution(this, 'Console', {
      config,
      region,
      console,
      accessLogs,
      edge,
    });
    // Imported only where there is no domain; gone from the template, a domain could not be added later (ADR 36).
    this.exportValue(distribution.distributionDomainName);
    this.state('DistributionId', distribution.distributionId, 'CloudFront distribution, for invalidations');
    return origin;
  }
}
