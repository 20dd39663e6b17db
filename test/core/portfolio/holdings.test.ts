import { admit, replay, valuate, type CostMethod, type Transaction } from '../../../core/portfolio';
import { book } from './book';

const METHODS = ['average', 'fifo', 'lifo'] as const satisfies CostMethod[];
const price = (value: string) => ({ price: value, as_of: '2025-06-02T20:00:00Z', stale: false, previous_close: null });
const rowOf = (transactions: Transaction[], method: CostMethod, at = '10') =>
  valuate(replay(transactions, method), new Map([['ACME', price(at)]])).holdings[0]!;
const cashOf = (...transactions: Transaction[]) => valuate(replay(transactions, 'average'), new Map()).totals.cash;

describe('cost', () => {
  it.each([
    // Lots of 102 and 201 with their fees; 169.75 are got for ten shares.
    ['average', { cost_basis: '151.5', realized_pl: '18.25', avg_entry_price: '15', unrealized_pl: '2' }],
    ['fifo', { cost_basis: '201', realized_pl: '67.75', avg_entry_price: '20', unrealized_pl: '-47.5' }],
    ['lifo', { cost_basis: '102', realized_pl: '-31.25', avg_entry_price: '10', unrealized_pl: '51.5' }],
  ] as const)('%s: fees are in it, but not in the price of entry', (method, expected) => {
    const { buy, sell } = book();
    const transactions = [
      buy('2025-01-01', '10', '10', { fee: '2' }),
      buy('2025-01-02', '10', '20', { fee: '1' }),
      sell('2025-01-03', '10', '17', { fee: '0.25' }),
    ];
    expect(rowOf(transactions, method, '15.35')).toMatchObject({ ...expected, qty: '10', fees: '3.25', reasons: {} });
  });

  it.each([
    // 6 for 36 and 8 for 84; four sold for 34, which cost 4/14 of 120, 24 of the first, or 42 of the second.
    ['average', { realized_pl: '-0.285714286', cost_basis: '85.714285714', avg_entry_price: '8.571428571' }],
    ['fifo', { realized_pl: '10', cost_basis: '96', avg_entry_price: '9.6' }],
    ['lifo', { realized_pl: '-8', cost_basis: '78', avg_entry_price: '7.8' }],
  ] as const)('%s: a lot is sold in parts', (method, expected) => {
    const { buy, sell } = book();
    const transactions = [buy('2025-01-01', '6', '6'), buy('2025-01-02', '8', '10.5'), sell('2025-01-03', '4', '8.5')];
    expect(rowOf(transactions, method)).toMatchObject(expected);
  });

  it('lifo and fifo: one sell after another goes on where the last one ended', () => {
    const { buy, sell } = book();
    const buys = ['1', '2', '3'].map((price, i) => buy(`2025-01-0${i + 1}`, '1', price));
    const sells = ['2025-02-01', '2025-02-02'].map((day) => sell(day, '1', '10'));
    expect(rowOf([...buys, ...sells], 'lifo')).toMatchObject({ cost_basis: '1', realized_pl: '15' });
    expect(rowOf([...buys, ...sells], 'fifo')).toMatchObject({ cost_basis: '3', realized_pl: '17' });
  });

  it.each(METHODS)('%s: selling all leaves exactly nothing at a repeating average', (method) => {
    const { buy, sell } = book();
    const transactions = [
      buy('2025-01-01', '3', '0.1', { fee: '0.07' }),
      buy('2025-01-02', '4', '0.2'),
      sell('2025-01-03', '1', '1'),
      sell('2025-01-04', '1', '1'),
      sell('2025-01-05', '5', '1'),
    ];
    const holding = replay(transactions, method).holdings.get('ACME')!;
    expect([holding.lots, holding.short.toString()]).toEqual([[], '0']);
    expect(rowOf(transactions, method)).toMatchObject({
      qty: '0',
      cost_basis: '0',
      market_value: '0',
      unrealized_pl: '0',
      realized_pl: '5.83',
      weight: 0,
      avg_entry_price: null,
      reasons: { avg_entry_price: { code: 'no_position' } },
    });
  });

  it('sells after fees larger than the proceeds are losses', () => {
    const { buy, sell } = book();
    const row = rowOf([buy('2025-01-01', '1', '2'), sell('2025-01-02', '1', '1', { fee: '3' })], 'fifo');
    expect(row).toMatchObject({ qty: '0', realized_pl: '-4', fees: '3' });
  });
});

