import fc from 'fast-check';
import {
  byOrder,
  performance,
  performanceBySymbol,
  replay,
  valuate,
  xirr,
  type Close,
  type CostMethod,
  type PerformanceInput,
  type Price,
  type Transaction,
  type TransactionRow,
} from '../../../core/portfolio';
import { Decimal } from '../../../core/money/decimal';
import { transaction } from './book';

const RUNS = { numRuns: 150 };
const METHODS = ['average', 'fifo', 'lifo'] as const satisfies CostMethod[];
const SYMBOLS = ['AAA', 'BBB', 'CCC'];
const LAST_DAY = 59;

const dateOf = (day: number): string => new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10);
const decimals = (places: number, max: number) =>
  fc.integer({ min: 1, max: max * 10 ** places }).map((units) => new Decimal(units).div(10 ** places).toFixed());

interface Step {
  readonly type: TransactionRow['type'];
  readonly symbol: string;
  readonly day: number;
  readonly qty: string;
  readonly price: string;
  readonly fee: string;
  readonly amount: string;
  readonly ratio: string;
}
const stepOf = (...types: TransactionRow['type'][]): fc.Arbitrary<Step> =>
  fc.record({
    type: fc.constantFrom(...types),
    symbol: fc.constantFrom(...SYMBOLS),
    day: fc.nat({ max: LAST_DAY }),
    qty: decimals(9, 50),
    price: decimals(4, 300),
    fee: decimals(2, 9),
    amount: decimals(2, 90),
    ratio: fc.constantFrom('2:1', '3:2', '1:3', '7:1', '1:10'),
  });

const NEEDS: Readonly<Record<TransactionRow['type'], readonly (keyof Step)[]>> = {
  buy: ['symbol', 'qty', 'price', 'fee'],
  sell: ['symbol', 'qty', 'price', 'fee'],
  dividend: ['symbol', 'amount'],
  split: ['symbol', 'ratio'],
  deposit: ['amount'],
  withdrawal: ['amount'],
  fee: ['symbol', 'amount'],
};
const rowOf = (step: Step, id: number): TransactionRow => ({
  transaction_id: `T${String(id).padStart(3, '0')}`,
  type: step.type,
  executed_at: `${dateOf(step.day)}T00:00:00Z`,
  ...Object.fromEntries(NEEDS[step.type].map((name) => [name, step[name]])),
});
/** Sells that would sell more than is held are left out, one after the other. */
function withoutOversells(steps: readonly Step[]): Transaction[] {
  let kept = steps.map((step, id) => transaction(rowOf(step, id)));
  for (;;) {
    const [first] = replay(kept, 'average').oversells;
    if (first === undefined) return kept;
    kept = kept.filter(({ transaction_id }) => transaction_id !== first.transaction_id);
  }
}
const steps = (...types: TransactionRow['type'][]) => fc.array(stepOf(...types), { minLength: 1, maxLength: 25 });
const trades = steps('buy', 'buy', 'sell', 'sell', 'dividend', 'split', 'fee').map(withoutOversells);
const anything = steps('buy', 'buy', 'sell', 'dividend', 'split', 'fee', 'deposit', 'withdrawal').map((all) =>
  all.map((step, id) => transaction(rowOf(step, id))),
);

/** A close of every symbol on every day. */
const closes: fc.Arbitrary<Map<string, Close[]>> = fc
  .array(fc.array(decimals(4, 300), { minLength: LAST_DAY + 2, maxLength: LAST_DAY + 2 }), {
    minLength: 3,
    maxLength: 3,
  })
  .map(
    (series) =>
      new Map(SYMBOLS.map((symbol, i) => [symbol, series[i]!.map((close, day) => ({ date: dateOf(day - 1), close }))])),
  );
const period = { cost_basis: 'fifo', from: dateOf(-1), to: dateOf(LAST_DAY) } as const;
const pricesOf = (all: ReadonlyMap<string, readonly Close[]>): Map<string, Price> =>
  new Map(
    [...all].map(([symbol, series]) => [
      symbol,
      {
        price: series.at(-1)!.close,
        as_of: '2025-03-02T21:00:00Z',
        stale: false,
        previous_close: series.at(-2)!.close,
      },
    ]),
  );
const total = (texts: readonly (string | null)[]): Decimal =>
  texts.reduce((sum, text) => sum.plus(text!), new Decimal(0));
/** Rounding of each part at the ninth decimal. */
const expectSame = (a: Decimal, b: Decimal) => expect(a.minus(b).abs().lte('0.00000001')).toBe(true);

