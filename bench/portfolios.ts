import os from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Client } from 'pg';
import { monotonicFactory } from 'ulid';
import { PERSON_SCOPE } from '../contract/route';
import type { LiveQuote } from '../contract/schemas/live';
import { createCloseSource } from '../lambda/adapters/market/close-source';
import { clientConfigOf } from '../lambda/adapters/ledger/connect-postgres';
import type { Log } from '../lambda/adapters/ports';
import { createService } from '../service/app';
import { valueAndTell } from '../service/loop/valuing';
import type { PortfolioServices } from '../service/services';
import { startPortfolios, type TestPortfolios } from '../test/portfolio';

/**
 * What the portfolio service needs, on a PostgreSQL of this machine that does not wait for its disk:
 * - a minute's pass over so many watched portfolios of 20 holdings (one or two buys each, and a deposit), of 500 and of
 *   2,000 symbols, by the service's own `valueAndTell`, with prices and a bus that take no time; beside it a bare `select`
 *   of the same rows by the same pages. Statements are all that went to the server, `begin` and `commit` too.
 * - through the service's routes (without a socket): a file of 10,000 rows imported, exported and imported again, beside a
 *   bare `insert` of the same rows; holdings of a portfolio of those 10,000 transactions; performance over five years with
 *   20 symbols and 400 buys.
 * Both sides in turns, median of ROUNDS; the server shares the machine with what is measured.
 * `npx tsx bench/portfolios.ts [portfolios]`
 */
const PORTFOLIOS = Math.max(100, Number(process.argv[2] ?? 10_000));
const ROUNDS = 3;
const HOLDINGS = 20;
const SYMBOLS = [500, 2_000] as const;
const FILE_ROWS = 10_000;
const READS = 40;
const PAGE = 200;
const USER = 'bench';
const DAY_MS = 86_400_000;

const quiet = () => undefined;
const log: Log = { debug: quiet, info: quiet, warn: console.warn, error: console.error };
const clock = () => new Date();
const timeZone = 'America/New_York';
const seconds = (since: number) => (performance.now() - since) / 1000;
const quantile = (values: readonly number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? NaN;
const median = (values: readonly number[]) => quantile(values, 0.5);
const load = () => `load ${os.loadavg()[0]?.toFixed(2) ?? ''}`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) => {
  for (const [first = '', ...cells] of [head, ...rows])
    console.log(first.padEnd(30) + cells.map((cell) => cell.padStart(12)).join(''));
};

/** Statements that go to the server from now on, by whatever way. */
const sent = { statements: 0 };
const query = Reflect.get(Client.prototype, 'query') as (...asked: unknown[]) => unknown;
Client.prototype.query = function (this: Client, ...asked: unknown[]) {
  sent.statements += 1;
  return query.apply(this, asked);
} as typeof Client.prototype.query;

const quoteOf = (symbol: string): LiveQuote => ({
  ...{ symbol, price: '101.25', currency: 'USD', as_of: clock().toISOString(), previous_close: '100.5', stale: false },
});

function servicesOf(store: PortfolioServices['store']): PortfolioServices {
  return {
    ...{ env: 'bench', region: 'local', version: '1', timeZone, clock, log, store, random: Math.random },
    sleep: () => Promise.resolve(),
    market: {
      quotes: (symbols) => Promise.resolve(new Map(symbols.map((symbol) => [symbol, quoteOf(symbol)]))),
      health: () => Promise.resolve({ cache: 'ok', provider: 'ok' }),
      close: () => Promise.resolve(),
    },
    closes: createCloseSource({ store, alpaca: { bars: fiveYearsOfBars }, clock, log, timeZone }),
    bus: { publish: () => Promise.resolve() },
    topics: { watched: () => Promise.resolve({ portfolios: [], symbols: [] }) },
    tokens: { verify: (sub) => Promise.resolve({ sub, scope: PERSON_SCOPE }), health: () => Promise.resolve('ok') },
  };
}

