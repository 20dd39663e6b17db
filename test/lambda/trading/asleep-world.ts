import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { NewOrder } from '../../../core/trading/order';
import { announcedLedger, ledgerActivity, MINUTE_JOBS } from '../../../lambda/adapters/ledger/activity';
import { type Ledger, LedgerUnavailable } from '../../../lambda/adapters/ledger/ledger';
import type { MarketHours } from '../../../lambda/adapters/market-hours';
import type { PublishedEvent } from '../../../lambda/adapters/ports';
import { fillAt } from '../../../lambda/adapters/venues/internal';
import type { Venue } from '../../../lambda/adapters/venues/venue';
import { makeHandler as makeRetention } from '../../../lambda/trading/ledger-retention';
import { makeHandler as makeExpiry } from '../../../lambda/trading/order-expiry';
import { makeHandler as makeMatcher } from '../../../lambda/trading/order-matcher';
import { makeHandler as makeSweeper } from '../../../lambda/trading/outbox-sweeper';
import { tellOf } from '../../../lambda/trading/publish-owed';
import { makeHandler as makeFollower } from '../../../lambda/trading/venue-follower';
import { memoryLedger } from './memory-ledger';

/**
 * The real jobs and the real row on a ledger, a table, a bus and a market in memory, whose every call waits for its turn,
 * before its effect and after it. So a test decides what happens between any two lines, and may end a process there.
 */

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** What the contract gives a function. */
const TIMEOUT_MS = 30_000;
const OPENS = 13.5 * 3_600_000;
const CLOSES = 20 * 3_600_000;
const PRICE = '100';

export type Part = 'ledger' | 'table' | 'bus';
type Kind = 'filled' | 'resting' | 'reachable' | 'venue';
export const KINDS: readonly Kind[] = ['filled', 'resting', 'reachable', 'venue'];

interface Process {
  readonly began: number;
  /** Lets the next step happen; undefined while none waits. */
  go: (() => void) | undefined;
  isOver: boolean;
}

