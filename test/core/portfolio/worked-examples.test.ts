import {
  annualized,
  modifiedDietz,
  moneyWeighted,
  performance,
  replay,
  timeWeighted,
  valuate,
  xirr,
  type CostMethod,
} from '../../../core/portfolio';
import { Decimal } from '../../../core/money/decimal';
import { describeWithFixtures, fixtureJson } from '../../fixtures';
import { acme, book } from './book';

const number = (amount: unknown): number => Number((amount as Decimal).toFixed());
const decimal = (value: number) => new Decimal(String(value));

interface TimeWeighted {
  readonly start: number;
  readonly events: readonly { readonly value_before_flow: number; readonly flow: number }[];
  readonly end: number;
  readonly expected: number;
}
type Activity = [date: string, type: string, qty: number, price: number, fee: number];

/** Published numbers; each entry of worked-examples.json names its source. */
describeWithFixtures('published worked examples of portfolios', () => {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a document read by its shape
  const examples: Record<string, any> = fixtureJson('worked-examples.json');

  it.each([
    ['Microsoft KB Q116041', 0],
    ['Portfolio Performance, IRRTest.java', 1],
  ])('XIRR: %s', (_, index) => {
    const { flows, expected, tol }: { flows: [string, number][]; expected: number; tol: number } = examples.xirr[index];
    const rate = xirr(flows.map(([date, amount]) => ({ date, amount: decimal(amount) })));
    // 1e-5 is the source's own tolerance; its six digits are reached too.
    expect(Math.abs(number(rate) - expected)).toBeLessThanOrEqual(Math.min(tol, 1e-6));
  });

  it('TWR: 100k → 112k, +30k → 125k, −42k → 100k (mathcelebrity.com)', () => {
    const { start, events, end, expected }: TimeWeighted = examples.twr[0];
    const values = [...events.map((event) => event.value_before_flow), end];
    const capitals = [start, ...events.map((event) => event.value_before_flow + event.flow)];
    const periods = values.map((value, i) => ({ capital: decimal(capitals[i]!), result: decimal(value) }));
    expect(number(timeWeighted(periods))).toBeCloseTo(expected, 5);
  });

  it('TWR: linked 4 %, 9 %, 5 %, 11 % (Wikipedia, Time-weighted return)', () => {
    const {
      period_returns: returns,
      expected,
      tol,
    }: { period_returns: number[]; expected: number; tol: number } = examples.twr[1];
    const periods = returns.map((rate) => ({ capital: decimal(100), result: decimal(100).times(1 + rate) }));
    expect(Math.abs(number(timeWeighted(periods)) - expected)).toBeLessThanOrEqual(tol);
  });

  it.each(['fifo', 'lifo', 'average'] as const)(
    'cost basis, %s (Wealthfolio docs; gnucash-devel 2006-02-22)',
    (method) => {
      for (const { buys, sell, [method]: expected } of examples.cost_basis) {
        if (expected === undefined) continue;
        const { buy, sell: sells } = book();
        const bought = (buys as [number, number][]).map(([qty, price], i) =>
          buy(`2025-01-0${i + 1}`, String(qty), String(price)),
        );
        const ledger = replay([...bought, sells('2025-02-01', String(sell[0]), String(sell[1]))], method);
        expect(valuate(ledger, new Map()).holdings[0]!.realized_pl).toBe(String(expected));
      }
    },
  );

  it.each([
    ['NOVN, bought and partly sold', 0],
    ['BALN, bought and sold', 1],
  ])('position: %s (Ghostfolio)', (_, index) => {
    const { activities, price, average_price, investment, fees, gross, net } = examples.positions[index];
    for (const method of ['fifo', 'lifo', 'average'] as const satisfies CostMethod[]) {
      const { buy, sell } = book();
      const transactions = (activities as Activity[]).map(([date, type, qty, at, fee]) =>
        (type === 'BUY' ? buy : sell)(date, String(qty), String(at), { fee: String(fee) }),
      );
      const quote = { price: String(price), as_of: '2022-05-01T20:00:00Z', stale: false, previous_close: null };
      const ledger = replay(transactions, method);
      const [row] = valuate(ledger, new Map([['ACME', quote]])).holdings;
      const entry = row!.avg_entry_price;
      expect([Number(entry ?? 0), Number(entry ?? 0) * Number(row!.qty)]).toEqual([average_price, investment]);
      expect(row!.fees).toBe(String(fees));
      expect(number(decimal(0).plus(row!.realized_pl!).plus(row!.unrealized_pl!))).toBe(net);
      // Before fees: what was sold, and what is held at its price against the price paid for it.
      const unsold = decimal(price).times(row!.qty).minus(investment);
      expect(number(unsold.plus(ledger.holdings.get('ACME')!.sales[0]!.gross as Decimal))).toBe(gross);
    }
  });
});

describe('worked examples of DOMAIN.md §5', () => {
  const [from, flowDay, to] = ['2013-12-31', '2014-09-15', '2014-12-31'] as const;
  const period = {
    from,
    to,
    start: decimal(250_000),
    end: decimal(298_082),
    flows: [{ date: flowDay, amount: decimal(25_000) }],
  };

  it('250,000 → 290,621, +25,000 → 298,082: TWR 9.788 %, XIRR 8.978 %, Modified Dietz 8.970 %', () => {
    const periods = [
      { capital: decimal(250_000), result: decimal(290_621) },
      { capital: decimal(315_621), result: decimal(298_082) },
    ];
    expect(number(timeWeighted(periods))).toBeCloseTo(0.09788, 5);
    expect(number(moneyWeighted(period))).toBeCloseTo(0.08978, 5);
    expect(number(modifiedDietz(period))).toBeCloseTo(0.0897, 5);
  });

  it('says the same of a portfolio that holds it', () => {
    const { deposit, buy } = book();
    const result = performance({
      transactions: [
        deposit(from, '250000'),
        buy(from, '250000', '1'),
        deposit(flowDay, '25000'),
        // At the price of before, so that the new money has no part in what went before it.
        buy(flowDay, '21505.672336', '1.162484'),
      ],
      closes: acme(`${from} 1`, `2014-09-14 1.162484`, `${flowDay} 1.162484`, `${to} 1.0978847`),
      cost_basis: 'average',
      from,
      to,
    });
    expect(result.start_value).toBe('250000');
    expect(Number(result.end_value)).toBeCloseTo(298_082, 0);
    expect(result.twr).toBeCloseTo(0.09788, 5);
    expect(result.xirr).toBeCloseTo(0.08978, 5);
    expect(result.modified_dietz).toBeCloseTo(0.0897, 5);
  });

  it('Modified Dietz: 100, +50 after one of two years, 300 → 120 %, where the IRR is 50 % a year (Wikipedia)', () => {
    const doubled = {
      from: '2022-01-01',
      to: '2024-01-01',
      start: decimal(100),
      end: decimal(300),
      flows: [{ date: '2023-01-01', amount: decimal(50) }],
    };
    expect(number(modifiedDietz(doubled))).toBeCloseTo(1.2, 12);
    expect(number(moneyWeighted(doubled))).toBeCloseTo(0.5, 12);
  });

  it('annualises from a year up', () => {
    expect(number(annualized(decimal(0.21), 730))).toBeCloseTo(0.1, 12);
    expect(number(annualized(decimal(0.1), 365))).toBeCloseTo(0.1, 12);
    expect(annualized(decimal(0.1), 364)).toMatchObject({ unknown: { code: 'shorter_than_a_year' } });
  });
});
