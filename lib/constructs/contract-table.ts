import { Duration, Stack } from 'aws-cdk-lib';
import {
  type Attribute,
  AttributeType,
  BillingMode,
  type ITable,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { TableAction } from '../../contract/functions';
import { type Index, type Key, type TableDefinition, type TableId, tableName, tables } from '../../contract/tables';
import { type Config } from '../config';
import { declareAlarm } from './alarm-definition';
import { removalOf } from './log-group';

export interface ContractTableProps {
  readonly config: Config;
  /** Key in contract/tables.ts. */
  readonly table: TableId;
  /** Encrypts the table, its indexes and its stream. */
  readonly key: IKey;
}

const READS: ReadonlySet<TableAction> = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan']);
const attribute = ({ name, type }: Key): Attribute => ({
  name,
  type: type === 'S' ? AttributeType.STRING : AttributeType.NUMBER,
});

/** A table as the contract defines it: on demand, encrypted under our key, restorable to any second of 35 days. */
export class ContractTable extends Construct {
  readonly table: ITable;
  readonly definition: TableDefinition;
  /** `AssetAnalysisTableName`: the stack's output with the table's name. */
  readonly outputId: string;
  private readonly key: IKey;
  private readonly physicalName: string;

  constructor(scope: Construct, id: string, props: ContractTableProps) {
    super(scope, id);
    const { config, key } = props;
    this.key = key;
    this.physicalName = tableName(config.env, props.table);
    this.outputId = `${id}TableName`;
    this.definition = tables[props.table];
    const { partitionKey, sortKey, indexes, ttlAttribute, stream } = this.definition;
    const table = new Table(this, 'Table', {
      tableName: this.physicalName,
      partitionKey: attribute(partitionKey),
      sortKey: sortKey && attribute(sortKey),
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: ttlAttribute,
      stream: stream ? StreamViewType.NEW_AND_OLD_IMAGES : undefined,
      deletionProtection: config.retain,
      removalPolicy: removalOf(config),
    });
    this.table = table;
    for (const index of indexes) addIndex(table, index);
    this.watchThrottling();
  }

  /** Grants exactly these actions on the table and its indexes, and on the key only through DynamoDB. */
  allow(grantee: IGrantable, actions: readonly TableAction[]): void {
    const { tableArn } = this.table;
    const queries = actions.some((action) => action === 'Query' || action === 'Scan');
    const indexArns = queries ? this.definition.indexes.map(({ name }) => `${tableArn}/index/${name}`) : [];
    const writes = actions.some((action) => !READS.has(action));
    grant(
      grantee,
      actions.map((action) => `dynamodb:${action}`),
      [tableArn, ...indexArns],
    );
    this.allowKey(grantee, [
      'kms:Decrypt',
      'kms:DescribeKey',
      ...(writes ? ['kms:Encrypt', 'kms:GenerateDataKey'] : []),
    ]);
  }

  /** The table's streams: their labels are timestamps. Spelt out, for a reference would hide the wildcard from a reader. */
  get streamsArn(): string {
    return Stack.of(this).formatArn({
      service: 'dynamodb',
      resource: 'table',
      resourceName: `${this.physicalName}/stream/*`,
    });
  }

  /** Grants the reading of the table's stream, and returns its ARN. */
  allowStreamReading(grantee: IGrantable): string {
    const { tableStreamArn } = this.table;
    if (tableStreamArn === undefined) throw new Error(`${this.definition.name} has no stream`);
    grant(grantee, ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], [tableStreamArn]);
    grant(grantee, ['dynamodb:ListStreams'], [this.streamsArn]);
    this.allowKey(grantee, ['kms:Decrypt']);
    return tableStreamArn;
  }

  /** The key through DynamoDB only: what was read from elsewhere stays closed. */
  private allowKey(grantee: IGrantable, actions: string[]): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions,
        resources: [this.key.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${Stack.of(this).region}.amazonaws.com` } },
      }),
    );
  }

  /** On demand grows with the load, but one partition key takes no more than 1,000 writes or 3,000 reads a second. */
  private watchThrottling(): void {
    for (const direction of ['Read', 'Write'] as const)
      declareAlarm(this, {
        id: `table-${this.definition.name}-${direction.toLowerCase()}s-throttled`,
        metric: this.table.metric(`${direction}ThrottleEvents`, { statistic: 'Sum', period: Duration.minutes(5) }),
        threshold: 1,
        periods: 3,
        severity: 'ticket',
        suffering:
          direction === 'Read'
            ? `Reads of ${this.definition.holds} are slow or fail.`
            : `Changes to ${this.definition.holds} are late.`,
        runbook: 'table-throttled',
      });
  }
}

function grant(grantee: IGrantable, actions: readonly string[], resources: readonly string[]): void {
  grantee.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({ actions: [...actions], resources: [...resources] }),
  );
}

function addIndex(table: Table, { name, partitionKey, sortKey, projection }: Index): void {
  table.addGlobalSecondaryIndex({
    indexName: name,
    partitionKey: attribute(partitionKey),
    sortKey: sortKey && attribute(sortKey),
    ...(typeof projection === 'string'
      ? { projectionType: projection === 'ALL' ? ProjectionType.ALL : ProjectionType.KEYS_ONLY }
      : { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...projection.include] }),
  });
}