export function asleepWorld(start: string) {
  let now = Date.parse(start);
  const clock = () => new Date(now);
  const memory = memoryLedger(clock);
  const down = new Set<Part>();
  const processes: Process[] = [];
  const published: PublishedEvent[] = [];
  let row: Record<string, unknown> | undefined;
  let connections = 0;
  const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

  const turnOf = (of: { readonly process: Process | undefined }) => () =>
    new Promise<void>((resolve) => {
      // Nobody calls it any more where the process was ended.
      if (of.process) of.process.go = resolve;
    });

  /** DynamoDB as far as the row needs it; test/lambda/adapters/ledger/activity.test.ts holds the row to the real rules. */
  function send(command: unknown): object {
    if (down.has('table')) throw new Error('the table does not answer');
    if (command instanceof GetCommand) return row === undefined ? {} : { Item: structuredClone(row) };
    if (!(command instanceof UpdateCommand)) throw new Error('not a command of the row');
    const { ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues = {} } = command.input;
    const values = ExpressionAttributeValues as Record<string, unknown>;
    const refuse = () => {
      throw new ConditionalCheckFailedException({ message: 'no', $metadata: {} });
    };
    if (ConditionExpression === 'attribute_not_exists(busy_until) OR busy_until < :until') {
      if (row !== undefined && !(String(row.busy_until) < String(values[':until']))) refuse();
      row = { ...row, busy_until: values[':until'] };
    } else if (ConditionExpression === 'busy_until = :while') {
      if (row?.busy_until !== values[':while']) refuse();
      row = { ...row, [ExpressionAttributeNames!['#idle']!]: values[':word'] };
    } else throw new Error('not a condition of the row');
    return {};
  }

  const sinceMidnight = () => now % DAY_MS;
  const isOpen = () => sinceMidnight() >= OPENS && sinceMidnight() < CLOSES;
  const midnight = () => now - sinceMidnight();
  const next = (time: number) => new Date(midnight() + time + (sinceMidnight() < time ? 0 : DAY_MS)).toISOString();
  const marketHours: MarketHours = {
    now: async () => ({
      is_open: isOpen(),
      day_ends: next(CLOSES),
      opened_at: isOpen() ? new Date(midnight() + OPENS).toISOString() : null,
      opens_at: isOpen() ? null : next(OPENS),
    }),
  };
  const snapshot = () => ({
    latestTrade: { p: PRICE, t: clock().toISOString() },
    latestQuote: null,
    minuteBar: null,
    dailyBar: null,
    prevDailyBar: null,
  });

  /** What a new container of a function has. */
  function container(of: { readonly process: Process | undefined }) {
    const turn = turnOf(of);
    const through =
      <Asked extends readonly unknown[], Answer>(part: Part, call: (...asked: Asked) => Answer | Promise<Answer>) =>
      async (...asked: Asked): Promise<Answer> => {
        await turn();
        if (part === 'ledger') connections += 1;
        if (part !== 'table' && down.has(part)) throw new LedgerUnavailable(`${part} is away`);
        const answer = await call(...asked);
        await turn();
        return answer;
      };
    const documents = { send: through('table', send) } as never;
    const activity = ledgerActivity({ documents, env: 'asleep', clock, log: quiet, pauses: true });
    const book: Ledger['book'] = async (asked, outcome) => {
      const order = memory.write(asked, asked.venue === 'alpaca' ? 'pending_new' : 'accepted');
      if (outcome.status === 'filled') await memory.fill(order.trade_id, outcome.fill, clock().toISOString());
      return { result: 'booked', order };
    };
    const tidy: Ledger['tidy'] = async () => ({ keys: 0, events: 0 });
    const methods = { ...memory, book, tidy, forget: async () => 0 };
    const ledger = announcedLedger(
      Object.fromEntries(
        Object.entries(methods).map(([name, method]) => [name, through('ledger', method as never)]),
      ) as unknown as Ledger,
      activity,
    );
    const publish = through('bus', (events: readonly PublishedEvent[]) => void published.push(...events));
    const venue: Venue = {
      name: 'alpaca',
      outcome: () => ({ status: 'pending_new' }),
      place: async (order) => order,
      follow: async (order) => {
        if (now - Date.parse(order.submitted_at) < 5 * MINUTE_MS) return order;
        const executed_at = clock().toISOString();
        const total = { filled_qty: order.quantity, filled_avg_price: PRICE, executed_at };
        return (await ledger.fillUpTo(order.trade_id, total, `E-${order.trade_id}`, executed_at)) ?? order;
      },
    };
    return {
      ledger,
      activity,
      bus: { publish },
      clock,
      log: quiet,
      metrics: { count: () => undefined },
      alpaca: {
        snapshots: async (symbols: readonly string[]) => ({
          snapshots: new Map(symbols.map((symbol) => [symbol, snapshot()])),
          rejected: [],
        }),
      } as never,
      marketHours,
      venue,
      quoteMaxAgeSeconds: 900,
      retentionYears: 7,
    };
  }
  type Container = ReturnType<typeof container>;

  /** Containers that are done with a call and wait for the next, by function; they remember what they announced. */
  const warm = new Map<string, { process: Process | undefined; readonly services: Container }[]>();

  function begin<Answer>(name: string, work: (services: Container) => Promise<Answer>): Promise<Answer | undefined> {
    const process: Process = { began: now, go: undefined, isOver: false };
    processes.push(process);
    const of = { process: process as Process | undefined };
    const used = warm.get(name)?.pop() ?? Object.assign(of, { services: container(of) });
    used.process = process;
    const end = () => {
      process.isOver = true;
      warm.set(name, [...(warm.get(name) ?? []), used]);
    };
    return work(used.services).then(
      (answer) => {
        end();
        return answer;
      },
      () => {
        end();
        return undefined;
      },
    );
  }

  const jobs = {
    'outbox-sweeper': makeSweeper,
    'order-matcher': makeMatcher,
    'order-expiry': makeExpiry,
    'venue-follower': makeFollower,
  } as const;
  const run = (job: keyof typeof jobs) =>
    begin(job, (services) => jobs[job](services)({ job, scheduled_time: clock().toISOString() }));

  /** Everything that can happen at once has happened; a turn of the event loop is enough for what is in memory. */
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const alive = () => processes.filter(({ isOver }) => !isOver);
  const kill = (process: Process) => {
    process.isOver = true;
    process.go = undefined;
  };

  const world = {
    memory,
    clock,
    down,
    published,
    connections: () => connections,
    alive: () => alive().length,

    /** Somebody trades, as POST /trade does: books, and then tells. */
    trade(kind: Kind): void {
      const at = clock().toISOString();
      const fill = fillAt('10', PRICE, at);
      const change: Partial<NewOrder> = {
        ...(kind === 'resting' && { type: 'limit', limit_price: '1' }),
        ...(kind === 'reachable' && { type: 'limit', limit_price: '200' }),
        venue: kind === 'venue' ? 'alpaca' : 'internal',
        expires_at: next(CLOSES),
        submitted_at: at,
      };
      void begin('api-trade', async (services) => {
        const outcome = kind === 'filled' ? { status: 'filled' as const, fill } : { status: 'accepted' as const };
        const booking = await services.ledger.book(change as NewOrder, outcome, null, at);
        if (booking.result === 'booked') await tellOf([booking.order.trade_id], services);
      });
    },

    /** One more step of one of the processes under way. */
    async step(which: number): Promise<void> {
      await settle();
      const waiting = alive().filter(({ go }) => go !== undefined);
      const one = waiting[which % Math.max(1, waiting.length)];
      const go = one?.go;
      if (one) one.go = undefined;
      go?.();
      await settle();
    },

    /** `kill -9` of one of them. */
    async kill(which: number): Promise<void> {
      await settle();
      const running = alive();
      const one = running[which % Math.max(1, running.length)];
      if (one) kill(one);
    },

    /** Time passes; what has been at work for as long as a function may is ended by Lambda. */
    pass(milliseconds: number): void {
      now += milliseconds;
      for (const process of alive()) if (now - process.began >= TIMEOUT_MS) kill(process);
    },

    /** To the next minute, at which the scheduler starts every job. */
    minute(): void {
      world.pass(MINUTE_MS - (now % MINUTE_MS));
      for (const job of MINUTE_JOBS) void run(job);
    },

    /** The once-a-day job. */
    daily: () =>
      void begin('ledger-retention', (services) =>
        makeRetention(services)({ job: 'ledger-retention', scheduled_time: clock().toISOString() }),
      ),

    /** Everything under way comes to its end, undisturbed. */
    async finish(): Promise<void> {
      for (let steps = 0; alive().length > 0; steps += 1) {
        if (steps > 10_000) throw new Error('something never ends');
        await world.step(steps);
      }
    },

    /** A minute in which nothing goes wrong. @returns what each job said */
    async quietMinute(): Promise<readonly (string | undefined)[]> {
      world.pass(MINUTE_MS - (now % MINUTE_MS));
      const reports = MINUTE_JOBS.map((job) => run(job));
      await world.finish();
      return (await Promise.all(reports)).map((report) => report?.outcome);
    },

    /** What somebody should have seen to by now. */
    async unattended(): Promise<readonly string[]> {
      const at = clock().toISOString();
      const owed = await memory.owed(at, 1_000);
      const over = await memory.expired('internal', at, 1_000);
      const open = await memory.open('internal', 1_000);
      const reached = isOpen() ? open.filter(({ limit_price }) => limit_price !== '1') : [];
      return [
        ...owed.map(({ event_id }) => `event ${event_id}`),
        ...over.map(({ trade_id }) => `expired ${trade_id}`),
        ...reached.map(({ trade_id }) => `reached ${trade_id}`),
      ];
    },
    open: async () => [...(await memory.open('internal', 1_000)), ...(await memory.open('alpaca', 1_000))],
    untilOpening: () => Date.parse(next(OPENS)) - now,
    untilClose: () => Date.parse(next(CLOSES)) - now,
  };
  return world;
}