describe('splits', () => {
  it.each(METHODS)('%s: between buys, shares multiply and money does not', (method) => {
    const { buy, split, sell } = book();
    const held = [buy('2025-01-01', '10', '100'), split('2025-02-01', '4:1'), buy('2025-03-01', '40', '30')];
    expect(rowOf(held, method)).toMatchObject({ qty: '80', cost_basis: '2200', avg_entry_price: '27.5' });
    const cost = { average: '1100', fifo: '1200', lifo: '1000' }[method];
    expect(rowOf([...held, sell('2025-04-01', '40', '30')], method)).toMatchObject({ qty: '40', cost_basis: cost });
  });

  it.each(METHODS)('%s: the quantity shown after a reverse split of thirds is all there is to sell', (method) => {
    const { buy, split, sell } = book();
    const held = [buy('2025-01-01', '4', '1'), buy('2025-01-02', '6', '1'), split('2025-02-01', '1:3')];
    expect(rowOf(held, method)).toMatchObject({ qty: '3.333333333', cost_basis: '10', avg_entry_price: '3' });
    const after = replay([...held, sell('2025-03-01', '3.333333333', '3')], method);
    expect(after.holdings.get('ACME')!.lots).toEqual([]);
    // A unit of the last decimal more is not there.
    expect(replay([...held, sell('2025-03-01', '3.333333334', '3')], method).oversells).toHaveLength(1);
  });

  it.each(['0.000000001', '0.000000003', '0.000000005'])(
    '%s shares at 3:2 are shown, and sold, half to even',
    (qty) => {
      const { buy, split, sell } = book();
      const held = [buy('2025-01-01', qty, '1'), split('2025-02-01', '3:2')];
      const ledger = replay([...held, sell('2025-03-01', rowOf(held, 'fifo').qty, '3')], 'fifo');
      expect([ledger.oversells, ledger.holdings.get('ACME')!.lots]).toEqual([[], []]);
    },
  );

  it('of another symbol are of no concern', () => {
    const { buy, split } = book();
    const ledger = replay([buy('2025-01-01', '1', '1'), split('2025-01-02', '2:1', { symbol: 'OTHER' })], 'fifo');
    expect(valuate(ledger, new Map()).holdings.map(({ symbol, qty }) => `${symbol} ${qty}`)).toEqual([
      'ACME 1',
      'OTHER 0',
    ]);
  });
});

describe('what is not known', () => {
  const { buy, sell } = book();
  const [first, second] = [buy('2025-01-01', '1', null), buy('2025-01-02', '1', '5')];
  const unknown = { code: 'trade_price_unknown', message: 'buy T01 of ACME has no price' };

  it.each(METHODS)('%s: a buy without a price has no cost, not none', (method) => {
    expect(rowOf([first, second], method)).toMatchObject({
      qty: '2',
      market_value: '20',
      cost_basis: null,
      avg_entry_price: null,
      unrealized_pl: null,
      unrealized_plpc: null,
      realized_pl: '0',
      weight: 1,
      reasons: { cost_basis: unknown, avg_entry_price: unknown, unrealized_pl: unknown, unrealized_plpc: unknown },
    });
  });

  it('spreads no further than it must: another lot knows its cost', () => {
    const sale = sell('2025-01-03', '1', '7');
    expect(rowOf([first, second, sale], 'fifo')).toMatchObject({ cost_basis: '5', realized_pl: null });
    expect(rowOf([first, second, sale], 'lifo')).toMatchObject({ cost_basis: null, realized_pl: '2' });
    expect(rowOf([first, second, sale], 'average')).toMatchObject({ cost_basis: null, realized_pl: null });
  });

  it('ends with the position, and a part of an unknown lot is unknown', () => {
    const next = [sell('2025-01-03', '2', '7'), buy('2025-01-04', '1', '3')];
    expect(rowOf([first, second, ...next], 'average')).toMatchObject({ cost_basis: '3', realized_pl: null });
    const many = buy('2025-01-05', '2', null);
    expect(rowOf([many, sell('2025-01-06', '1', '7')], 'fifo')).toMatchObject({ cost_basis: null, realized_pl: null });
  });

  it('a sell without a price has an unknown profit, and leaves cash unknown', () => {
    const sale = sell('2025-01-03', '1', null);
    expect(rowOf([second, sale], 'fifo')).toMatchObject({ cost_basis: '0', realized_pl: null });
    expect(cashOf(book().deposit('2025-01-01', '5'), second, sale)).toBeNull();
  });
});

