import type { Connection, Connections, WatchedTopics } from './connections';
import { areTooMany, namesOf, topicKey, topicOf } from './topics';

/** Who is connected and who watches what on one machine: a connection ends with the process, and so does this. */
export function memoryConnections(): Connections & WatchedTopics {
  const open = new Map<string, Connection>();
  const topicsOf = new Map<string, Set<string>>();
  const watchersOf = new Map<string, Map<string, Connection>>();

  const isBelieved = ({ expires_at }: Connection, now: Date) => expires_at * 1000 > now.getTime();

  function drop(connectionId: string, key: string): void {
    const watchers = watchersOf.get(key);
    watchers?.delete(connectionId);
    if (watchers?.size === 0) watchersOf.delete(key);
  }

  return {
    async open(connection) {
      open.set(connection.connection_id, connection);
    },
    async find(connectionId, now) {
      const connection = open.get(connectionId);
      return connection && isBelieved(connection, now) ? connection : null;
    },
    async close(connectionId) {
      for (const key of topicsOf.get(connectionId) ?? []) drop(connectionId, key);
      topicsOf.delete(connectionId);
      open.delete(connectionId);
    },
    async watch(connection, topics) {
      const id = connection.connection_id;
      const keys = topics.map(topicKey);
      const all = new Set([...(topicsOf.get(id) ?? []), ...keys]);
      if (areTooMany(all)) return 'too_many';
      topicsOf.set(id, all);
      for (const key of keys) {
        const watchers = watchersOf.get(key) ?? new Map<string, Connection>();
        watchersOf.set(key, watchers.set(id, connection));
      }
      return 'watching';
    },
    async unwatch(connectionId, topics) {
      for (const key of topics.map(topicKey)) {
        topicsOf.get(connectionId)?.delete(key);
        drop(connectionId, key);
      }
    },
    async watchers(topics, now) {
      return [...new Set(topics.map(topicKey))].flatMap((key) => {
        const topic = topicOf(key);
        const believed = [...(watchersOf.get(key)?.values() ?? [])].filter((one) => isBelieved(one, now));
        return topic ? believed.map((connection) => ({ ...connection, topic })) : [];
      });
    },
    async watched(now) {
      const keys = [...watchersOf].filter(([, watchers]) => [...watchers.values()].some((one) => isBelieved(one, now)));
      return namesOf(keys.map(([key]) => key));
    },
  };
}
