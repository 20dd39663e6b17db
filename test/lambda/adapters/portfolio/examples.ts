import { monotonicFactory, ulid as plainUlid } from 'ulid';
import type { EventDetail } from '../../../../contract/events';
import type { Change, PortfolioFields, PortfolioStore } from '../../../../lambda/adapters/portfolio/portfolios';

export const NOW = '2026-05-18T14:30:00.123Z';
export const LATER = '2026-05-18T14:40:00.456Z';
export const FIELDS: PortfolioFields = { name: 'Mine', base_currency: 'USD', cost_basis: 'fifo', benchmark: 'SPY' };

const next = monotonicFactory();
/** A new ULID that sorts behind every one before it. */
export const ulid = (): string => next(Date.parse(NOW));
/** A user of a test's own. */
export const newUser = (): string => `user-${ulid()}`;
/** A trade of an order that was given at a time. */
export const tradeIdAt = (time: string): string => `TRADE-${plainUlid(Date.parse(time))}`;

export type Trade = EventDetail<'tradeBooked'>;
export const tradeOf = (change: Partial<Trade> & Pick<Trade, 'user_id'>): Trade => ({
  trade_id: tradeIdAt(NOW),
  execution_id: ulid(),
  sequence: 1,
  portfolio_id: null,
  symbol: 'AAPL',
  side: 'buy',
  quantity: '10',
  price: '190.25',
  fee: '0',
  currency: 'USD',
  executed_at: NOW,
  booked_at: NOW,
  ...change,
});

export type Added = NonNullable<Change['add']>[number];
export const addedOf = (change: Partial<Added> = {}): Added => ({
  transaction_id: ulid(),
  type: 'buy',
  symbol: 'AAPL',
  qty: '10',
  price: '100',
  amount: null,
  fee: null,
  ratio: null,
  executed_at: '2026-01-05T15:00:00.000Z',
  sequence: null,
  external_id: null,
  source: 'manual',
  trade_id: null,
  named_portfolio_id: null,
  ...change,
});
export const splitOf = (ratio: string, change: Partial<Added> = {}): Added =>
  addedOf({ type: 'split', qty: null, price: null, ratio, ...change });

export async function opened(store: PortfolioStore, userId: string, fields = FIELDS) {
  const portfolio = await store.create(userId, fields, NOW);
  if (portfolio === 'too_many') throw new Error('too many');
  return portfolio;
}

/** Adds, and nothing may stand in the way. */
export async function added(store: PortfolioStore, userId: string, portfolioId: string, ...add: readonly Added[]) {
  const changed = await store.change<never>(userId, portfolioId, LATER, () => ({ add }));
  if (changed.result !== 'changed') throw new Error(changed.result);
  return changed;
}

/** What the ledger is owed for a portfolio, in the order of its numbers. */
export const owedFor = async (store: PortfolioStore, portfolioId: string) =>
  (await store.owed(100_000))
    .map(({ detail }) => detail)
    .filter((detail) => detail.portfolio_id === portfolioId)
    .map(({ symbol, qty, sequence, trade_sequence }) => ({ symbol, qty, sequence, trade_sequence }));
