import { parquetReadObjects } from 'hyparquet';
import type { CloseSource } from '../../../lambda/adapters/market/market';
import type { ObjectStore } from '../../../lambda/adapters/object-store';
import type { PortfolioStore } from '../../../lambda/adapters/portfolio/portfolios';
import { makeHandler } from '../../../lambda/portfolio/portfolio-history';
import { startDynamo, type TestDynamo } from '../../dynamo';
import { startPortfolios, type TestPortfolios } from '../../portfolio';
import { added, addedOf, newUser, opened, splitOf } from '../adapters/portfolio/examples';

/** What `added` says for a time of recording: 18 May in New York. */
const DAY = '2026-05-18';
/** A Tuesday, 20:30 in New York. */
const NEXT_EVENING = '2026-05-20T00:30:00Z';
const NEXT_DAY = '2026-05-19';

let dynamo: TestDynamo;
let portfolios: TestPortfolios;
let store: PortfolioStore;
beforeAll(async () => {
  [dynamo, portfolios] = await Promise.all([startDynamo(), startPortfolios()]);
  await dynamo.createTables('test');
  store = portfolios.store;
});
afterAll(() => Promise.all([dynamo.stop(), portfolios.stop()]));

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

/** The reader makes doubles of decimals, by a multiplication. */
const withoutResidue = (row: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'number' ? Number(value.toFixed(9)) : value]),
  );

/** A job over the suite's store, with a market and a bucket of its own. */
function job({
  closes = {},
  stale = false,
  sizes = (page) => store.sizes(page),
  states = (page) => store.states(page),
}: {
  readonly closes?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly stale?: boolean;
  readonly sizes?: PortfolioStore['sizes'];
  readonly states?: PortfolioStore['states'];
}) {
  const asked: (readonly string[])[] = [];
  const source: CloseSource = {
    closes: (symbols, from, to) => {
      asked.push(symbols);
      const series = symbols.map(
        (symbol) =>
          [
            symbol,
            Object.entries(closes[symbol] ?? {})
              .map(([date, close]) => ({ date, close }))
              .filter(({ date }) => date >= from && date <= to),
          ] as const,
      );
      return Promise.resolve({ closes: new Map(series), stale });
    },
  };
  const bucket = new Map<string, Uint8Array>();
  const files: ObjectStore = { put: (key, body) => Promise.resolve(void bucket.set(key, body)) };
  const handler = makeHandler({
    documents: dynamo.documents,
    env: 'test',
    clock: () => new Date('2026-05-20T00:31:00Z'),
    log,
    metrics: { count: silent },
    store: { sizes, states, snapshot: (snapshots) => store.snapshot(snapshots) },
    closes: source,
    files,
    timeZone: 'America/New_York',
  });
  const rows = async (dataset: string, date: string, portfolioId: string) => {
    const keys = [...bucket.keys()].filter((key) => key.startsWith(`${dataset}/date=${date}/`));
    const read = keys.map(async (key) => parquetReadObjects({ file: new Uint8Array(bucket.get(key)!).buffer }));
    return (await Promise.all(read))
      .flat()
      .filter(({ portfolio_id }) => portfolio_id === portfolioId)
      .map(withoutResidue);
  };
  return { run: (at: string) => handler({ job: 'portfolio-history', scheduled_time: at }), bucket, rows, asked };
}

async function portfolioWith(...transactions: Parameters<typeof addedOf>[0][]) {
  const user = newUser();
  const { portfolio_id } = await opened(store, user);
  await added(store, user, portfolio_id, ...transactions.map((fields) => addedOf(fields)));
  return { user, portfolio_id };
}
/** Each test's run is another occurrence of one evening: an occurrence runs once. */
let seconds = 0;
const evening = () => NEXT_EVENING.replace(':00Z', `:${String(++seconds).padStart(2, '0')}Z`);

