import Valkey from 'iovalkey';
import * as z from 'zod/mini';
import type { Log } from '../ports';
import type { Cache } from './cache';

export interface ValkeyCacheProps {
  readonly host: string;
  readonly port: number;
  /** false: in the clear, for a server of one's own; else TLS, with these authorities where they are not the system's. */
  readonly tls: false | { readonly ca?: string };
  /** Asked for at each connection that begins anew, so that a rotated password is picked up. */
  readonly credentials: () => Promise<{ readonly username: string; readonly password: string } | null>;
  readonly log: Log;
  /** Longest that a read waits for an answer. @default 300 */
  readonly commandTimeoutMs?: number;
  /** How long the cache is left alone where it refused the credentials. @default 5000 */
  readonly restMs?: number;
}

const CONNECT_TIMEOUT_MS = 2_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const stored = z.nullable(z.string());

/**
 * What each command of a pipeline was answered. Every key has a command of its own: ElastiCache Serverless is one node to
 * a client and many behind it, and refuses a command whose keys are not of one hash slot (CROSSSLOT:
 * https://github.com/thunderbird/appointment/issues/414, https://github.com/launchdarkly/js-core/issues/872).
 * @throws the first error among them
 */
function answersOf(results: readonly (readonly [Error | null, unknown])[] | null): readonly unknown[] {
  return (results ?? []).map(([error, answer]) => {
    if (error) throw error;
    return answer;
  });
}

/**
 * Valkey by its protocol. A command fails at once while there is no connection, and no command is sent twice: whoever reads
 * has the provider to go to, and must not wait here. Reconnects by itself.
 */
export function valkeyCache(props: ValkeyCacheProps): Cache {
  const { log, commandTimeoutMs = 300, restMs = 5_000 } = props;
  let client: Valkey | undefined;
  let opening: Promise<Valkey> | undefined;
  let isClosed = false;
  let failure: { readonly at: number; readonly error: Error } | undefined;

  /** The connection, made at first use and made anew where the credentials no longer hold. */
  async function connected(): Promise<Valkey> {
    if (isClosed) throw new Error('the cache is closed');
    if (client) return client;
    // performance.now: how long ago something was is no question of the time of day.
    if (failure && performance.now() - failure.at < restMs) throw failure.error;
    opening ??= open().finally(() => (opening = undefined));
    return opening;
  }

  async function open(): Promise<Valkey> {
    try {
      const made = newClient((await props.credentials()) ?? {});
      try {
        await made.connect();
      } catch (error) {
        // It goes on trying by itself, unless it was told that it is not welcome.
        if (isRefusal(error)) {
          made.disconnect();
          throw error;
        }
      }
      client = made;
      failure = undefined;
      return made;
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      failure = { at: performance.now(), error };
      throw error;
    }
  }

  function newClient(credentials: { readonly username?: string; readonly password?: string }): Valkey {
    const made = new Valkey({
      host: props.host,
      port: props.port,
      ...credentials,
      ...(props.tls !== false && { tls: { servername: props.host, ...props.tls } }),
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      // INFO is not among what the user may do.
      enableReadyCheck: false,
      maxRetriesPerRequest: 1,
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: commandTimeoutMs,
      retryStrategy: (times) => Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** times),
    });
    made.on('error', (error: Error) => {
      log.warn('the connection to the cache failed', { error_name: error.name, error_message: error.message });
      if (isRefusal(error)) forget(made, error);
    });
    return made;
  }

  function forget(made: Valkey, error: Error): void {
    if (client === made) client = undefined;
    failure = { at: performance.now(), error };
    made.disconnect();
  }

  return {
    async getMany(keys) {
      const from = await connected();
      const pipeline = from.pipeline();
      for (const key of keys) pipeline.get(key);
      return answersOf(await pipeline.exec()).map((answer) => stored.parse(answer));
    },

    async setMany(entries, ttlMs) {
      const to = await connected();
      const pipeline = to.pipeline();
      for (const { key, value } of entries) pipeline.set(key, value, 'PX', ttlMs);
      answersOf(await pipeline.exec());
    },

    async health() {
      try {
        await (await connected()).ping();
        return 'ok';
      } catch {
        return 'unreachable';
      }
    },

    async close() {
      isClosed = true;
      await opening?.catch(() => undefined);
      client?.disconnect();
    },
  };
}

/** The password was changed, or the user is gone. */
const isRefusal = (error: unknown): boolean => error instanceof Error && /WRONGPASS|NOAUTH|NOPERM/.test(error.message);
