import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import {
  type AttributeDefinition,
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  type KeySchemaElement,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Key, type TableDefinition, tableName, type TableId, tables } from '../contract/tables';

// dynalite is published without types.
const dynalite = createRequire(__filename)('dynalite') as (options: { readonly createTableMs: number }) => Server;

export interface TestDynamo {
  readonly documents: DynamoDBDocumentClient;
  /** Where it listens, for a client of one's own. */
  readonly endpoint: string;
  /** Makes the tables of contract/tables.ts for one environment slug; several slugs keep suites apart on one engine. */
  createTables(env: string, only?: readonly TableId[]): Promise<void>;
  stop(): Promise<void>;
}

/** A DynamoDB in this process, in memory, on a port of its own. */
export async function startDynamo(): Promise<TestDynamo> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return {
    documents: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
    endpoint,
    async createTables(env, only = Object.keys(tables) as TableId[]) {
      await Promise.all(only.map((table) => client.send(new CreateTableCommand(creationOf(env, table)))));
      await Promise.all(only.map((table) => active(client, tableName(env, table))));
    },
    async stop() {
      client.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

/** The same definition that the Data stack makes the table of. */
function creationOf(env: string, table: TableId): CreateTableCommandInput {
  const { partitionKey, sortKey, indexes }: TableDefinition = tables[table];
  const keys = [partitionKey, sortKey, ...indexes.flatMap((index) => [index.partitionKey, index.sortKey])];
  const attributes = new Map(keys.filter((key) => key !== undefined).map(({ name, type }) => [name, type]));
  return {
    TableName: tableName(env, table),
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...attributes].map(([AttributeName, AttributeType]): AttributeDefinition => ({
      AttributeName,
      AttributeType,
    })),
    KeySchema: keySchema(partitionKey, sortKey),
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keySchema(index.partitionKey, index.sortKey),
        Projection:
          typeof index.projection === 'string'
            ? { ProjectionType: index.projection }
            : { ProjectionType: 'INCLUDE', NonKeyAttributes: [...index.projection.include] },
      })),
    }),
  };
}

function keySchema(partitionKey: Key, sortKey: Key | undefined): KeySchemaElement[] {
  return [
    { AttributeName: partitionKey.name, KeyType: 'HASH' },
    ...(sortKey ? [{ AttributeName: sortKey.name, KeyType: 'RANGE' } as const] : []),
  ];
}

async function active(client: DynamoDBClient, TableName: string): Promise<void> {
  for (;;) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    if (Table?.TableStatus === 'ACTIVE') return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