const fiveYearsOfBars: Parameters<typeof createCloseSource>[0]['alpaca']['bars'] = ({
  symbols,
  start = '',
  end = '',
}) =>
  Promise.resolve({
    bars: new Map(symbols.map((symbol) => [symbol, weekdays(start, end).map((date, n) => barOf(date, 50 + (n % 97)))])),
    rejected: [],
  });
const barOf = (date: string, close: number) => ({
  ...{
    t: `${date}T05:00:00Z`,
    o: `${close}`,
    h: `${close}`,
    l: `${close}`,
    c: `${close}.25`,
    v: '1',
    n: 1,
    vw: `${close}`,
  },
});
function weekdays(from: string, to: string): string[] {
  const days: string[] = [];
  for (let day = Date.parse(from); day <= Date.parse(to.slice(0, 10)); day += DAY_MS)
    if (new Date(day).getUTCDay() % 6 !== 0) days.push(new Date(day).toISOString().slice(0, 10));
  return days;
}

/** Made by the server, so that the process has nothing of it in its memory. */
async function seed(bare: Client, symbols: number): Promise<void> {
  await bare.query('truncate portfolios cascade');
  await bare.query(
    `insert into portfolios
      select 'P' || lpad(p::text, 25, '0'), 'user-' || p, 'Bench', 'USD', 'average', null, false, 1, 0, now(), now()
      from generate_series(1, $1::int) as p`,
    [PORTFOLIOS],
  );
  await bare.query(
    `insert into transactions (transaction_id, portfolio_id, type, symbol, qty, price, amount, fee, currency, executed_at,
        external_id, source, created_at)
      select 'T' || lpad(p::text, 17, '0') || lpad(n::text, 8, '0'), 'P' || lpad(p::text, 25, '0'),
        case n when 0 then 'deposit' else 'buy' end,
        case n when 0 then null else 'S' || (p * 7 + (n - 1) % $2::int * 13) % $3::int end,
        case n when 0 then null else 12.5 + n end, case n when 0 then null else 95.123 + n end,
        case n when 0 then 1000000 else null end, case n when 0 then null else 0.35 end,
        'USD', '2026-01-05T15:00:00Z'::timestamptz + n * interval '1 day', null, 'manual', now()
      from generate_series(1, $1::int) as p, generate_series(0, $2::int * 3 / 2) as n`,
    [PORTFOLIOS, HOLDINGS, symbols],
  );
  await bare.query('vacuum analyze');
}

/** Seconds by the step that a pass is in: they follow one another. */
function stopwatch() {
  const spent: Record<string, number> = {};
  let [step, since] = ['reading', performance.now()];
  return {
    spent,
    enter(next: string) {
      spent[step] = (spent[step] ?? 0) + seconds(since);
      [step, since] = [next, performance.now()];
    },
  };
}

const STEPS = ['reading', 'replaying', 'valuing', 'publishing', 'keeping'] as const;

/** A minute's pass. */
async function pass({ store }: TestPortfolios, ids: readonly string[]) {
  const watch = stopwatch();
  const base = servicesOf(store);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let [valuations, peak] = [0, 0];
  const look = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 50);
  const services: PortfolioServices = {
    ...base,
    store: {
      ...store,
      states: async (page) => {
        watch.enter('reading');
        const states = await store.states(page);
        watch.enter('replaying');
        return states;
      },
      snapshot: (rows) => {
        watch.enter('keeping');
        return store.snapshot(rows);
      },
    },
    market: {
      ...base.market,
      quotes: async (symbols) => {
        const quotes = await base.market.quotes(symbols);
        watch.enter('valuing');
        return quotes;
      },
    },
    bus: {
      publish: (events) => {
        watch.enter('publishing');
        valuations += events.length;
        return Promise.resolve();
      },
    },
    topics: { watched: () => Promise.resolve({ portfolios: ids, symbols: [] }) },
  };
  delay.enable();
  const before = sent.statements;
  const began = performance.now();
  await valueAndTell(services, { portfolios: ids, symbols: [], isStill: () => true });
  const taken = seconds(began);
  watch.enter('over');
  delay.disable();
  clearInterval(look);
  if (valuations !== ids.length) throw new Error(`${valuations} of ${ids.length} portfolios were valued`);
  return {
    seconds: taken,
    statements: sent.statements - before,
    blockMs: delay.max / 1e6,
    peakMb: peak / 2 ** 20,
    steps: STEPS.map((step) => watch.spent[step] ?? NaN),
  };
}