it('keeps the value at the close as the final one, and writes it with the holdings', async () => {
  const { portfolio_id } = await portfolioWith(
    { type: 'deposit', symbol: null, qty: null, price: null, amount: '5000' },
    { qty: '10', price: '100', fee: '1', executed_at: '2026-01-05T15:00:00.000Z' },
    { symbol: 'MSFT', qty: '3', price: null },
  );
  // The holiday's last close is Monday's.
  const { run, rows } = job({ closes: { AAPL: { '2026-05-15': '110', [DAY]: '120.5' }, MSFT: { [DAY]: '400' } } });
  expect((await run(evening())).outcome).toBe('done');

  const [snapshot, ...more] = await store.snapshots(portfolio_id, NEXT_DAY, NEXT_DAY);
  expect(more).toEqual([]);
  expect(snapshot).toMatchObject({ final: true, stale: false, market_value: '2405', cash: null, total_value: null });
  expect(await rows('valuations', NEXT_DAY, portfolio_id)).toEqual([
    expect.objectContaining({
      currency: 'USD',
      market_value: 2405,
      cash: null,
      cost_basis: null,
      fees: 1,
      stale: false,
    }),
  ]);
  expect(await rows('holdings', NEXT_DAY, portfolio_id)).toEqual([
    expect.objectContaining({
      symbol: 'AAPL',
      qty: 10,
      close: 120.5,
      close_date: new Date(DAY),
      market_value: 1205,
      cost_basis: 1001,
      unrealized_pl: 204,
    }),
    expect.objectContaining({ symbol: 'MSFT', qty: 3, market_value: 1200, cost_basis: null, unrealized_pl: null }),
  ]);
});

it('leaves out what is later than the day, what is sold out, and prices that nobody knows', async () => {
  const { portfolio_id } = await portfolioWith(
    { symbol: 'GONE', executed_at: '2026-01-05T15:00:00.000Z' },
    { symbol: 'GONE', type: 'sell', executed_at: '2026-01-06T15:00:00.000Z' },
    { symbol: 'LATER', executed_at: '2026-05-20T15:00:00.000Z' },
    { symbol: 'OLD', executed_at: '2026-01-06T15:00:00.000Z' },
  );
  const { run, rows } = job({ closes: { GONE: { [DAY]: '1' }, LATER: { [DAY]: '1' }, OLD: { '2026-03-01': '7' } } });
  await run(evening());
  expect(await rows('holdings', NEXT_DAY, portfolio_id)).toEqual([
    expect.objectContaining({ symbol: 'OLD', qty: 10, close: null, close_date: null, market_value: null }),
  ]);
});

it('reckons with a split since the last close', async () => {
  const user = newUser();
  const { portfolio_id } = await opened(store, user);
  await added(store, user, portfolio_id, addedOf({ symbol: 'SPLT' }));
  await added(store, user, portfolio_id, splitOf('2:1', { symbol: 'SPLT', executed_at: '2026-05-19T00:00:00.000Z' }));
  const { run, rows } = job({ closes: { SPLT: { [DAY]: '50' } } });
  await run(evening());
  expect(await rows('holdings', NEXT_DAY, portfolio_id)).toEqual([
    expect.objectContaining({ qty: 20, close: 25, close_date: new Date(DAY), market_value: 500 }),
  ]);
});

it('writes the transactions that were recorded on the day before, whenever they were executed', async () => {
  const { portfolio_id } = await portfolioWith({ executed_at: '1999-12-31T00:00:00.000Z', external_id: 'x' });
  const { run, rows, bucket } = job({});
  await run(evening());
  expect(await rows('transactions', DAY, portfolio_id)).toEqual([
    expect.objectContaining({ type: 'buy', qty: 10, executed_at: new Date('1999-12-31'), source: 'manual' }),
  ]);

  const { run: runNextDay, rows: nextRows } = job({});
  await runNextDay('2026-05-21T00:30:00Z');
  expect(await nextRows('transactions', NEXT_DAY, portfolio_id)).toEqual([]);
  expect([...bucket.keys()].filter((key) => key.endsWith('part-00000.parquet'))).toHaveLength(3);
});

