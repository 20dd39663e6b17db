import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Index, tableName, type TableDefinition, type TableId, tables } from '../contract/tables';
import { canonical } from '../lambda/adapters/dynamo/fingerprint';
import type { TestDynamo } from '../test/dynamo';

type Item = Record<string, unknown>;
/** Request units. */
export interface Units {
  readonly read: number;
  /** Writes to tables. */
  readonly table: number;
  /** Writes to their indexes. */
  readonly index: number;
}
const NOTHING: Units = { read: 0, table: 0, index: 0 };
export const sum = (...all: readonly Units[]): Units =>
  all.reduce((a, b) => ({ read: a.read + b.read, table: a.table + b.table, index: a.index + b.index }), NOTHING);
export const times = (n: number, { read, table, index }: Units): Units => ({
  read: n * read,
  table: n * table,
  index: n * index,
});

/** Bytes of a value as DynamoDB counts them. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return Math.ceil(String(value).replace(/\D/g, '').length / 2) + 1;
  if (Array.isArray(value)) return value.reduce<number>((size, each) => size + 1 + sizeOf(each), 3);
  if (typeof value !== 'object' || value === null) return 1;
  const entries = Object.entries(value);
  return 3 + entries.length + itemSize(value as Item);
}
const itemSize = (item: Item): number =>
  Object.entries(item).reduce((size, [name, value]) => size + Buffer.byteLength(name) + sizeOf(value), 0);
const kilobytes = (item: Item): number => Math.ceil(itemSize(item) / 1024);

const keysOf = ({ partitionKey, sortKey }: Pick<Index, 'partitionKey' | 'sortKey'>): string[] =>
  [partitionKey, sortKey].flatMap((key) => (key ? [key.name] : []));
const pick = (item: Item, names: readonly string[]): Item =>
  Object.fromEntries(names.filter((name) => item[name] !== undefined).map((name) => [name, item[name]]));

function entryOf(table: TableDefinition, index: Index, item: Item | undefined): Item | undefined {
  if (item === undefined || keysOf(index).some((name) => item[name] === undefined)) return undefined;
  if (index.projection === 'ALL') return item;
  const included = index.projection === 'KEYS_ONLY' ? [] : index.projection.include;
  return pick(item, [...new Set([...keysOf(index), ...keysOf(table), ...included])]);
}

/** dynalite counts the table only: what its indexes take follows from the item before and after, as AWS documents it. */
function indexUnits(table: TableDefinition, before: Item | undefined, after: Item | undefined): number {
  return table.indexes.reduce((units, index) => {
    const [was, is] = [entryOf(table, index, before), entryOf(table, index, after)];
    if (!was || !is) return units + kilobytes(was ?? is ?? {});
    if (canonical(was) === canonical(is)) return units;
    const isMoved = keysOf(index).some((name) => was[name] !== is[name]);
    return units + (isMoved ? kilobytes(was) + kilobytes(is) : Math.max(kilobytes(was), kilobytes(is)));
  }, 0);
}

interface Input {
  readonly TableName?: string;
  readonly ConsistentRead?: boolean;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly RequestItems?: Record<
    string,
    readonly { readonly PutRequest?: { readonly Item: Item }; readonly DeleteRequest?: { readonly Key: Item } }[]
  >;
}
/** An update of attributes that an index does not carry leaves it alone. */
function mayChange(
  table: TableDefinition,
  index: Index,
  { UpdateExpression, ExpressionAttributeNames }: Input,
): boolean {
  if (UpdateExpression === undefined || index.projection === 'ALL') return true;
  const named = Object.values(ExpressionAttributeNames ?? {});
  const included = index.projection === 'KEYS_ONLY' ? [] : index.projection.include;
  return [...keysOf(index), ...keysOf(table), ...included].some((name) => named.includes(name));
}

interface Capacity {
  readonly CapacityUnits?: number;
}

/**
 * What a run consumes of DynamoDB, on dynalite: it tells what reads and writes to a table take, with two differences that
 * are made up for here, and says nothing of indexes, whose writes are worked out.
 */
export function meter(dynamo: TestDynamo, env: string) {
  const own = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: dynamo.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    }),
  );
  const definitions = new Map<string, TableDefinition>(
    (Object.keys(tables) as TableId[]).map((id) => [tableName(env, id), tables[id]]),
  );
  let units = NOTHING;
  let isOn = false;

  /** Keys of what a write touches where an index may follow, by table. */
  function touched(input: Input): [string, Item[]][] {
    const { TableName, Key, Item, RequestItems } = input;
    const all: [string, Item[]][] =
      TableName === undefined
        ? Object.entries(RequestItems ?? {}).map(([table, requests]) => [
            table,
            requests.map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key ?? {}),
          ])
        : [[TableName, [Key ?? Item ?? {}]]];
    return all.flatMap(([table, items]): [string, Item[]][] => {
      const definition = definitions.get(table);
      if (!definition?.indexes.some((index) => mayChange(definition, index, input))) return [];
      return [[table, items.map((item) => pick(item, keysOf(definition)))]];
    });
  }
  async function images(table: string, Keys: Item[]): Promise<Map<string, Item>> {
    const { Responses } = await own.send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
    );
    const names = Object.keys(Keys[0] ?? {});
    return new Map((Responses?.[table] ?? []).map((item) => [canonical(pick(item, names)), item]));
  }

  dynamo.documents.middlewareStack.add(
    (next, context) => async (args) => {
      if (!isOn) return next(args);
      const name = String((context as { commandName?: string }).commandName);
      const isRead = /^(Get|BatchGet|Query|Scan)/.test(name);
      const keys = isRead ? [] : touched(args.input as Input);
      const before = await Promise.all(keys.map(([table, of]) => images(table, of)));
      const input = { ...args.input, ReturnConsumedCapacity: 'TOTAL' };
      const answer = await next({ ...args, input }).catch((error: unknown) => {
        // A condition that failed is charged as a write.
        if (!isRead) units = sum(units, { ...NOTHING, table: 1 });
        throw error;
      });
      const { ConsumedCapacity } = answer.output as { ConsumedCapacity?: Capacity | Capacity[] };
      if (ConsumedCapacity === undefined) throw new Error(`${name} tells no consumed capacity`);
      const consumed = [ConsumedCapacity].flat().reduce((total, { CapacityUnits = 0 }) => total + CapacityUnits, 0);
      // dynalite takes nothing for a Query that finds nothing, DynamoDB as much as for the smallest item.
      const least = (args.input as Input).ConsistentRead ? 1 : 0.5;
      units = sum(units, isRead ? { ...NOTHING, read: Math.max(least, consumed) } : { ...NOTHING, table: consumed });
      for (const [at, [table, of]] of keys.entries()) {
        const after = await images(table, of);
        const definition = definitions.get(table);
        if (!definition) continue;
        for (const key of of.map(canonical))
          units = sum(units, { ...NOTHING, index: indexUnits(definition, before[at]?.get(key), after.get(key)) });
      }
      return answer;
    },
    { step: 'initialize', name: 'countUnits' },
  );

  return async <T>(run: () => Promise<T>): Promise<{ readonly units: Units; readonly result: T }> => {
    units = NOTHING;
    isOn = true;
    try {
      const result = await run();
      return { units, result };
    } finally {
      isOn = false;
    }
  };
}