describe('properties of a ledger', () => {
  it('does not depend on the order of insertion, oversells and all', () => {
    fc.assert(
      fc.property(anything, closes, fc.array(fc.nat(), { minLength: 25, maxLength: 25 }), (all, prices, keys) => {
        const shuffled = all
          .map((one, i) => [keys[i]!, one] as const)
          .sort(([a], [b]) => a - b)
          .map(([, one]) => one);
        for (const method of METHODS) {
          const [one, other] = [replay(all, method), replay(shuffled, method)];
          expect(other.oversells).toEqual(one.oversells);
          expect(valuate(other, pricesOf(prices))).toEqual(valuate(one, pricesOf(prices)));
        }
        const input = { ...period, closes: prices };
        expect(performance({ ...input, transactions: shuffled })).toEqual(performance({ ...input, transactions: all }));
      }),
      { numRuns: 60 },
    );
  });

  it('has an order that is total', () => {
    fc.assert(
      fc.property(anything, (all) => {
        const sorted = [...all].sort(byOrder);
        for (let i = 1; i < sorted.length; i++) expect(byOrder(sorted[i - 1]!, sorted[i]!)).toBeLessThan(0);
      }),
      RUNS,
    );
  });

  it('leaves nothing behind where all is sold, and has then made the same by each method', () => {
    fc.assert(
      fc.property(trades, (all) => {
        const held = valuate(replay(all, 'average'), new Map()).holdings.filter(({ cost_basis }) => cost_basis !== '0');
        // Splits after splits leave less than can be shown, or more than may be traded.
        fc.pre(held.every(({ qty }) => Number(qty) > 0 && Number(qty) < 1e12));
        const sales = held.map(({ symbol, qty }, i) => transaction(rowOf({ ...SELL_ALL, symbol, qty }, 900 + i)));
        const results = METHODS.map((method) => {
          const ledger = replay([...all, ...sales], method);
          expect(ledger.oversells).toEqual([]);
          for (const { lots, short } of ledger.holdings.values())
            expect([lots.length, short.isZero()]).toEqual([0, true]);
          const { holdings, totals } = valuate(ledger, new Map());
          expect(totals).toMatchObject({ cost_basis: '0', market_value: '0', unrealized_pl: '0' });
          return holdings.map(({ symbol, realized_pl }) => [symbol, realized_pl]);
        });
        expect(results[1]).toEqual(results[0]);
        expect(results[2]).toEqual(results[0]);
        // And that is what came in less what went out.
        const cash = replay([...all, ...sales], 'fifo').cash as Decimal;
        const { totals } = valuate(replay([...all, ...sales], 'fifo'), new Map());
        const charges = all.reduce((sum, one) => (one.type === 'fee' ? sum.plus(one.amount) : sum), new Decimal(0));
        expectSame(cash, total([totals.realized_pl, totals.dividends]).minus(charges));
      }),
      RUNS,
    );
  });

  it('makes a whole of its parts', () => {
    fc.assert(
      fc.property(trades, closes, (all, prices) => {
        for (const method of METHODS) {
          const { holdings, totals } = valuate(replay(all, method), pricesOf(prices));
          for (const name of [
            'cost_basis',
            'market_value',
            'unrealized_pl',
            'realized_pl',
            'dividends',
            'fees',
          ] as const)
            expectSame(total(holdings.map((row) => row[name])), new Decimal(totals[name]!));
          const weights = holdings.reduce((sum, { weight }) => sum + weight!, 0);
          if (totals.market_value !== '0') expect(weights).toBeCloseTo(1, 9);
        }
      }),
      RUNS,
    );
  });
});

const SELL_ALL: Step = {
  type: 'sell',
  symbol: '',
  day: LAST_DAY + 1,
  qty: '',
  price: '123.4567',
  fee: '1.23',
  amount: '1',
  ratio: '1:1',
};

describe('properties of splits', () => {
  const RATIOS = [
    ['2:1', 2, 1],
    ['1:4', 1, 4],
    ['3:2', 3, 2],
    ['1:3', 1, 3],
  ] as const;

  it('change neither value, cost nor any return, whichever day they are of', () => {
    const buys = steps('buy', 'dividend').map(withoutOversells);
    fc.assert(
      fc.property(
        buys,
        closes,
        fc.constantFrom(...RATIOS),
        fc.nat({ max: LAST_DAY }),
        (all, prices, [ratio, to, from], day) => {
          const split = transaction({
            transaction_id: 'SPLIT',
            type: 'split',
            symbol: 'AAA',
            ratio,
            executed_at: `${dateOf(day)}T00:00:00Z`,
          });
          // Of the old shares' world: those bought from that day on, and their prices, are restated.
          const restated = all.map((one) =>
            one.type === 'buy' && one.symbol === 'AAA' && one.executed_at >= split.executed_at
              ? { ...one, qty: one.qty.times(to).div(from), price: one.price!.times(from).div(to) }
              : one,
          );
          const closesAfter = new Map(prices);
          closesAfter.set(
            'AAA',
            prices.get('AAA')!.map(({ date, close }) => ({
              date,
              close: date >= dateOf(day) ? new Decimal(close).times(from).div(to).toFixed() : close,
            })),
          );
          const [plain, with_] = [
            performance({ ...period, transactions: all, closes: prices }),
            performance({ ...period, transactions: [...restated, split], closes: closesAfter }),
          ];
          for (const name of ['end_value', 'net_flows', 'gain', 'unrealized_pl', 'realized_pl', 'dividends'] as const)
            expectSame(new Decimal(with_[name]!), new Decimal(plain[name]!));
          for (const name of ['twr', 'xirr', 'modified_dietz'] as const) {
            if (plain[name] === null) expect(with_[name]).toBeNull();
            else expect(Math.abs(with_[name]! - plain[name])).toBeLessThan(1e-8 * (1 + Math.abs(plain[name])));
          }
          const costOf = (book: readonly Transaction[]) => valuate(replay(book, 'fifo'), new Map()).totals.cost_basis!;
          expectSame(new Decimal(costOf([...restated, split])), new Decimal(costOf(all)));
        },
      ),
      RUNS,
    );
  });
});