async function barePass(bare: Client, ids: readonly string[]) {
  const began = performance.now();
  for (let at = 0; at < ids.length; at += PAGE) {
    const page = [ids.slice(at, at + PAGE)];
    await bare.query('select * from portfolios where portfolio_id = any($1) order by portfolio_id', page);
    await bare.query(
      'select * from transactions where portfolio_id = any($1) order by portfolio_id, executed_at',
      page,
    );
  }
  return seconds(began);
}

async function measurePasses(portfolios: TestPortfolios, bare: Client): Promise<void> {
  const rows: string[][] = [];
  for (const symbols of SYMBOLS) {
    await seed(bare, symbols);
    const ids = Array.from({ length: PORTFOLIOS }, (_, n) => `P${String(n + 1).padStart(25, '0')}`);
    const [ours, theirs]: [Awaited<ReturnType<typeof pass>>[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      theirs.push(await barePass(bare, ids));
      ours.push(await pass(portfolios, ids));
    }
    const of = (figure: (one: (typeof ours)[0]) => number) => median(ours.map(figure));
    rows.push([
      `${symbols} symbols`,
      of((one) => one.seconds).toFixed(2),
      median(theirs).toFixed(2),
      (of((one) => one.seconds) / median(theirs)).toFixed(2),
      ...STEPS.map((_, at) => of(({ steps }) => steps[at] ?? NaN).toFixed(2)),
      String(of((one) => one.statements)),
      Math.max(...ours.map(({ blockMs }) => blockMs)).toFixed(0),
      Math.max(...ours.map(({ peakMb }) => peakMb)).toFixed(0),
    ]);
  }
  console.log(`\n${PORTFOLIOS} portfolios × ${HOLDINGS} holdings in one pass, seconds; ${load()}`);
  table(['', 'pass', 'bare select', 'ratio', ...STEPS, 'statements', 'block ms', 'peak MB'], rows);
}

/** Buys of 20 symbols, one after the other, over five years. */
function fileOf(rows: number): string {
  const [first, last] = [clock().getTime() - 5 * 365 * DAY_MS, clock().getTime() - DAY_MS];
  const lines = Array.from({ length: rows }, (_, n) => {
    const at = new Date(first + ((last - first) * n) / rows).toISOString();
    const isSell = n % 10 === 9;
    return `${isSell ? 'sell' : 'buy'},S${(n - (isSell ? 9 : 0)) % HOLDINGS},${isSell ? '1.5' : '12.25'},${100 + (n % 50)}.5,0.35,${at},row-${n}`;
  });
  return ['type,symbol,qty,price,fee,executed_at,external_id', ...lines, ''].join('\r\n');
}

async function measureRoutes({ store }: TestPortfolios, bare: Client): Promise<void> {
  const service = createService(servicesOf(store));
  const { app } = service;
  await service.ready();
  const ask = async <Content>(method: 'GET' | 'POST', path: string, payload?: object | string): Promise<Content> => {
    const type = typeof payload === 'string' ? 'text/csv' : 'application/json';
    const answer = await app.inject({
      method,
      url: `/portfolios${path}`,
      headers: { authorization: `Bearer ${USER}`, ...(payload !== undefined && { 'content-type': type }) },
      ...(payload !== undefined && { payload }),
    });
    if (answer.statusCode >= 300) throw new Error(`${method} ${path} answered ${answer.statusCode}: ${answer.body}`);
    return (String(answer.headers['content-type']).includes('json') ? answer.json() : answer.body) as Content;
  };
  const open = async () => (await ask<{ portfolio_id: string }>('POST', '', { name: 'Bench' })).portfolio_id;
  const timed = async <Out>(into: number[], work: () => Promise<Out>): Promise<Out> => {
    const began = performance.now();
    const out = await work();
    into.push(seconds(began));
    return out;
  };

  const file = fileOf(FILE_ROWS);
  const took = { import: [] as number[], export: [] as number[], again: [] as number[], bare: [] as number[] };
  let full = '';
  for (let round = 0; round < ROUNDS; round += 1) {
    full = await open();
    type Report = { readonly imported: number; readonly unchanged: number };
    const first = await timed(took.import, () => ask<Report>('POST', `/${full}/import`, file));
    const exported = await timed(took.export, () => ask<string>('GET', `/${full}/export`));
    const again = await timed(took.again, () => ask<Report>('POST', `/${full}/import`, exported));
    if (first.imported !== FILE_ROWS || again.imported !== 0 || again.unchanged !== FILE_ROWS)
      throw new Error(`imported ${first.imported}, then ${again.imported} of ${FILE_ROWS}`);
    const rows = await sameRows(bare, full, await open());
    await timed(took.bare, () => bare.query(`insert into transactions select * from ${ROWS}`, [rows]));
  }
  const ofFile = (name: string, values: readonly number[]) => [
    name,
    median(values).toFixed(2),
    (FILE_ROWS / median(values)).toFixed(0),
    (median(values) / median(took.bare)).toFixed(1),
  ];
  console.log(`\na file of ${FILE_ROWS} rows; ${load()}`);
  table(
    ['', 'seconds', 'rows/s', '× bare'],
    [
      ofFile('import', took.import),
      ofFile('export', took.export),
      ofFile('import again, adds 0', took.again),
      ofFile('bare insert', took.bare),
    ],
  );

  const small = await open();
  await ask('POST', `/${small}/import`, fileOf(400));
  const to = new Date(clock().getTime() - DAY_MS).toISOString().slice(0, 10);
  const from = `${Number(to.slice(0, 4)) - 5}${to.slice(4)}`.replace('02-29', '02-28');
  const reads = async (name: string, path: string) => {
    const ms: number[] = [];
    await ask('GET', path);
    for (let n = 0; n < READS; n += 1) await timed(ms, () => ask('GET', path));
    return [name, ...[0.5, 0.99].map((share) => (quantile(ms, share) * 1000).toFixed(0))];
  };
  const rows = [
    await reads(`holdings of ${FILE_ROWS}`, `/${full}/holdings`),
    await reads('performance, five years', `/${small}/performance?from=${from}&to=${to}`),
    await reads('the same by symbol', `/${small}/performance?from=${from}&to=${to}&by=symbol`),
  ];
  console.log(`\n${READS} requests each, one after the other; ${load()}`);
  table(['', 'p50 ms', 'p99 ms'], rows);
  await service.stop();
}

const ROWS = 'jsonb_populate_recordset(null::transactions, $1::jsonb)';

/** The rows of a portfolio for another one, ready to be sent. */
async function sameRows(bare: Client, portfolio: string, other: string): Promise<string> {
  const nextId = monotonicFactory();
  const { rows } = await bare.query<object>('select * from transactions where portfolio_id = $1', [portfolio]);
  return JSON.stringify(rows.map((row) => ({ ...row, portfolio_id: other, transaction_id: nextId() })));
}

async function main(): Promise<void> {
  console.log(`the portfolio service, Node.js ${process.version}, ${os.cpus().length} cores, ${load()}`);
  const portfolios = await startPortfolios();
  // What is made and swept here takes longer than a request may.
  const bare = new Client(await clientConfigOf({ ...portfolios.connection, statementTimeoutMs: 600_000 }));
  await bare.connect();
  try {
    await measurePasses(portfolios, bare);
    await measureRoutes(portfolios, bare);
  } finally {
    await bare.end();
    await portfolios.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