describe('sells of more than is held', () => {
  it('is not one: a sell above the buy of its day, in a file that knows days only', () => {
    const { sell, buy } = book();
    const midnight = '2025-01-01T00:00:00Z';
    const transactions = [sell(midnight, '1', '12'), buy(midnight, '1', '10')];
    expect(replay(transactions, 'fifo').oversells).toEqual([]);
    expect(rowOf(transactions, 'fifo')).toMatchObject({ qty: '0', realized_pl: '2' });
  });

  it('are named, with what was there', () => {
    const { buy, sell } = book();
    const [bought, sold] = [buy('2025-01-01', '3', '10'), sell('2025-01-02', '5', '12')];
    expect(admit([bought], [bought, sold], 'fifo')).toMatchObject({
      ok: false,
      error: {
        code: 'oversell',
        transaction_id: 'T02',
        symbol: 'ACME',
        held: '3',
        qty: '5',
        short: '2',
        message: 'sell T02 sells 5 ACME, of which 3 are held',
      },
    });
  });

  it('are found where a sell of before makes a later one too large, or a buy is deleted', () => {
    const { buy, sell } = book();
    const [bought, early, late] = [
      buy('2025-01-01', '3', '10'),
      sell('2025-01-02', '1', '12'),
      sell('2025-01-03', '3', '12'),
    ];
    expect(admit([bought, late], [bought, early, late], 'fifo')).toMatchObject({ error: { transaction_id: 'T03' } });
    expect(admit([bought, late], [late], 'fifo')).toMatchObject({ error: { transaction_id: 'T03', held: '0' } });
    expect(admit([bought], [bought, early], 'fifo')).toMatchObject({ ok: true, ledger: { oversells: [] } });
  });

  it('that were booked are facts: flagged, below zero, of unknown cost, and no reason to refuse another', () => {
    const { buy, sell, deposit } = book();
    const [bought, booked, money] = [
      buy('2025-01-01', '3', '10'),
      sell('2025-01-02', '5', '12'),
      deposit('2025-01-03', '9'),
    ];
    expect(rowOf([bought, booked], 'average')).toMatchObject({
      qty: '-2',
      market_value: '-20',
      cost_basis: null,
      unrealized_pl: null,
      realized_pl: null,
      weight: null,
      reasons: { cost_basis: { code: 'oversold' }, realized_pl: { code: 'oversold' }, weight: { code: 'oversold' } },
    });
    expect(admit([bought, booked], [bought, booked, money], 'fifo').ok).toBe(true);
    // But none may make it worse.
    const worse = sell('2025-01-01T18:00:00Z', '1', '12');
    expect(admit([bought, booked], [bought, booked, worse], 'fifo')).toMatchObject({
      error: { transaction_id: 'T02', short: '3' },
    });
  });

  it.each(METHODS)('%s: a later buy makes them good, and the rest of it is a lot', (method) => {
    const { buy, sell, split } = book();
    const transactions = [
      sell('2025-01-01', '1', '12'),
      split('2025-01-02', '2:1'),
      buy('2025-01-03', '8', '7', { fee: '4' }),
    ];
    expect(rowOf(transactions.slice(0, 2), method).qty).toBe('-2');
    expect(rowOf(transactions, method)).toMatchObject({ qty: '6', cost_basis: '45', realized_pl: null });
    expect(rowOf([sell('2025-01-01', '1', '12'), buy('2025-01-03', '1', '7')], method)).toMatchObject({
      qty: '0',
      cost_basis: '0',
    });
  });
});

describe('cash', () => {
  it('is what was paid in and got, less what was paid', () => {
    const { deposit, buy, sell, dividend, fee, withdrawal, split } = book();
    const transactions = [
      deposit('2025-01-01', '1000'),
      buy('2025-01-02', '10', '50.5', { fee: '1' }),
      split('2025-01-03', '2:1'),
      dividend('2025-01-04', '10', { fee: '1.5' }),
      dividend('2025-01-04', '0.3', { symbol: null }),
      sell('2025-01-05', '5', '30', { fee: '2' }),
      fee('2025-01-06', '3'),
      fee('2025-01-06', '4', { symbol: 'ACME' }),
      withdrawal('2025-01-07', '100'),
    ];
    const ledger = replay(transactions, 'average');
    expect(cashOf(...transactions)).toBe('543.8');
    const { totals, holdings } = valuate(ledger, new Map([['ACME', price('30')]]));
    expect(totals).toMatchObject({ dividends: '10.3', fees: '11.5', market_value: '450', total_value: '993.8' });
    expect(holdings[0]).toMatchObject({ dividends: '10', fees: '8.5' });
  });

  it('is not known where nobody recorded deposits', () => {
    const { buy } = book();
    const { totals } = valuate(replay([buy('2025-01-01', '1', '5')], 'fifo'), new Map([['ACME', price('6')]]));
    expect(totals).toMatchObject({ cash: null, total_value: '6', reasons: { cash: { code: 'no_cash_account' } } });
  });
});

describe('a long book', () => {
  // Copied at every step, the lots of this one take minutes.
  it.each(METHODS)('%s: a hundred thousand trades of one symbol add up', (method) => {
    const [buying, selling] = [book().buy('2025-01-01', '2', '3'), book().sell('2025-01-02', '1', '4')];
    const trades = Array.from({ length: 100_000 }, (_, at): Transaction => {
      const transaction = at < 50_000 ? buying : selling;
      return { ...transaction, transaction_id: String(at).padStart(6, '0') };
    });
    expect(rowOf(trades, method)).toMatchObject({ qty: '50000', cost_basis: '150000', realized_pl: '50000' });
  });
});
