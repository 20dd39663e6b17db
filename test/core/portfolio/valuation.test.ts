import { afterSplits, allocate, replay, splitsOf, valuate, type Price } from '../../../core/portfolio';
import { book } from './book';

const quote = (price: string, extra: Partial<Price> = {}): Price => ({
  price,
  as_of: '2025-06-02T20:00:00Z',
  stale: false,
  previous_close: null,
  ...extra,
});
const { buy, sell } = book();
const ledger = replay(
  [
    buy('2025-01-01', '10', '10', { symbol: 'AAA' }),
    buy('2025-01-01', '5', '20', { symbol: 'BBB' }),
    buy('2025-01-01', '1', '100', { symbol: 'CCC' }),
    buy('2025-01-01', '1', '1', { symbol: 'GONE' }),
    sell('2025-01-02', '1', '3', { symbol: 'GONE' }),
  ],
  'average',
);

describe('around a split', () => {
  // Monday, 2 June 2025.
  const { buy: acquire, split } = book();
  const transactions = [acquire('2025-01-01', '10', '100'), split('2025-06-02', '2:1')];
  it.each([
    ['of Friday', '2025-05-30T20:00:00Z', ['50', '45', '1000']],
    ['of Sunday evening in New York', '2025-06-02T03:00:00Z', ['50', '45', '1000']],
    ['of the day itself', '2025-06-02T12:00:00Z', ['100', '45', '2000']],
    ['of the day after', '2025-06-03T14:00:00Z', ['100', '90', '2000']],
  ])('a price %s counts in new shares', (_when, as_of, expected) => {
    const quotes = new Map([['ACME', quote('100', { as_of, previous_close: '90' })]]);
    const prices = afterSplits(quotes, splitsOf(transactions));
    const { totals } = valuate(replay(transactions, 'average'), prices);
    const { price, previous_close } = prices.get('ACME')!;
    expect([price, previous_close, totals.market_value]).toEqual(expected);
  });
});

