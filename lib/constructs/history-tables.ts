import { RemovalPolicy } from 'aws-cdk-lib';
import {
  Database,
  DataFormat,
  PartitionProjectionConfiguration,
  S3Table,
  S3TableStorage,
  Schema,
} from 'aws-cdk-lib/aws-glue';
import { type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { history, HISTORY_PARTITION, type HistoryColumn } from '../../contract/history';
import { type Config } from '../config';
import { constructId } from '../construct-id';
import { names } from '../names';

export interface HistoryTablesProps {
  readonly config: Config;
  /** Holds the files, under our key. */
  readonly bucket: IBucket;
}

const TABLES: Readonly<Record<keyof typeof history, string>> = {
  valuations: 'What each portfolio was worth, day by day',
  holdings: 'What each portfolio held, day by day',
  transactions: 'What was recorded, day by day',
};

/** No day before it has files: Athena asks for each day of the range that a query does not rule out. */
const FIRST_DAY = '2026-01-01';

/**
 * The history as tables for Athena: the contract's columns over the history bucket. Partitions are projected, so there is
 * no crawler to run and no partition to add.
 */
export class HistoryTables extends Construct {
  readonly databaseName: string;

  constructor(scope: Construct, id: string, props: HistoryTablesProps) {
    super(scope, id);
    const { config, bucket } = props;
    this.databaseName = names.historyDatabase(config.env);
    const database = new Database(this, 'Database', {
      databaseName: this.databaseName,
      description: `The portfolios of Signal9 ${config.env}, day by day`,
      // It describes files and holds none: kept, it would only be in the way of the next stack.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    for (const [dataset, description] of Object.entries(TABLES) as [keyof typeof history, string][])
      new S3Table(this, constructId(dataset), {
        database,
        tableName: dataset,
        description,
        columns: history[dataset].map(column),
        partitionKeys: [{ name: HISTORY_PARTITION.name, type: Schema.custom(HISTORY_PARTITION.type) }],
        partitionProjection: {
          // NOW is UTC's, which is never behind the market's day.
          [HISTORY_PARTITION.name]: PartitionProjectionConfiguration.date({
            min: FIRST_DAY,
            max: 'NOW',
            format: 'yyyy-MM-dd',
          }),
        },
        dataFormat: DataFormat.PARQUET,
        storage: S3TableStorage.fromBucket(bucket),
        s3Prefix: `${dataset}/`,
      });
  }
}

const column = ({ name, type, comment }: HistoryColumn) => ({ name, type: Schema.custom(type), comment });
