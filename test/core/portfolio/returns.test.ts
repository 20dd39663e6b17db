import { modifiedDietz, moneyWeighted, timeWeighted, xirr, type CashFlow } from '../../../core/portfolio';
import { Decimal } from '../../../core/money/decimal';

const flows = (...rows: [string, number][]): CashFlow[] =>
  rows.map(([date, amount]) => ({ date, amount: new Decimal(amount) }));
const rateOf = (...rows: [string, number][]): number => Number((xirr(flows(...rows)) as Decimal).toFixed());
const because = (code: string) => ({ unknown: { code } });
const d = (value: number) => new Decimal(value);

describe('XIRR', () => {
  it('takes the flows of one day as one, in any order', () => {
    const rows: [string, number][] = [
      ['2025-01-01', -60],
      ['2025-01-01', -40],
      ['2026-01-01', 110],
    ];
    expect(rateOf(...rows)).toBeCloseTo(0.1, 14);
    expect(rateOf(...rows.toReversed())).toBe(rateOf(...rows));
  });

  it('has no rate where flows do not differ in sign', () => {
    expect(xirr(flows(['2025-01-01', -100], ['2025-06-01', -10]))).toMatchObject(because('same_sign_flows'));
    expect(xirr(flows(['2025-01-01', 100], ['2025-06-01', 10]))).toMatchObject(because('same_sign_flows'));
    // What is left of each day is what counts.
    expect(xirr(flows(['2025-01-01', -100], ['2025-06-01', 10], ['2025-06-01', -20]))).toMatchObject(
      because('same_sign_flows'),
    );
  });

  it('has no rate within one day, nor of nothing', () => {
    expect(xirr(flows(['2025-01-01', -100], ['2025-01-01', 110]))).toMatchObject(because('no_time_passed'));
    expect(xirr([])).toMatchObject(because('no_time_passed'));
  });

  it('has no rate where no rate explains the flows: both ends positive, and more in between than they bear', () => {
    expect(xirr(flows(['2025-01-01', 100], ['2025-07-01', -1], ['2026-01-01', 100]))).toMatchObject(
      because('no_convergence'),
    );
  });

  it('has no rate beyond what a double holds', () => {
    expect(xirr(flows(['2025-01-01', -1], ['2025-01-02', 1000]))).toMatchObject(because('no_convergence'));
    expect(rateOf(['2025-01-01', -1], ['2025-01-02', 2]) / 2 ** 365).toBeCloseTo(1, 9);
  });

  it.each<[string, number, [string, number][]]>([
    [
      'nearly all lost in a year',
      -0.9999,
      [
        ['2025-01-01', -10_000],
        ['2026-01-01', 1],
      ],
    ],
    [
      'a hundredfold in a year',
      99,
      [
        ['2025-01-01', -1],
        ['2026-01-01', 100],
      ],
    ],
    [
      'nothing won',
      0,
      [
        ['2025-01-01', -5],
        ['2025-04-01', 5],
      ],
    ],
    [
      'half lost in ten years',
      0.5 ** 0.1 - 1,
      [
        ['2015-01-01', -100],
        ['2024-12-29', 50],
      ],
    ],
  ])('finds %s', (_, rate, rows) => {
    expect(rateOf(...rows)).toBeCloseTo(rate, 12);
  });

  it('finds by bisection what Newton walks away from: late money that is won or lost in a day', () => {
    // Over five years the little that came first weighs nothing: the rate is that of the last day.
    const oneDay = (after: number) => rateOf(['2020-01-01', -1e-12], ['2024-12-30', -1_000_000], ['2024-12-31', after]);
    expect(Math.log1p(oneDay(1_010_000)) / (365 * Math.log(1.01))).toBeCloseTo(1, 6);
    expect(Math.log1p(oneDay(970_000)) / (365 * Math.log(0.97))).toBeCloseTo(1, 4);
    expect(oneDay(40)).toBe(-1);
  });
});

describe('TWR', () => {
  it('is −1 after a total loss, whatever is paid in later', () => {
    const lost = { capital: d(100), result: d(0) };
    expect(timeWeighted([lost, { capital: d(50), result: d(60) }])).toEqual(d(-1));
  });

  it('is unknown where nothing was invested, or less than nothing', () => {
    expect(timeWeighted([])).toMatchObject(because('no_capital'));
    expect(timeWeighted([{ capital: d(0), result: d(0) }])).toMatchObject(because('no_capital'));
    expect(timeWeighted([{ capital: d(-1), result: d(1) }])).toMatchObject(because('capital_not_positive'));
    expect(timeWeighted([{ capital: d(1), result: d(-1) }])).toMatchObject(because('loss_exceeds_capital'));
  });
});

describe('Modified Dietz and money-weighted return', () => {
  const year = { from: '2025-01-01', to: '2026-01-01', start: d(100), end: d(120), flows: [] };

  it('of a period without flows are its growth', () => {
    expect(Number(modifiedDietz(year))).toBe(0.2);
    expect(Number(moneyWeighted(year))).toBeCloseTo(0.2, 14);
  });

  it('of one day weigh its flows whole', () => {
    const day = { ...year, to: year.from, start: d(0), end: d(110), flows: [{ date: year.from, amount: d(100) }] };
    expect(Number(modifiedDietz(day))).toBe(0.1);
    expect(moneyWeighted(day)).toMatchObject(because('no_time_passed'));
  });

  it('are −100 % where all is lost', () => {
    const lost = { ...year, end: d(0), flows: [{ date: '2025-07-01', amount: d(50) }] };
    expect(moneyWeighted(lost)).toEqual(d(-1));
    expect(Number(modifiedDietz({ ...lost, flows: [] }))).toBe(-1);
    // What was got out on the way is a rate again.
    const saved = { ...lost, flows: [{ date: '2025-07-02', amount: d(-25) }] };
    expect(Number(moneyWeighted(saved))).toBeCloseTo(0.25 ** (365 / 182) - 1, 12);
  });

  it('are unknown without capital, or with less than none', () => {
    const none = { ...year, start: d(0), end: d(0) };
    expect([modifiedDietz(none), moneyWeighted(none)]).toMatchObject([because('no_capital'), because('no_capital')]);
    const taken = { ...year, flows: [{ date: '2025-01-02', amount: d(-200) }] };
    expect(modifiedDietz(taken)).toMatchObject(because('capital_not_positive'));
  });

  it('are unknown where a value or a flow is', () => {
    const dark = { unknown: { code: 'price_unknown', message: '' } } as const;
    for (const period of [
      { ...year, start: dark },
      { ...year, end: dark },
      { ...year, flows: [{ date: '2025-02-01', amount: dark }] },
    ])
      expect([modifiedDietz(period), moneyWeighted(period)]).toEqual([dark, dark]);
  });
});