it('asks for a symbol once, and runs once an occurrence', async () => {
  await portfolioWith({ symbol: 'ONCE' });
  await portfolioWith({ symbol: 'ONCE' });
  const { run, asked } = job({});
  const at = evening();
  await run(at);
  expect(asked.flat().filter((symbol) => symbol === 'ONCE')).toHaveLength(1);
  expect((await run(at)).outcome).toBe('repeated');
});

it('writes the same files when it runs again', async () => {
  await portfolioWith({ symbol: 'SAME' });
  const one = job({ closes: { SAME: { [DAY]: '5' } } });
  const two = job({ closes: { SAME: { [DAY]: '5' } } });
  await one.run(evening());
  await two.run(evening());
  expect(two.bucket).toEqual(one.bucket);
});

it('keeps what is known of a stale market, marked so, and fails to be tried again', async () => {
  const { portfolio_id } = await portfolioWith({ symbol: 'SLOW' });
  const { run, rows } = job({ closes: { SLOW: { [DAY]: '5' } }, stale: true });
  const at = evening();
  await expect(run(at)).rejects.toThrow(`failures in the history of ${NEXT_DAY}: 1`);
  expect(await rows('valuations', NEXT_DAY, portfolio_id)).toEqual([expect.objectContaining({ stale: true })]);

  const again = job({ closes: { SLOW: { [NEXT_DAY]: '6' } } });
  expect((await again.run(at)).outcome).toBe('done');
  expect(await store.snapshots(portfolio_id, NEXT_DAY, NEXT_DAY)).toEqual([
    expect.objectContaining({ market_value: '60', stale: false, final: true }),
  ]);
});

it('values the others where one portfolio cannot be', async () => {
  const good = await portfolioWith({ symbol: 'GOOD' });
  const bad = await portfolioWith({ symbol: 'BAD' });
  const states: PortfolioStore['states'] = async (page) =>
    (await store.states(page)).map((state) =>
      state.portfolio.portfolio_id === bad.portfolio_id
        ? { ...state, transactions: state.transactions.map((row) => ({ ...row, qty: '0' })) }
        : state,
    );
  const { run, rows } = job({ closes: { GOOD: { [DAY]: '5' } }, states });
  await expect(run(evening())).rejects.toThrow(`failures in the history of ${NEXT_DAY}: 1`);
  expect(await rows('valuations', NEXT_DAY, good.portfolio_id)).toHaveLength(1);
  expect(await rows('valuations', NEXT_DAY, bad.portfolio_id)).toEqual([]);
});

it('reads no more transactions at once than fit, and goes on where a page of them cannot be read', async () => {
  const large = await portfolioWith({ symbol: 'LARGE' });
  const slow = await portfolioWith({ symbol: 'SLOW' });
  const sizes: PortfolioStore['sizes'] = async (page) =>
    (await store.sizes(page)).map((size) =>
      [large, slow].some(({ portfolio_id }) => portfolio_id === size.portfolio_id)
        ? { ...size, transactions: page.countTo }
        : size,
    );
  const read: (readonly string[])[] = [];
  const states: PortfolioStore['states'] = (page) => {
    read.push(page.among ?? []);
    return page.among?.includes(slow.portfolio_id) ? Promise.reject(new Error('too slow')) : store.states(page);
  };
  const { run, rows } = job({ closes: { LARGE: { [DAY]: '5' } }, sizes, states });
  await expect(run(evening())).rejects.toThrow(`failures in the history of ${NEXT_DAY}: 1`);
  for (const { portfolio_id } of [large, slow]) expect(read).toContainEqual([portfolio_id]);
  expect(await rows('valuations', NEXT_DAY, large.portfolio_id)).toHaveLength(1);
  expect(await rows('valuations', NEXT_DAY, slow.portfolio_id)).toEqual([]);
});
