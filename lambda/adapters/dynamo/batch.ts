import {
  BatchGetCommand,
  type BatchGetCommandOutput,
  BatchWriteCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { chunksOf } from '../chunks';

/** DynamoDB takes 25 writes a request. */
const BATCH = 25;
/** And this many keys of reads. */
const BATCH_GET = 100;
const MAX_ROUNDS = 8;

export type Write = { readonly put: Record<string, unknown> } | { readonly delete: Readonly<Record<string, unknown>> };

export interface BatchPorts {
  readonly documents: DynamoDBDocumentClient;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/**
 * Puts and deletes, `concurrency` batches at a time; what DynamoDB leaves unprocessed is sent again after a pause.
 * @throws Error when a batch is still not through after some rounds; what went through stays, a repeat is harmless
 */
export async function batchWrite(
  { documents, sleep }: BatchPorts,
  table: string,
  writes: readonly Write[],
  concurrency = 8,
): Promise<void> {
  const batches = chunksOf(writes, BATCH);
  await eachOf(batches, concurrency, async (batch) => {
    let requests = batch.map((write) =>
      'put' in write ? { PutRequest: { Item: write.put } } : { DeleteRequest: { Key: write.delete } },
    );
    for (let round = 0; requests.length > 0; round++) {
      if (round === MAX_ROUNDS) throw new Error(`${table}: ${requests.length} writes still unprocessed`);
      if (round > 0) await sleep(50 * 2 ** round);
      const { UnprocessedItems } = await documents.send(new BatchWriteCommand({ RequestItems: { [table]: requests } }));
      requests = (UnprocessedItems?.[table] ?? []) as typeof requests;
    }
  });
}

/**
 * The items of these keys, in no order and without those that are not there; what DynamoDB leaves unprocessed is asked for
 * again after a pause.
 * @param options.consistent sees what another delivery wrote a moment ago
 * @throws Error when a batch is still not through after some rounds
 */
export async function batchGet(
  { documents, sleep }: BatchPorts,
  table: string,
  keys: readonly Record<string, unknown>[],
  { consistent = false, concurrency = 4 } = {},
): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  await eachOf(chunksOf(keys, BATCH_GET), concurrency, async (batch) => {
    let Keys: Record<string, unknown>[] = batch;
    for (let round = 0; Keys.length > 0; round++) {
      if (round === MAX_ROUNDS) throw new Error(`${table}: ${Keys.length} reads still unprocessed`);
      if (round > 0) await sleep(50 * 2 ** round);
      const { Responses, UnprocessedKeys }: BatchGetCommandOutput = await documents.send(
        new BatchGetCommand({ RequestItems: { [table]: { Keys, ConsistentRead: consistent } } }),
      );
      items.push(...(Responses?.[table] ?? []));
      Keys = UnprocessedKeys?.[table]?.Keys ?? [];
    }
  });
  return items;
}

/** Runs `work` over `items`, at most `concurrency` at a time; the first failure stops what has not begun. */
export async function eachOf<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: Math.min(concurrency, items.length) }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}
