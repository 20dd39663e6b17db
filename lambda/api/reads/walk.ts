import { QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod/mini';
import { type Index, tableName, type TableDefinition, type TableId, tables } from '../../../contract/tables';
import { type Failure } from '../answers';
import { invalidCursor, type Page, type PageRequest } from './page';
import { parseRows, type ReadServices } from './rows';

/** A stretch of a list: one partition of an index, or a part of it. */
export interface Segment {
  /** How a cursor names it; unique in its walk and the same in every request of one query. */
  readonly name: string;
  readonly index: string;
  readonly partition: string;
  readonly sort?: { readonly beginsWith: string } | { readonly from: string; readonly to: string };
  /** Leaves out rows whose attribute begins so: those that an earlier segment has shown. */
  readonly without?: { readonly attribute: string; readonly beginsWith: string };
  /** Leaves out rows that have this attribute: those that an earlier segment has shown. */
  readonly lacking?: string;
  /** Keeps rows of which any of these attributes begins so. */
  readonly anyBegins?: readonly { readonly attribute: string; readonly beginsWith: string }[];
}

export interface Walk<S extends z.core.$ZodType> {
  readonly table: TableId;
  readonly segments: readonly Segment[];
  readonly order: 'ascending' | 'descending';
  /** Attributes that must have these values; undefined asks for nothing. */
  readonly equal?: Readonly<Record<string, string | undefined>>;
  readonly row: S;
  readonly page: PageRequest;
}

/**
 * Most rows that one request reads, and most queries that it makes. A filter that few rows pass answers with a short page,
 * even an empty one, and a cursor, rather than reading on until API Gateway gives up.
 */
export const MAX_ROWS_READ = 4_000;
export const MAX_QUERIES = 48;
/** Rows a query where a filter thins them out. */
const FILTERED_BATCH = 1_000;

type Row = Record<string, unknown>;
type StartKey = Record<string, string>;

/**
 * One page of a list that runs through several partitions in order. Each partition is queried by its index, never scanned;
 * a page ends where its limit, the last segment or the bound on reading is reached.
 */
export async function walk<S extends z.core.$ZodType>(
  { documents, env, log }: ReadServices,
  { table, segments, order, equal = {}, row, page }: Walk<S>,
): Promise<Page<z.output<S>> | Failure> {
  const begin = beginning(table, segments, page.after);
  if (!begin) return invalidCursor();
  const found: { readonly segment: Segment; readonly item: Row }[] = [];
  const filters = Object.entries(equal).filter((entry): entry is [string, string] => entry[1] !== undefined);
  let rowsRead = 0;
  let queries = 0;

  const pageOf = (next_cursor: string | null): Page<z.output<S>> => ({
    items: parseRows(
      log,
      table,
      row,
      found.slice(0, page.limit).map(({ item }) => item),
    ),
    next_cursor,
  });

  for (const segment of segments.slice(begin.segment)) {
    let start: StartKey | undefined = segment === segments[begin.segment] ? begin.start : undefined;
    do {
      if (rowsRead >= MAX_ROWS_READ || queries >= MAX_QUERIES) {
        return pageOf(page.cursorAfter(positionOf(table, segment, start)));
      }
      const thinned = filters.length > 0 || isThinned(segment);
      const answer = await documents.send(
        new QueryCommand({
          TableName: tableName(env, table),
          IndexName: segment.index,
          ScanIndexForward: order === 'ascending',
          // One more than the page holds tells whether another page follows.
          Limit: thinned ? Math.min(FILTERED_BATCH, MAX_ROWS_READ - rowsRead) : page.limit + 1 - found.length,
          ...(start && { ExclusiveStartKey: start }),
          ...conditions(table, segment, filters),
        }),
      );
      queries += 1;
      rowsRead += answer.ScannedCount ?? 0;
      found.push(...(answer.Items ?? []).map((item: Row) => ({ segment, item })));
      const last = found[page.limit - 1];
      if (last && found.length > page.limit) {
        return pageOf(page.cursorAfter(positionOf(table, last.segment, startKeyOf(table, last.segment, last.item))));
      }
      start = answer.LastEvaluatedKey && startKeyOf(table, segment, answer.LastEvaluatedKey);
    } while (start);
  }
  return pageOf(null);
}

function conditions(table: TableId, segment: Segment, filters: readonly (readonly [string, string])[]) {
  const { partitionKey, sortKey } = indexOf(table, segment.index);
  const { sort, without, lacking, anyBegins } = segment;
  const names: Record<string, string> = { '#partition': partitionKey.name };
  const values: Record<string, string> = { ':partition': segment.partition };
  const keyed = ['#partition = :partition'];
  const filtered: string[] = [];
  if (sort && sortKey) {
    names['#sort'] = sortKey.name;
    if ('beginsWith' in sort) {
      keyed.push('begins_with(#sort, :prefix)');
      values[':prefix'] = sort.beginsWith;
    } else {
      keyed.push('#sort BETWEEN :from AND :to');
      values[':from'] = sort.from;
      values[':to'] = sort.to;
    }
  }
  filters.forEach(([name, value], at) => {
    names[`#filter${at}`] = name;
    values[`:filter${at}`] = value;
    filtered.push(`#filter${at} = :filter${at}`);
  });
  if (without) {
    names['#without'] = without.attribute;
    values[':without'] = without.beginsWith;
    filtered.push('NOT begins_with(#without, :without)');
  }
  if (lacking !== undefined) {
    names['#lacking'] = lacking;
    filtered.push('attribute_not_exists(#lacking)');
  }
  if (anyBegins) {
    const begins = anyBegins.map(({ attribute, beginsWith }, at) => {
      names[`#any${at}`] = attribute;
      values[`:any${at}`] = beginsWith;
      return `begins_with(#any${at}, :any${at})`;
    });
    filtered.push(`(${begins.join(' OR ')})`);
  }
  return {
    KeyConditionExpression: keyed.join(' AND '),
    ...(filtered.length > 0 && { FilterExpression: filtered.join(' AND ') }),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  } satisfies Partial<QueryCommandInput>;
}

const isThinned = ({ without, lacking, anyBegins }: Segment): boolean =>
  without !== undefined || lacking !== undefined || anyBegins !== undefined;

function indexOf(table: TableId, name: string): Index {
  const index = (tables[table] as TableDefinition).indexes.find((candidate) => candidate.name === name);
  if (!index) throw new Error(`table ${table} has no index ${name}`);
  return index;
}

/** What a start key holds: the keys of the index, and of the table where they are others. */
function keyNames(table: TableId, index: string): string[] {
  const { partitionKey, sortKey }: TableDefinition = tables[table];
  const own = indexOf(table, index);
  const keys = [own.partitionKey, own.sortKey, partitionKey, sortKey];
  return [...new Set(keys.flatMap((key) => (key ? [key.name] : [])))];
}

const startKeyOf = (table: TableId, { index }: Segment, item: Row): StartKey =>
  Object.fromEntries(keyNames(table, index).map((name) => [name, String(item[name])]));

/** A position is the segment's name and, unless it begins there, the values of the start key. */
const positionOf = (table: TableId, segment: Segment, start: StartKey | undefined): string[] => [
  segment.name,
  ...(start ? keyNames(table, segment.index).map((name) => start[name] ?? '') : []),
];

/** Where a page begins; null for a position that this walk could not have ended at, which DynamoDB would refuse too. */
function beginning(
  table: TableId,
  segments: readonly Segment[],
  position: readonly string[] | null | undefined,
): { readonly segment: number; readonly start?: StartKey } | null {
  if (position === undefined) return { segment: 0 };
  const at = segments.findIndex(({ name }) => name === position?.[0]);
  const segment = segments[at];
  if (!position || !segment) return null;
  const values = position.slice(1);
  if (values.length === 0) return { segment: at };
  const names = keyNames(table, segment.index);
  const start = Object.fromEntries(names.map((name, i) => [name, values[i] ?? '']));
  const { partitionKey, sortKey } = indexOf(table, segment.index);
  const usable =
    values.length === names.length &&
    values.every((value) => value !== '' && !/\p{Surrogate}/u.test(value)) &&
    start[partitionKey.name] === segment.partition &&
    (sortKey === undefined || within(segment.sort, start[sortKey.name] ?? ''));
  return usable ? { segment: at, start } : null;
}

function within(sort: Segment['sort'], value: string): boolean {
  if (!sort) return true;
  return 'beginsWith' in sort ? value.startsWith(sort.beginsWith) : value >= sort.from && value <= sort.to;
}