describe('properties of returns', () => {
  it('XIRR finds a root, or says why not', () => {
    const flow = fc.record({
      date: fc.nat({ max: 2000 }).map(dateOf),
      amount: fc.integer({ min: -1_000_000, max: 1_000_000 }).map((cents) => new Decimal(cents).div(100)),
    });
    fc.assert(
      fc.property(fc.array(flow, { maxLength: 12 }), (flows) => {
        const rate = xirr(flows);
        // About half have no root: those are not counted as runs.
        fc.pre(!('unknown' in rate) && Number(rate) !== -1);
        const first = Math.min(...flows.map(({ date }) => Date.parse(date)));
        const terms = flows.map(
          ({ date, amount }) =>
            Number(amount) * Math.exp((-(Date.parse(date) - first) / 86_400_000 / 365) * Math.log1p(Number(rate))),
        );
        const size = terms.reduce((sum, term) => sum + Math.abs(term), 0);
        expect(Math.abs(terms.reduce((sum, term) => sum + term, 0)) / size).toBeLessThan(
          // Of a rate near −1 a double holds little.
          1e-9 + 1e-13 / (1 + Number(rate)),
        );
      }),
      { numRuns: 600 },
    );
  });

  it('XIRR of money that grew at a rate is that rate', () => {
    const rate = fc.double({ min: -0.95, max: 20, noNaN: true });
    const deposits = fc.array(fc.tuple(fc.nat({ max: 1000 }), fc.integer({ min: 1, max: 100_000 })), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(rate, deposits, (r, paid) => {
        const end = paid.reduce((sum, [day, amount]) => sum + amount * (1 + r) ** ((1100 - day) / 365), 0);
        const flows = [...paid.map(([day, amount]) => ({ date: dateOf(day), amount: new Decimal(-amount) }))];
        const found = xirr([...flows, { date: dateOf(1100), amount: new Decimal(end) }]);
        expect(Math.abs(Number(found) - r)).toBeLessThan(1e-8 * (1 + Math.abs(r)));
      }),
      RUNS,
    );
  });

  it('TWR of periods that follow each other multiply, and their gains and flows add up', () => {
    const day = fc.nat({ max: LAST_DAY });
    fc.assert(
      fc.property(trades, closes, day, (transactions, prices, between) => {
        const over = (from: string, to: string) =>
          performance({ ...period, transactions, closes: prices, from, to } satisfies PerformanceInput);
        const [whole, one, two] = [
          over(dateOf(-1), dateOf(LAST_DAY)),
          over(dateOf(-1), dateOf(between)),
          over(dateOf(between), dateOf(LAST_DAY)),
        ];
        for (const name of ['gain', 'net_flows', 'realized_pl', 'dividends', 'fees'] as const)
          expectSame(total([one[name], two[name]]), new Decimal(whole[name]!));
        expect([one.end_value, two.end_value]).toEqual([two.start_value, whole.end_value]);
        if (whole.twr === null || one.twr === null || two.twr === null) return;
        const [first, second] = [1 + one.twr, 1 + two.twr];
        // Each is rounded at the twelfth decimal.
        expect(Math.abs(first * second - (1 + whole.twr))).toBeLessThan(1e-11 * (1 + first) * (1 + second));
      }),
      RUNS,
    );
  });

  it('symbols make the portfolio, and what was gained is what was realised, is unrealised, and was paid on the way', () => {
    fc.assert(
      fc.property(trades, closes, fc.constantFrom(...METHODS), (transactions, prices, cost_basis) => {
        const input = { ...period, transactions, closes: prices, cost_basis };
        const whole = performance(input);
        const parts = performanceBySymbol(input);
        for (const name of [
          'end_value',
          'net_flows',
          'gain',
          'realized_pl',
          'unrealized_pl',
          'dividends',
          'fees',
        ] as const)
          expectSame(total(parts.map((part) => part[name])), new Decimal(whole[name]!));
        const charges = transactions.reduce(
          (sum, one) => (one.type === 'fee' ? sum.plus(one.amount) : sum),
          new Decimal(0),
        );
        expectSame(
          total([whole.realized_pl, whole.unrealized_pl, whole.dividends]).minus(charges),
          new Decimal(whole.gain!),
        );
      }),
      RUNS,
    );
  });
});
