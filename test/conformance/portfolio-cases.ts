import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ulid } from 'ulid';
import { bodyExamples } from '../../contract/examples';
import type { RouteId } from '../../contract/routes';
import { type Asking, bodyIn, type Case, refused, type World } from './world';

/** What the portfolio service must answer, wherever it runs. */

const DAY = '2025-03-03T15:00:00Z';
/** Booked trades come over the bus. */
const PATIENCE_MS = 15_000;

export async function portfolioOf({ person }: World, more: { cost_basis?: 'average' | 'fifo' | 'lifo' } = {}) {
  return bodyIn(await person.call('createPortfolio', { body: { name: 'Conformance', ...more } })).portfolio_id;
}
const at = async (world: World) => ({ parameters: { portfolioId: await portfolioOf(world) } });
const buy = (qty: string, price: string | null, executed_at = DAY) =>
  ({ type: 'buy', symbol: 'KEPT', qty, price, executed_at }) as const;

export async function transactionOf(world: World): Promise<{ portfolioId: string; transactionId: string }> {
  const portfolioId = await portfolioOf(world);
  const added = await world.person.call('addTransaction', { parameters: { portfolioId }, body: buy('2', '10') });
  return { portfolioId, transactionId: bodyIn(added).transaction_id };
}

/** How to ask each route well. */
export const portfolioRequests = {
  listPortfolios: async (world) => {
    await portfolioOf(world);
    return {};
  },
  createPortfolio: () => ({ body: bodyExamples.createPortfolio }),
  getPortfolio: at,
  replacePortfolio: async (world) => ({ ...(await at(world)), body: bodyExamples.replacePortfolio }),
  deletePortfolio: at,
  getHoldings: at,
  getPerformance: at,
  listTransactions: async (world) => {
    const { portfolioId } = await transactionOf(world);
    return { parameters: { portfolioId } };
  },
  addTransaction: async (world) => ({ ...(await at(world)), body: bodyExamples.addTransaction }),
  removeTransaction: async (world) => ({ parameters: await transactionOf(world) }),
  importTransactions: async (world) => ({ ...(await at(world)), body: bodyExamples.importTransactions }),
  exportTransactions: at,
} satisfies Partial<Record<RouteId, Asking>>;

/** Asks until something is so. @throws AssertionError of the last time */
async function eventually(check: () => Promise<void>): Promise<void> {
  for (const until = Date.now() + PATIENCE_MS; ;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await sleep(100);
    }
  }
}

