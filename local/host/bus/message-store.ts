import { setTimeout as sleep } from 'node:timers/promises';
import {
  BatchWriteCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import type { TableDefinition } from '../../../contract/tables';

/** The host's own table; in AWS, SQS keeps the messages. */
export const QUEUE_TABLE = 'signal9-local-queues';
export const queueTable: TableDefinition = {
  name: 'queues',
  holds: 'messages that wait in a queue, are being worked on, or ended in a dead-letter queue',
  partitionKey: { name: 'queue', type: 'S' },
  sortKey: { name: 'message_id', type: 'S' },
  indexes: [],
  stream: false,
};

const message = z.object({
  /** A ULID, so that the rows lie in the order of sending. */
  message_id: z.string(),
  body: z.string(),
  /** Epoch milliseconds, like the other two. */
  sent_at: z.number(),
  visible_at: z.number(),
  first_received_at: z.number().optional(),
  receive_count: z.number(),
  /** Somebody waits for it: handed out before the others (SQS promises no order). */
  urgent: z.boolean().optional(),
  /** Why it ended in a dead-letter queue. */
  cause: z.string().optional(),
});
export type Message = z.infer<typeof message>;

/** The messages of one queue on disk. Each method resolves when the rows would survive a kill -9. */
export interface MessageStore {
  load(): Promise<Message[]>;
  putAll(messages: readonly Message[]): Promise<void>;
  put(message: Message): Promise<void>;
  remove(messageId: string): Promise<void>;
}

/** DynamoDB's limit of a batch. */
const BATCH = 25;

export function messageStore(documents: DynamoDBDocumentClient, queue: string): MessageStore {
  async function putBatch(messages: readonly Message[]): Promise<void> {
    let requests = messages.map((Item) => ({ PutRequest: { Item: { queue, ...Item } } }));
    for (let attempt = 0; requests.length > 0; attempt += 1) {
      if (attempt > 0) await sleep(Math.min(1000, 20 * 2 ** attempt));
      const { UnprocessedItems = {} } = await documents.send(
        new BatchWriteCommand({ RequestItems: { [QUEUE_TABLE]: requests } }),
      );
      const left = new Set(
        (UnprocessedItems[QUEUE_TABLE] ?? []).map(({ PutRequest }): unknown => PutRequest?.Item?.message_id),
      );
      requests = requests.filter(({ PutRequest }) => left.has(PutRequest.Item.message_id));
    }
  }

  return {
    async load() {
      const messages: Message[] = [];
      let ExclusiveStartKey: Record<string, unknown> | undefined;
      do {
        const page = await documents.send(
          new QueryCommand({
            TableName: QUEUE_TABLE,
            KeyConditionExpression: 'queue = :queue',
            ExpressionAttributeValues: { ':queue': queue },
            ConsistentRead: true,
            ExclusiveStartKey,
          }),
        );
        messages.push(...z.array(message).parse(page.Items ?? []));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey);
      return messages;
    },
    async putAll(messages) {
      for (let start = 0; start < messages.length; start += BATCH) await putBatch(messages.slice(start, start + BATCH));
    },
    async put(item) {
      await documents.send(new PutCommand({ TableName: QUEUE_TABLE, Item: { queue, ...item } }));
    },
    async remove(message_id) {
      await documents.send(new DeleteCommand({ TableName: QUEUE_TABLE, Key: { queue, message_id } }));
    },
  };
}
