import type { Client } from 'pg';
import * as z from 'zod/mini';
import { LEAD_NO_MORE, TRY_TO_LEAD } from './locks';
import { heard, LISTEN, type Notice } from './notices';
import type { Leadership, LeadProps } from './portfolios';

export interface LeadershipPorts {
  /** A connection that is nobody else's, not connected yet, whose queries end in time. */
  readonly client: () => Promise<Client>;
  /** How often one who does not lead asks to. @default 5000 */
  readonly retryMs?: number;
  /** How often the connection is tried by the one who leads. @default 5000 */
  readonly checkMs?: number;
  /** Told why a session ended, and of a notification that is not understood, which is ignored. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Longer than a leader whose connection has gone quiet takes to notice it (checkMs and a query's time-out): it stops
 * leading before the server ends its session and lets another one lead.
 */
const IDLE_SESSION_MS = 30_000;
/** How long a look at the connection may take. */
export const CHECK_TIMEOUT_MS = 5_000;

const leadsRow = z.object({ leads: z.boolean() });

/**
 * One session, which asks for the lock until it has it, then listens, and looks after itself: when it ends, whoever holds
 * the lock leads no more at that moment, and asks again with a new one.
 */
export function lead(ports: LeadershipPorts, props: LeadProps): Leadership {
  const { client, retryMs = 5_000, checkMs = 5_000, onError } = ports;
  let leads = false;
  const stopping = new AbortController();
  const change = (to: boolean): void => {
    if (leads === to) return;
    leads = to;
    props.onChange(to);
  };

  function told(notice: Notice): void {
    if (!leads) return;
    let call: () => void;
    try {
      call = heard(notice, props);
    } catch (error) {
      onError?.(error);
      return;
    }
    call();
  }

  async function session(): Promise<void> {
    const connection = await client();
    const lost = new AbortController();
    const lose = (): void => {
      change(false);
      lost.abort();
    };
    connection.on('error', (error) => {
      lose();
      onError?.(error);
    });
    connection.on('end', lose);
    connection.on('notification', told);
    const over = AbortSignal.any([lost.signal, stopping.signal]);
    const isOver = () => over.aborted;
    try {
      await connection.connect();
      await connection.query(QUIET);
      while (!isOver()) {
        if (leads) await connection.query('select 1');
        else if (await asked(connection)) {
          // Before it is told that it leads, so that no change falls in between.
          await connection.query(LISTEN);
          if (!isOver()) change(true);
        }
        await pause(leads ? checkMs : retryMs, over);
      }
      // Nobody else leads while this process thinks that it does.
      const held = leads;
      change(false);
      if (held && !lost.signal.aborted) await connection.query(LEAD_NO_MORE);
    } catch (error) {
      // What ended the session may have told so already.
      const isNews = !lost.signal.aborted;
      lose();
      if (isNews) onError?.(error);
    } finally {
      await ended(connection);
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await session().catch((error: unknown) => onError?.(error));
      await pause(retryMs, stopping.signal);
    }
  }
  const running = run();
  return {
    isLeader: () => leads,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** The server, too, gives up a session that has gone quiet, and with it the lock. */
const QUIET = [
  'set tcp_keepalives_idle = 10',
  'set tcp_keepalives_interval = 5',
  'set tcp_keepalives_count = 3',
  `set idle_session_timeout = ${IDLE_SESSION_MS}`,
  "set application_name = 'signal9 leader'",
].join('; ');

async function asked(connection: Client): Promise<boolean> {
  const { rows } = await connection.query<Record<string, unknown>>(TRY_TO_LEAD);
  return leadsRow.parse(rows[0]).leads;
}

/** Ends a connection whether or not anybody is left at its other end. */
async function ended(connection: Client): Promise<void> {
  const done = new AbortController();
  const closed = connection.end().catch(() => undefined);
  void closed.then(() => done.abort());
  await pause(1_000, done.signal);
}

const pause = (milliseconds: number, until: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (until.aborted) {
      resolve();
      return;
    }
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      until.removeEventListener('abort', done);
      resolve();
    }
    until.addEventListener('abort', done);
  });