describe('valuation', () => {
  const prices = new Map([
    ['AAA', quote('15', { previous_close: '12' })],
    ['BBB', quote('10', { previous_close: '12.5', stale: true, as_of: '2025-05-30T20:00:00Z' })],
    ['CCC', quote('50', { previous_close: '40' })],
  ]);
  const { holdings, totals } = valuate(ledger, prices);

  it('has a row a symbol, in their order, and one for what is sold', () => {
    expect(holdings.map(({ symbol, qty, market_value, weight }) => [symbol, qty, market_value, weight])).toEqual([
      ['AAA', '10', '150', 0.6],
      ['BBB', '5', '50', 0.2],
      ['CCC', '1', '50', 0.2],
      ['GONE', '0', '0', 0],
    ]);
    expect(holdings[0]).toEqual({
      symbol: 'AAA',
      qty: '10',
      avg_entry_price: '10',
      cost_basis: '100',
      current_price: '15',
      price_as_of: '2025-06-02T20:00:00Z',
      stale: false,
      market_value: '150',
      unrealized_pl: '50',
      unrealized_plpc: 0.5,
      realized_pl: '0',
      change_today: 0.25,
      weight: 0.6,
      dividends: '0',
      fees: '0',
      reasons: {},
    });
    expect(holdings[3]).toMatchObject({ realized_pl: '2', current_price: null, stale: null, change_today: null });
  });

  it('totals them, and says how old the oldest price is', () => {
    expect(totals).toEqual({
      cost_basis: '300',
      market_value: '250',
      unrealized_pl: '-50',
      unrealized_plpc: -0.166666666667,
      realized_pl: '2',
      change_today: 0.123595505618, // 250 after 222.5
      cash: null,
      total_value: '250',
      known_market_value: '250',
      price_as_of: '2025-05-30T20:00:00Z',
      stale: true,
      dividends: '0',
      fees: '0',
      reasons: { cash: { code: 'no_cash_account', message: 'no deposit or withdrawal is recorded' } },
    });
    expect(holdings[1]).toMatchObject({ stale: true, price_as_of: '2025-05-30T20:00:00Z' });
  });

  it('knows no value without a price, and weighs what it knows', () => {
    const { holdings: rows, totals: whole } = valuate(ledger, new Map([...prices, ['CCC', null]]));
    const reason = { code: 'price_unknown', message: 'no price of CCC is known' };
    expect(rows[2]).toMatchObject({
      cost_basis: '100',
      market_value: null,
      unrealized_pl: null,
      unrealized_plpc: null,
      change_today: null,
      weight: null,
      current_price: null,
      price_as_of: null,
      stale: null,
      reasons: { market_value: reason, weight: reason, change_today: reason },
    });
    expect(rows.map(({ weight }) => weight)).toEqual([0.75, 0.25, null, 0]);
    expect(whole).toMatchObject({
      cost_basis: '300',
      market_value: null,
      total_value: null,
      unrealized_pl: null,
      known_market_value: '200',
      realized_pl: '2',
      reasons: { market_value: reason },
    });
  });

  it('knows a value without knowing the close of the day before', () => {
    const [row] = valuate(ledger, new Map([['AAA', quote('15')]])).holdings;
    expect(row).toMatchObject({
      market_value: '150',
      change_today: null,
      reasons: { change_today: { code: 'price_unknown' } },
    });
  });

  it('gives no weight to what is below zero, nor takes it from the others', () => {
    const own = book();
    const short = [
      own.buy('2025-01-01', '1', '1', { symbol: 'AAA' }),
      own.sell('2025-01-01', '1', '1', { symbol: 'BBB' }),
    ];
    const { holdings: rows, totals: whole } = valuate(replay(short, 'fifo'), prices);
    expect(rows.map(({ market_value, weight }) => [market_value, weight])).toEqual([
      ['15', 1],
      ['-10', null],
    ]);
    expect(whole).toMatchObject({ market_value: '5', known_market_value: '15', cost_basis: null });
  });

  it('of nothing is nothing', () => {
    const { holdings: rows, totals: whole } = valuate(replay([], 'fifo'), prices);
    expect(rows).toEqual([]);
    expect(whole).toMatchObject({ market_value: '0', cost_basis: '0', price_as_of: null, stale: false });
    expect(whole).toMatchObject({ unrealized_plpc: null, change_today: null });
  });

  it('rounds half to even at the ninth decimal, and there only', () => {
    const tiny = replay([buy('2025-01-01', '0.000000005', '0.1', { symbol: 'AAA' })], 'fifo');
    expect(valuate(tiny, new Map([['AAA', quote('0.3')]])).holdings[0]).toMatchObject({
      cost_basis: '0',
      market_value: '0.000000002',
      unrealized_pl: '0.000000001',
      unrealized_plpc: 2,
    });
  });
});

describe('allocation', () => {
  it('divides what is known by symbol and by sector, largest first', () => {
    const short = replay([...book2()], 'fifo');
    const prices = new Map([
      ['AAA', quote('10')],
      ['BBB', quote('20')],
      ['CCC', quote('70')],
      ['SHORT', quote('5')],
    ]);
    const sectors = new Map([
      ['AAA', 'ENERGY'],
      ['BBB', 'ENERGY'],
      ['CCC', null],
    ]);
    expect(allocate(short, prices, sectors)).toEqual({
      by_symbol: [
        { name: 'CCC', market_value: '70', weight: 0.7 },
        { name: 'BBB', market_value: '20', weight: 0.2 },
        { name: 'AAA', market_value: '10', weight: 0.1 },
      ],
      by_sector: [
        { name: null, market_value: '70', weight: 0.7 },
        { name: 'ENERGY', market_value: '30', weight: 0.3 },
      ],
      left_out: ['DARK', 'SHORT'],
    });
    const equal = new Map(['AAA', 'BBB', 'CCC'].map((symbol) => [symbol, quote('1')]));
    expect(
      allocate(
        short,
        equal,
        new Map([
          ['BBB', 'ENERGY'],
          ['CCC', 'AIR'],
        ]),
      ).by_sector.map(({ name }) => name),
    ).toEqual(['AIR', 'ENERGY', null]);
  });

  function book2() {
    const own = book();
    const symbols = ['CCC', 'AAA', 'BBB', 'DARK', 'GONE'];
    return [
      ...symbols.map((symbol) => own.buy('2025-01-01', '1', '1', { symbol })),
      own.sell('2025-01-02', '1', '1', { symbol: 'GONE' }),
      own.sell('2025-01-02', '1', '1', { symbol: 'SHORT' }),
    ];
  }
});