export const portfolioCases: readonly Case[] = [
  {
    route: 'createPortfolio',
    status: 422,
    says: 'asked for a currency other than USD, which the answer names',
    async run({ person }) {
      const answer = await person.call('createPortfolio', { body: { name: 'Euros', base_currency: 'EUR' } });
      refused(answer, 422, 'unprocessable');
      ok(answer.kind === 'refusal' && answer.error.details?.some(({ path }) => path === 'base_currency'));
    },
  },
  {
    route: 'replacePortfolio',
    status: 422,
    says: 'asked for a currency other than USD',
    async run(world) {
      const body = { name: 'Euros', base_currency: 'EUR' };
      refused(await world.person.call('replacePortfolio', { ...(await at(world)), body }), 422, 'unprocessable');
    },
  },
  {
    route: 'addTransaction',
    status: 409,
    says: 'asked for another transaction under an external_id that was used',
    async run(world) {
      const { parameters } = await at(world);
      const body = { ...buy('1', '10'), external_id: 'one' };
      const first = await world.person.call('addTransaction', { parameters, body });
      equal(first.status, 201);
      equal((await world.person.call('addTransaction', { parameters, body: { ...body, qty: '1.0' } })).status, 200);
      refused(await world.person.call('addTransaction', { parameters, body: { ...body, qty: '2' } }), 409, 'conflict');
    },
  },
  {
    route: 'addTransaction',
    status: 422,
    says: 'asked to sell more than is held, or for what a rule refuses: named, and nothing is kept',
    async run(world) {
      const { parameters } = await at(world);
      const refusedFor = async (path: string, body: object) => {
        const answer = await world.person.send('addTransaction', { parameters, body });
        refused(answer, 422, 'unprocessable');
        ok(answer.kind === 'refusal' && answer.error.details?.some((detail) => detail.path === path));
      };
      bodyIn(await world.person.call('addTransaction', { parameters, body: buy('2', '10') }));
      await refusedFor('qty', { ...buy('2.000000001', '10'), type: 'sell' });
      await refusedFor('qty', { ...buy('2', '10'), type: 'sell', executed_at: '2025-03-02T15:00:00Z' });
      await refusedFor('qty', buy('0', '10'));
      await refusedFor('price', buy('1', '-1'));
      await refusedFor('qty', buy('0.0000000001', '10'));
      equal(bodyIn(await world.person.call('listTransactions', { parameters })).items.length, 1);
    },
  },
  {
    route: 'addTransaction',
    status: 400,
    says: 'asked without what its type needs, or with what it must not have',
    async run(world) {
      const { parameters } = await at(world);
      const refusedFor = async (path: string, body: object) => {
        const answer = await world.person.send('addTransaction', { parameters, body });
        refused(answer, 400, 'invalid_request');
        ok(answer.kind === 'refusal' && answer.error.details?.some((detail) => detail.path === path));
      };
      await refusedFor('qty', { type: 'buy', symbol: 'KEPT', executed_at: DAY });
      await refusedFor('symbol', { type: 'deposit', symbol: 'KEPT', amount: '1', executed_at: DAY });
      await refusedFor('ratio', { type: 'split', symbol: 'KEPT', ratio: '2', executed_at: DAY });
      await refusedFor('executed_at', { ...buy('1', '1'), executed_at: 'yesterday' });
    },
  },
  {
    route: 'removeTransaction',
    status: 422,
    says: 'asked to remove a purchase whose shares were sold',
    async run(world) {
      const { portfolioId, transactionId } = await transactionOf(world);
      const body = { ...buy('2', '12', '2025-03-04T15:00:00Z'), type: 'sell' } as const;
      bodyIn(await world.person.call('addTransaction', { parameters: { portfolioId }, body }));
      const parameters = { portfolioId, transactionId };
      refused(await world.person.call('removeTransaction', { parameters }), 422, 'unprocessable');
    },
  },
  {
    route: 'getHoldings',
    status: 200,
    says: 'asked after purchases at two prices and a sell, by each method: DOMAIN.md’s 50, 75 and 25',
    async run(world) {
      for (const [cost_basis, realized] of [
        ['average', '50'],
        ['fifo', '75'],
        ['lifo', '25'],
      ] as const) {
        const parameters = { portfolioId: await portfolioOf(world, { cost_basis }) };
        for (const body of [
          buy('10', '10'),
          buy('10', '20', '2025-03-04T15:00:00Z'),
          { ...buy('5', '25', '2025-03-05T15:00:00Z'), type: 'sell' } as const,
        ])
          bodyIn(await world.person.call('addTransaction', { parameters, body }));
        const { items, totals } = bodyIn(await world.person.call('getHoldings', { parameters }));
        deepEqual(
          items.map(({ symbol, qty, realized_pl }) => [symbol, qty, realized_pl]),
          [['KEPT', '15', realized]],
        );
        // Nobody quotes it: unknown, and said so, not 0.
        deepEqual([items[0]?.market_value, totals.market_value], [null, null]);
        ok(items[0]?.reasons.market_value);
      }
    },
  },
  {
    route: 'getHoldings',
    status: 200,
    says: 'asked after a trade was booked into the portfolio: it is there, once, at the market’s price',
    async run(world) {
      const portfolioId = await portfolioOf(world);
      const symbol = await world.symbol();
      const trade = bodyIn(
        await world.person.call('bookTrade', { body: { symbol, quantity: '3', portfolio_id: portfolioId } }),
      );
      if (trade.status !== 'SUCCESS') {
        match(trade.status, /^(accepted|pending_new)$/);
        return;
      }
      const parameters = { portfolioId };
      await eventually(async () => {
        const { items, discrepancies } = bodyIn(await world.person.call('getHoldings', { parameters }));
        deepEqual(
          items.map((one) => [one.symbol, one.qty, one.avg_entry_price]),
          [[symbol, '3', trade.filled_avg_price]],
        );
        ok(items[0]?.market_value);
        deepEqual(discrepancies, []);
      });
      const [one, ...more] = bodyIn(await world.person.call('listTransactions', { parameters })).items;
      deepEqual([one?.source, one?.trade_id, one?.sequence, more], ['trade', trade.trade_id, 1, []]);
      const booked = { parameters: { portfolioId, transactionId: one?.transaction_id ?? '' } };
      refused(await world.person.call('removeTransaction', booked), 422, 'unprocessable');
    },
  },
  {
    route: 'listPortfolios',
    status: 200,
    says: 'asked after a trade that names no portfolio: the default one has it',
    async run(world) {
      const symbol = await world.symbol();
      const trade = bodyIn(await world.person.call('bookTrade', { body: { symbol, quantity: 1 } }));
      if (trade.status !== 'SUCCESS') {
        match(trade.status, /^(accepted|pending_new)$/);
        return;
      }
      await eventually(async () => {
        const { items } = bodyIn(await world.person.call('listPortfolios', { query: { limit: 200 } }));
        const [portfolioId, ...others] = items.filter((one) => one.is_default).map((one) => one.portfolio_id);
        deepEqual(others, []);
        ok(portfolioId);
        const query = { limit: 200 };
        const { items: transactions } = bodyIn(
          await world.person.call('listTransactions', { parameters: { portfolioId }, query }),
        );
        ok(transactions.some(({ trade_id }) => trade_id === trade.trade_id));
      });
    },
  },
  {
    route: 'getPerformance',
    status: 400,
    says: 'asked from a day behind its end',
    async run(world) {
      const query = { from: '2026-01-02', to: '2026-01-01' };
      refused(await world.person.call('getPerformance', { ...(await at(world)), query }), 400, 'invalid_request');
    },
  },
  {
    route: 'getPerformance',
    status: 200,
    says: 'asked by symbol, of a portfolio with one',
    async run(world) {
      const { portfolioId } = await transactionOf(world);
      const query = { by: 'symbol', to: '2025-03-10' } as const;
      const answer = bodyIn(await world.person.call('getPerformance', { parameters: { portfolioId }, query }));
      deepEqual(
        answer.symbols?.map(({ symbol, net_flows }) => [symbol, net_flows]),
        [['KEPT', '20']],
      );
      deepEqual([answer.from, answer.to, answer.net_flows], ['2025-03-02', '2025-03-10', '20']);
    },
  },
  {
    route: 'importTransactions',
    status: 200,
    says: 'given what the export said, in the same portfolio and in another: nothing new, and all of it',
    async run(world) {
      const { person } = world;
      const [from, to] = [await portfolioOf(world), await portfolioOf(world)];
      const ofFrom = { parameters: { portfolioId: from } };
      for (const body of [
        buy('10', '10'),
        buy('1', null),
        { type: 'split', symbol: 'KEPT', ratio: '1:3', executed_at: DAY },
        { type: 'deposit', amount: '1000.5', executed_at: DAY },
        { type: 'dividend', symbol: 'KEPT', amount: '3', fee: '0.45', executed_at: DAY, external_id: '=1+1,"x"' },
      ] as const)
        bodyIn(await person.call('addTransaction', { ...ofFrom, body }));
      const file = bodyIn(await person.call('exportTransactions', ofFrom));
      const again = bodyIn(await person.call('importTransactions', { ...ofFrom, body: file }));
      deepEqual([again.rows, again.imported, again.unchanged], [5, 0, 5]);
      const other = { parameters: { portfolioId: to } };
      deepEqual(bodyIn(await person.call('importTransactions', { ...other, body: file })).imported, 5);
      deepEqual(bodyIn(await person.call('importTransactions', { ...other, body: file })).imported, 0);
      const held = async (ask: typeof other) =>
        bodyIn(await person.call('getHoldings', ask)).items.map(({ qty, cost_basis }) => [qty, cost_basis]);
      deepEqual(await held(other), await held(ofFrom));
    },
  },
  {
    route: 'importTransactions',
    status: 422,
    says: 'given bad rows: each with its line, and nothing is kept; with partial=true the good ones are',
    async run(world) {
      const { parameters } = await at(world);
      const body = [
        'type,symbol,qty,price,executed_at,external_id',
        'buy,KEPT,1,10,2025-03-03T15:00:00Z,a',
        'buy,KEPT,none,10,2025-03-03T15:00:00Z,b',
        'sell,KEPT,5,10,2025-03-03T15:00:00Z,c',
        'lend,KEPT,5,10,2025-03-03T15:00:00Z,d',
        '',
      ].join('\n');
      const answer = await world.person.call('importTransactions', { parameters, body });
      refused(answer, 422, 'unprocessable');
      ok(answer.kind === 'refusal');
      for (const line of ['line 3', 'line 4', 'line 5'])
        ok(
          answer.error.details?.some(({ path }) => path.startsWith(line)),
          line,
        );
      deepEqual(bodyIn(await world.person.call('listTransactions', { parameters })).items, []);
      const query = { partial: true };
      const report = bodyIn(await world.person.call('importTransactions', { parameters, body, query }));
      deepEqual([report.imported, report.rejected.map(({ line }) => line)], [1, [3, 4, 5]]);
    },
  },
  {
    route: 'listTransactions',
    status: 200,
    says: 'asked page by page and by symbol: the newest first, none twice',
    async run(world) {
      const parameters = { portfolioId: await portfolioOf(world) };
      for (let n = 0; n < 5; n += 1)
        bodyIn(await world.person.call('addTransaction', { parameters, body: buy(String(n + 1), '1') }));
      const query = { symbol: 'KEPT', limit: 3 };
      const first = bodyIn(await world.person.call('listTransactions', { parameters, query }));
      const second = bodyIn(
        await world.person.call('listTransactions', {
          parameters,
          query: { ...query, cursor: first.next_cursor ?? '' },
        }),
      );
      const ids = [...first.items, ...second.items].map(({ transaction_id }) => transaction_id);
      deepEqual([new Set(ids).size, second.next_cursor], [5, null]);
      refused(
        await world.person.call('listTransactions', { parameters, query: { cursor: first.next_cursor ?? '' } }),
        400,
        'invalid_cursor',
      );
    },
  },
];

/** Ids of a portfolio and a transaction of the person's. */
export const portfolioIds = async (world: World): Promise<Record<string, string>> => ({
  ...(await transactionOf(world)),
});
export const portfolioAbsent = { portfolioId: ulid(0, () => 0), transactionId: ulid(0, () => 0) };
