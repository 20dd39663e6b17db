import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { tableName } from '../../../contract/tables';
import { batchWrite, eachOf } from '../dynamo/batch';
import { queryAll } from '../dynamo/read';
import { parseRow } from '../stored-row';
import type { Connection, Connections, Topic, WatchedTopics, Watcher } from './connections';
import { areTooMany, namesOf, topicKey, topicOf } from './topics';

const connectionRow = z.object({
  connection_id: z.string(),
  user_id: z.string(),
  token_expires_at: z.number(),
  expires_at: z.number(),
});
const topicRow = z.object({ topic: z.string() });
const kindRow = z.object({ topic: z.string(), expires_at: z.number() });

/** Topics asked for at a time: one query each. */
const CONCURRENCY = 32;

const ownKey = (connectionId: string) => ({ topic: `connection#${connectionId}`, connection_id: connectionId });
const epochSeconds = (now: Date) => now.getTime() / 1000;
const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Connections in the table `connections`: a row a connection, and one for each topic that it watches. */
export function dynamoConnections(documents: DynamoDBDocumentClient, env: string): Connections {
  const TableName = tableName(env, 'connections');
  const ports = { documents, sleep: pause };

  /** By an index, a moment behind the table: a limit may be passed by what was sent in the same moment. */
  const keysOf = async (connectionId: string): Promise<string[]> => {
    const rows = await queryAll(documents, topicRow, {
      TableName,
      IndexName: 'by-connection',
      KeyConditionExpression: 'connection_id = :id',
      ExpressionAttributeValues: { ':id': connectionId },
    });
    return rows.map(({ topic }) => topic);
  };

  return {
    async open(connection) {
      await documents.send(
        new PutCommand({ TableName, Item: { ...rowOf(connection), ...ownKey(connection.connection_id) } }),
      );
    },
    async find(connectionId, now) {
      const { Item } = await documents.send(
        new GetCommand({ TableName, Key: ownKey(connectionId), ConsistentRead: true }),
      );
      const row = Item === undefined ? null : parseRow(connectionRow, TableName, Item);
      return row && row.expires_at > epochSeconds(now) ? row : null;
    },
    async close(connection_id) {
      // What it began to watch while it was being closed is found at the next post to it, which finds it gone.
      const keys = new Set([...(await keysOf(connection_id)), ownKey(connection_id).topic]);
      const deletions = [...keys].map((topic) => ({ delete: { topic, connection_id } }));
      await batchWrite(ports, TableName, deletions);
    },
    async watch(connection, topics) {
      const fresh = new Map(topics.map((topic) => [topicKey(topic), topic]));
      if (areTooMany(new Set([...(await keysOf(connection.connection_id)), ...fresh.keys()]))) return 'too_many';
      const rows = [...fresh].map(([topic, { kind }]) => ({ put: { ...rowOf(connection), topic, kind } }));
      await batchWrite(ports, TableName, rows);
      return 'watching';
    },
    async unwatch(connection_id, topics) {
      const keys = [...new Set(topics.map(topicKey))];
      await batchWrite(
        ports,
        TableName,
        keys.map((topic) => ({ delete: { topic, connection_id } })),
      );
    },
    async watchers(topics, now) {
      const found: Watcher[] = [];
      await eachOf([...new Set(topics.map(topicKey))], CONCURRENCY, async (key) => {
        const topic = topicOf(key);
        if (topic) found.push(...(await watchersOf(key, topic, now)));
      });
      return found;
    },
  };

  /** Consistent: whoever has just subscribed is not to wait a minute for the first value. */
  async function watchersOf(key: string, topic: Topic, now: Date): Promise<Watcher[]> {
    const rows = await queryAll(documents, connectionRow, {
      TableName,
      KeyConditionExpression: 'topic = :topic',
      ExpressionAttributeValues: { ':topic': key },
      ConsistentRead: true,
    });
    return rows.filter(({ expires_at }) => expires_at > epochSeconds(now)).map((row) => ({ ...row, topic }));
  }
}

/** What is watched, by the sparse index of the topics' rows. */
export function dynamoTopics(documents: DynamoDBDocumentClient, env: string): WatchedTopics {
  const ofKind = (kind: Topic['kind']) =>
    queryAll(documents, kindRow, {
      TableName: tableName(env, 'connections'),
      IndexName: 'by-kind',
      KeyConditionExpression: 'kind = :kind',
      ExpressionAttributeValues: { ':kind': kind },
    });
  return {
    async watched(now) {
      const rows = (await Promise.all([ofKind('portfolio'), ofKind('symbol')])).flat();
      return namesOf(rows.filter(({ expires_at }) => expires_at > epochSeconds(now)).map(({ topic }) => topic));
    },
  };
}

/** Only what is ours of it: a watcher is a connection with its topic. */
const rowOf = ({ connection_id, user_id, token_expires_at, expires_at }: Connection) => ({
  connection_id,
  user_id,
  token_expires_at,
  expires_at,
});
