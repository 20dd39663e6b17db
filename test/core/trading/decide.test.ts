import fc from 'fast-check';
import { decide, isMarketable } from '../../../core/trading/decide';

const OPEN = { is_open: true };
const CLOSED = { is_open: false };
const market = (time_in_force: 'day' | 'ioc') =>
  ({ side: 'buy', type: 'market', time_in_force, limit_price: null }) as const;
const limit = (side: 'buy' | 'sell', limit_price: string, time_in_force: 'day' | 'ioc' = 'day') =>
  ({ side, type: 'limit', time_in_force, limit_price }) as const;
const at = (price: string) => ({ market: OPEN, quote: { price } });

test('a market order is filled while the market is open', () => {
  expect(decide(market('day'), at('10'))).toBe('fill');
  expect(decide(market('ioc'), at('10'))).toBe('fill');
});

test('outside market hours a day order waits, an ioc order is canceled', () => {
  for (const quote of [null, { price: '10' }]) {
    expect(decide(market('day'), { market: CLOSED, quote })).toBe('wait');
    expect(decide(market('ioc'), { market: CLOSED, quote })).toEqual({ cancel: 'market_closed' });
    expect(decide(limit('buy', '11'), { market: CLOSED, quote })).toBe('wait');
  }
});

test.each([
  ['buy', '10.00', '9.99', true],
  ['buy', '10.00', '10', true],
  ['buy', '10.00', '10.01', false],
  ['sell', '10.00', '10.01', true],
  ['sell', '10.00', '10', true],
  ['sell', '10.00', '9.99', false],
  // As text "9" would be above "10".
  ['buy', '9', '10', false],
] as const)('%s at %s while it is quoted %s: marketable %s', (side, limit_price, price, marketable) => {
  expect(isMarketable(limit(side, limit_price), price)).toBe(marketable);
  expect(decide(limit(side, limit_price), at(price))).toBe(marketable ? 'fill' : 'wait');
  expect(decide(limit(side, limit_price, 'ioc'), at(price))).toEqual(
    marketable ? 'fill' : { cancel: 'not_marketable' },
  );
});

test('nothing is filled at an unknown price, nor a limit order at any', () => {
  expect(decide(market('day'), { market: OPEN, quote: null })).toBe('wait');
  expect(decide(market('ioc'), { market: OPEN, quote: null })).toEqual({ cancel: 'not_marketable' });
  expect(decide({ ...limit('buy', '1'), limit_price: null }, at('1'))).toBe('wait');
});

const price = fc.integer({ min: 1, max: 10_000_000 }).map((cents) => (cents / 100).toFixed(2));
const order = fc.record({
  side: fc.constantFrom('buy' as const, 'sell' as const),
  type: fc.constantFrom('market' as const, 'limit' as const),
  time_in_force: fc.constantFrom('day' as const, 'ioc' as const),
  limit_price: price,
});

describe('whatever the order, price and hour', () => {
  test('a fill is only in an open market, and never worse than the limit', () => {
    fc.assert(
      fc.property(order, price, fc.boolean(), (terms, quoted, is_open) => {
        const decision = decide(terms, { market: { is_open }, quote: { price: quoted } });
        if (decision !== 'fill') return;
        expect(is_open).toBe(true);
        if (terms.type === 'limit' && terms.side === 'buy')
          expect(Number(quoted)).toBeLessThanOrEqual(Number(terms.limit_price));
        if (terms.type === 'limit' && terms.side === 'sell')
          expect(Number(quoted)).toBeGreaterThanOrEqual(Number(terms.limit_price));
      }),
    );
  });

  test('a day order is never canceled, an ioc order never waits', () => {
    fc.assert(
      fc.property(order, fc.option(price), fc.boolean(), (terms, quoted, is_open) => {
        const decision = decide(terms, { market: { is_open }, quote: quoted === null ? null : { price: quoted } });
        expect(typeof decision === 'object').toBe(decision !== 'fill' && terms.time_in_force === 'ioc');
      }),
    );
  });

  test('time in force does not decide whether there is a fill', () => {
    fc.assert(
      fc.property(order, price, fc.boolean(), (terms, quoted, is_open) => {
        const view = { market: { is_open }, quote: { price: quoted } };
        const [day, ioc] = (['day', 'ioc'] as const).map((time_in_force) => decide({ ...terms, time_in_force }, view));
        expect(day === 'fill').toBe(ioc === 'fill');
      }),
    );
  });
});
