import type { Ledger, PositionReport } from '../../../../lambda/adapters/ledger/ledger';
import { type LedgerDb, startSql, type TestSql } from '../../../sql';
import { ACCEPTED, booked, filledAt, ledgerOn, NOW, order, OTHER, position, ulid, USER } from './orders';

let sql: TestSql;
let db: LedgerDb;
let ledger: Ledger;
beforeAll(async () => {
  sql = await startSql();
  db = await sql.database();
  ledger = ledgerOn(sql, db);
});
afterAll(() => sql.stop());

const report = (portfolio_id: string, change: Partial<PositionReport>) =>
  ledger.report(
    { portfolio_id, user_id: USER, symbol: 'AAPL', qty: '0', sequence: 1, trade_sequence: 0, ...change },
    NOW,
  );
const buy = (portfolio_id: string, quantity: string, symbol = 'AAPL') =>
  booked(ledger, order({ portfolio_id, quantity, symbol }), filledAt('10', quantity), null, NOW);

it('makes a portfolio and a position that the ledger has not met', async () => {
  const portfolio_id = ulid();
  expect(await report(portfolio_id, { qty: '12.000000001' })).toBe(true);
  const sell = order({ portfolio_id, side: 'sell', quantity: '12.000000001' });
  expect(await ledger.book(sell, filledAt('1', '12.000000001'), null, NOW)).toMatchObject({ result: 'booked' });
  expect(await ledger.book(order({ portfolio_id, user_id: OTHER }), ACCEPTED, null, NOW)).toEqual({
    result: 'no_portfolio',
  });
});

it('adds the trades that the report does not know of, of this symbol only', async () => {
  const portfolio_id = ulid();
  await buy(portfolio_id, '1');
  await buy(portfolio_id, '100', 'MSFT');
  await buy(portfolio_id, '0.000000001');
  await booked(ledger, order({ portfolio_id, side: 'sell', quantity: '0.5' }), filledAt('10', '0.5'), null, NOW);
  // It knows of the first purchase, and found seven more shares: a split, say.
  expect(await report(portfolio_id, { qty: '8', trade_sequence: 1 })).toBe(true);
  const sell = order({ portfolio_id, side: 'sell', quantity: '8' });
  expect(await ledger.book(sell, ACCEPTED, null, NOW)).toEqual({ result: 'oversell', available: '7.500000001' });
  expect(await position(db, portfolio_id, 'MSFT')).toEqual({ qty: 100, reserved: 0 });
});

it('ends the same, however reports and trades follow each other', async () => {
  const first = { qty: '5', sequence: 1, trade_sequence: 0 };
  const second = { qty: '9', sequence: 2, trade_sequence: 1 };
  const inOrder = ulid();
  expect(await report(inOrder, first)).toBe(true);
  await buy(inOrder, '2');
  expect(await report(inOrder, second)).toBe(true);

  const tradeLast = ulid();
  expect(await report(tradeLast, second)).toBe(true);
  expect(await report(tradeLast, first)).toBe(false);
  expect(await report(tradeLast, second)).toBe(false);
  // Numbered 1: the report, which came before it, has counted it already.
  await buy(tradeLast, '2');
  expect(await report(tradeLast, { ...second, sequence: 3 })).toBe(true);

  expect(await position(db, inOrder)).toEqual({ qty: 9, reserved: 0 });
  expect(await position(db, tradeLast)).toEqual({ qty: 9, reserved: 0 });
});

it('leaves what is promised to open orders, and may leave less than nothing', async () => {
  const portfolio_id = ulid();
  await buy(portfolio_id, '10');
  const sell = await booked(ledger, order({ portfolio_id, side: 'sell', quantity: '6' }), ACCEPTED, null, NOW);
  expect(await report(portfolio_id, { qty: '-3.5', trade_sequence: 1 })).toBe(true);
  expect(await position(db, portfolio_id)).toEqual({ qty: -3.5, reserved: 6 });
  const more = order({ portfolio_id, side: 'sell', quantity: '1' });
  expect(await ledger.book(more, ACCEPTED, null, NOW)).toEqual({ result: 'oversell', available: '0' });
  await ledger.close(sell.trade_id, 'canceled', 'canceled', NOW);
  expect(await position(db, portfolio_id)).toEqual({ qty: -3.5, reserved: 0 });
});

it('numbers its symbols apart', async () => {
  const portfolio_id = ulid();
  expect(await report(portfolio_id, { symbol: 'MSFT', qty: '1', sequence: 5 })).toBe(true);
  expect(await report(portfolio_id, { symbol: 'AAPL', qty: '2', sequence: 4 })).toBe(true);
  expect(await report(portfolio_id, { symbol: 'aapl', qty: '3', sequence: 1 })).toBe(true);
});

it('says whose a portfolio is until somebody trades for it', async () => {
  const portfolio_id = ulid();
  expect(await report(portfolio_id, { qty: '1' })).toBe(true);
  expect(await report(portfolio_id, { user_id: OTHER, qty: '2', sequence: 2 })).toBe(true);
  await booked(ledger, order({ portfolio_id, user_id: OTHER }), ACCEPTED, null, NOW);
  expect(await report(portfolio_id, { user_id: USER, qty: '3', sequence: 3 })).toBe(false);
  expect(await position(db, portfolio_id)).toEqual({ qty: 2, reserved: 0 });
});
