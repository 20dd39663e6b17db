import fc from 'fast-check';
import type { OrderRequest } from '../../../core/trading/order';
import { isValueHeld, orderRules, refusals, type TradedAsset } from '../../../core/trading/order-rules';

const ASSET: TradedAsset = { symbol: 'ACMEJ', status: 'active', tradable: true, fractionable: true };
const ORDER: OrderRequest = {
  symbol: 'ACMEJ',
  side: 'buy',
  type: 'market',
  time_in_force: 'day',
  quantity: '100',
  limit_price: null,
};
const LIMIT: OrderRequest = { ...ORDER, type: 'limit', limit_price: '187.25' };

const codes = (order: Partial<OrderRequest>, asset: Partial<TradedAsset> = {}) =>
  refusals({ ...ORDER, ...order }, { ...ASSET, ...asset }).map(({ code }) => code);

test('an ordinary order breaks no rule', () => {
  expect(refusals(ORDER, ASSET)).toEqual([]);
  expect(refusals(LIMIT, ASSET)).toEqual([]);
  expect(codes({ quantity: '0.000000001' })).toEqual([]);
  expect(codes({ time_in_force: 'ioc' })).toEqual([]);
});

test.each<[string, 'syntax' | 'rule', string, Partial<OrderRequest>, Partial<TradedAsset>, string]>([
  ['limit_price_missing', 'syntax', 'limit_price', { type: 'limit' }, {}, 'is required for a limit order'],
  ['limit_price_unexpected', 'syntax', 'limit_price', { limit_price: '1' }, {}, 'must be left out of a market order'],
  ['asset_inactive', 'rule', 'symbol', {}, { status: 'inactive', tradable: false }, 'ACMEJ is not active'],
  ['asset_not_tradable', 'rule', 'symbol', {}, { tradable: false }, 'ACMEJ cannot be traded at present'],
  [
    'not_fractionable',
    'rule',
    'quantity',
    { quantity: '1.5' },
    { fractionable: false },
    'must be whole: ACMEJ is not traded in fractions',
  ],
  [
    'fractional_not_day',
    'rule',
    'time_in_force',
    { quantity: '0.5', time_in_force: 'ioc' },
    {},
    'must be day where the quantity has a fraction',
  ],
  [
    'quantity_precision',
    'rule',
    'quantity',
    { quantity: '0.0000000001' },
    {},
    'has at most 9 decimals, not 0.0000000001',
  ],
  [
    'sub_penny',
    'rule',
    'limit_price',
    { ...LIMIT, limit_price: '290.123' },
    {},
    'has at most 2 decimals from 1 dollar up, not 290.123',
  ],
  ['quantity_too_large', 'rule', 'quantity', { quantity: '1000000000000' }, {}, 'must be below 1000000000000'],
  [
    'limit_price_too_large',
    'rule',
    'limit_price',
    { ...LIMIT, limit_price: '1000000000' },
    {},
    'must be below 1000000000',
  ],
  [
    'value_too_large',
    'rule',
    'quantity',
    { ...LIMIT, quantity: '10000000', limit_price: '100000000' },
    {},
    'times limit_price must be below 1000000000000000',
  ],
])('%s', (code, kind, path, order, asset, message) => {
  expect(refusals({ ...ORDER, ...order }, { ...ASSET, ...asset })).toEqual([{ code, kind, path, message }]);
});

test.each([
  ['0.9999', []],
  ['0.99999', ['sub_penny']],
  ['1.01', []],
  ['1.001', ['sub_penny']],
  ['1.0000', []],
])('a limit of %s: %j', (limit_price, expected) => {
  expect(codes({ ...LIMIT, limit_price })).toEqual(expected);
});

test('quantities with zeros behind the point are whole', () => {
  expect(codes({ quantity: '2.000', time_in_force: 'ioc' }, { fractionable: false })).toEqual([]);
});

test('an order that breaks several rules is told of all', () => {
  expect(codes({ quantity: '0.5', time_in_force: 'ioc', limit_price: '1.001' }, { fractionable: false })).toEqual([
    'limit_price_unexpected',
    'not_fractionable',
    'fractional_not_day',
    'sub_penny',
  ]);
});

test('every rule says where it is from, and has an id of its own', () => {
  expect(new Set(orderRules.map(({ id }) => id)).size).toBe(orderRules.length);
  for (const { source } of orderRules) expect(source).toMatch(/^https:\/\/docs\.alpaca\.markets\/|^the ledger/);
});

test('whatever passes is of a value that the ledger holds', () => {
  const digits = fc.integer({ min: 1, max: 999_999_999 });
  fc.assert(
    fc.property(digits, fc.integer({ min: 0, max: 6 }), digits, (head, zeros, cents) => {
      const quantity = `${head}${'0'.repeat(zeros)}`;
      const limit_price = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
      if (refusals({ ...LIMIT, quantity, limit_price }, ASSET).length > 0) return;
      expect(isValueHeld(quantity, limit_price)).toBe(true);
      expect(BigInt(quantity) * BigInt(cents)).toBeLessThan(10n ** 17n);
    }),
  );
});
