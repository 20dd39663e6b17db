import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  ListTablesCommand,
  ScanCommand,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Key, TableDefinition } from '../../../contract/tables';
import { HostError } from '../host-error';

/**
 * Makes the tables that are missing, from the same definitions as the Data stack.
 *
 * An empty table of another shape is made anew. One with rows in it is refused, since dynalite cannot add an index to
 * a table and its rows are the owner's.
 *
 * @throws HostError naming the table and what to do
 */
export async function ensureTables(
  client: DynamoDBClient,
  wanted: Readonly<Record<string, TableDefinition>>,
  folder: string,
): Promise<void> {
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  const existing = new Set(TableNames);
  await Promise.all(
    Object.entries(wanted).map(async ([name, definition]) => {
      const creation = creationOf(name, definition);
      if (existing.has(name) && !(await needsCreating(client, creation, folder))) return;
      await client.send(new CreateTableCommand(creation));
      while ((await describe(client, name))?.TableStatus !== 'ACTIVE') await sleep(5);
    }),
  );
}

/** @returns true when the table has to be created (again) */
async function needsCreating(
  client: DynamoDBClient,
  creation: CreateTableCommandInput,
  folder: string,
): Promise<boolean> {
  const name = creation.TableName ?? '';
  const found = await describe(client, name);
  if (found && shapeOf(found) === shapeOf(creation)) return false;
  // Looked for rather than read from ItemCount, which dynalite does not keep.
  const { Items = [] } = await client.send(new ScanCommand({ TableName: name, Limit: 1 }));
  if (Items.length > 0) {
    throw new HostError(
      `The table ${name} was made by another version of Signal9, with other keys or indexes: move ${folder} away to begin anew`,
    );
  }
  await client.send(new DeleteTableCommand({ TableName: name }));
  while (await describe(client, name)) await sleep(5);
  return true;
}

async function describe(client: DynamoDBClient, name: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

/** Keys and indexes in one comparable text. */
function shapeOf(table: CreateTableCommandInput | TableDescription): string {
  const indexes = (table.GlobalSecondaryIndexes ?? []).map((index) => ({
    name: index.IndexName,
    keys: keyNames(index.KeySchema),
    projection: index.Projection?.ProjectionType,
    carries: [...(index.Projection?.NonKeyAttributes ?? [])].sort(),
  }));
  indexes.sort((a, b) => (a.name ?? '').localeCompare(b.name ?? ''));
  return JSON.stringify({ keys: keyNames(table.KeySchema), indexes });
}

const keyNames = (schema: readonly KeySchemaElement[] | undefined) =>
  (schema ?? []).map(({ AttributeName, KeyType }) => `${KeyType ?? ''} ${AttributeName ?? ''}`).sort();

function creationOf(name: string, { partitionKey, sortKey, indexes }: TableDefinition): CreateTableCommandInput {
  const keys = [partitionKey, sortKey, ...indexes.flatMap((index) => [index.partitionKey, index.sortKey])];
  const attributes = new Map(keys.filter((key) => key !== undefined).map((key) => [key.name, key.type]));
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...attributes].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    KeySchema: keySchema(partitionKey, sortKey),
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keySchema(index.partitionKey, index.sortKey),
        Projection:
          typeof index.projection === 'string'
            ? { ProjectionType: index.projection }
            : { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: [...index.projection.include] },
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
