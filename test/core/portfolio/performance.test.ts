import {
  inception,
  performance,
  performanceBySymbol,
  type PerformanceInput,
  type Transaction,
} from '../../../core/portfolio';
import { acme, book } from './book';

type Options = Partial<Omit<PerformanceInput, 'transactions' | 'closes'>> & Pick<PerformanceInput, 'from' | 'to'>;
const measured = (transactions: Transaction[], closes: PerformanceInput['closes'], options: Options) =>
  performance({ transactions, closes, cost_basis: 'average', ...options });

describe('performance of a portfolio with a cash account', () => {
  const { deposit, buy, dividend, fee, withdrawal, sell } = book();
  const transactions = [
    deposit('2024-01-01', '1000'),
    buy('2024-01-02', '8', '100', { fee: '10' }),
    dividend('2024-06-01', '30', { fee: '5' }),
    deposit('2024-07-01', '500'),
    fee('2024-08-01', '15'),
    sell('2024-10-01', '4', '130', { fee: '2' }),
    withdrawal('2024-12-01', '300'),
  ];
  const closes = acme('2024-01-02 100', '2024-06-28 110', '2024-10-01 130', '2024-11-29 125', '2024-12-31 120');
  const whole = measured(transactions, closes, { from: '2023-12-31', to: '2024-12-31' });

  it('adds up', () => {
    expect(whole).toMatchObject({
      since: '2024-01-01',
      start_value: '0',
      // 1000 + 500 − 300 of cash, − 810, + 25, − 15, + 518; and 4 shares.
      end_value: '1398',
      net_flows: '1200',
      gain: '198',
      // 518 − half of 810
      realized_pl: '113',
      unrealized_pl: '75',
      dividends: '30',
      fees: '32',
      twr_leaves_out: [],
      benchmark: null,
    });
  });

  it('counts deposits and withdrawals as flows, and nothing else', () => {
    // 990 at first; 1095 before the deposit; 1698 before the withdrawal, which works until the end of its day.
    const byHand = (1095 / 1000) * ((1395 + 300 + 23) / (1095 + 500)) * (1398 / 1418);
    expect(whole.twr).toBeCloseTo((1095 / 1000) * (1718 / 1595) * (1398 / 1418) - 1, 10);
    expect(whole.twr).toBeCloseTo(byHand - 1, 10);
    const capital = 1000 + 500 * (183 / 365) - 300 * (30 / 365);
    expect(whole.modified_dietz).toBeCloseTo(198 / capital, 10);
    expect(whole.twr_annualized).toBeCloseTo(whole.twr!, 12);
  });

  it('draws a point on every day of a transaction or a close', () => {
    expect(whole.series.map(({ date, value }) => `${date} ${value ?? '?'}`)).toEqual([
      '2023-12-31 0',
      '2024-01-01 1000',
      '2024-01-02 990',
      '2024-06-01 1015',
      '2024-06-28 1095',
      '2024-07-01 1595',
      '2024-08-01 1580',
      '2024-10-01 1738',
      '2024-11-29 1718',
      '2024-12-01 1418',
      '2024-12-31 1398',
    ]);
    expect(whole.series.map(({ twr }) => twr).slice(0, 5)).toEqual([0, 0, -0.01, 0.015, 0.095]);
    expect(whole.series.at(-1)!.twr).toBe(whole.twr);
  });

  it('begins at the close of its first day: flows of that day are in the start value', () => {
    const part = measured(transactions, closes, { from: '2024-07-01', to: '2024-12-31' });
    expect(part).toMatchObject({
      since: '2024-07-01',
      start_value: '1595',
      net_flows: '-300',
      dividends: '0',
      fees: '17',
      realized_pl: '113',
      twr_annualized: null,
      reasons: { twr_annualized: { code: 'shorter_than_a_year' } },
    });
  });

  it('of one day has no time in it', () => {
    const day = measured(transactions, closes, { from: '2024-07-01', to: '2024-07-01' });
    expect(day).toMatchObject({ twr: 0, modified_dietz: 0, xirr: null, reasons: { xirr: { code: 'no_time_passed' } } });
  });

  it('before anything was done is of nothing', () => {
    const early = measured(transactions, closes, { from: '2020-01-01', to: '2021-01-01' });
    expect(early).toMatchObject({
      start_value: '0',
      end_value: '0',
      gain: '0',
      twr: null,
      xirr: null,
      modified_dietz: null,
    });
    expect(early.reasons.twr).toMatchObject({ code: 'no_capital' });
    expect(early.series).toHaveLength(2);
    expect(measured([], new Map(), { from: '2020-01-01', to: '2021-01-01' })).toMatchObject({
      twr: null,
      end_value: '0',
    });
  });

  it('does not hide an overdrawn account', () => {
    const own = book();
    const overdrawn = [own.deposit('2025-01-01', '10'), own.withdrawal('2025-01-02', '30'), own.fee('2025-01-03', '1')];
    const result = measured(overdrawn, new Map(), { from: '2024-12-31', to: '2025-01-03' });
    expect(result).toMatchObject({ end_value: '-21', twr: null, reasons: { twr: { code: 'capital_not_positive' } } });
  });
});

describe('performance where nobody recorded deposits', () => {
  const { buy, sell, dividend, fee } = book();

  it('is of the shares: what is paid for them and what they bring flows', () => {
    const transactions = [
      buy('2025-01-01', '10', '10', { fee: '1' }),
      dividend('2025-02-01', '5'),
      sell('2025-03-01', '10', '12'),
    ];
    const closes = acme('2025-01-01 10', '2025-02-01 11', '2025-03-01 12');
    const result = measured(transactions, closes, { from: '2024-12-31', to: '2025-03-31' });
    expect(result).toMatchObject({
      net_flows: '-24',
      gain: '24',
      realized_pl: '19',
      unrealized_pl: '0',
      end_value: '0',
    });
    expect(result.twr).toBeCloseTo((100 / 101) * (115 / 100) * (120 / 110) - 1, 10);
    expect(result.modified_dietz).not.toBeNull();
    expect(result.xirr).toBeGreaterThan(0);
  });

  it('names the days whose money met no capital', () => {
    const transactions = [buy('2025-01-01', '1', '10'), sell('2025-01-02', '1', '11'), dividend('2025-02-01', '5')];
    const result = measured(transactions, acme('2025-01-01 10', '2025-01-02 11'), {
      from: '2024-12-31',
      to: '2025-03-01',
    });
    expect(result).toMatchObject({ twr: 0.1, twr_leaves_out: ['2025-02-01'], gain: '6' });
  });

  it('sees a fee larger than the proceeds as more than a total loss', () => {
    const transactions = [buy('2025-01-01', '1', '1'), sell('2025-01-02', '1', '1', { fee: '3' })];
    const result = measured(transactions, acme('2025-01-01 1'), { from: '2024-12-31', to: '2025-01-02' });
    expect(result).toMatchObject({
      gain: '-3',
      realized_pl: '-3',
      twr: null,
      reasons: { twr: { code: 'loss_exceeds_capital' } },
    });
  });

  it('is −100 % of a company that is worth nothing', () => {
    const result = measured([buy('2025-01-01', '1', '10')], acme('2025-01-01 10', '2025-06-01 0'), {
      from: '2024-12-31',
      to: '2025-12-31',
    });
    expect(result).toMatchObject({ twr: -1, xirr: -1, modified_dietz: -1, end_value: '0', unrealized_pl: '-10' });
    expect(result.twr_annualized).toBeNull();
    const twoYears = measured([buy('2023-01-01', '1', '10')], acme('2023-01-01 10', '2025-06-01 0'), {
      from: '2022-12-31',
      to: '2025-12-31',
    });
    expect(twoYears.twr_annualized).toBe(-1);
  });

  it('takes fees of no symbol from the whole, and from no symbol', () => {
    const transactions = [
      buy('2025-01-01', '1', '10'),
      fee('2025-01-02', '1'),
      fee('2025-01-02', '2', { symbol: 'ACME' }),
    ];
    const input = {
      transactions,
      closes: acme('2025-01-01 10', '2025-01-02 20'),
      cost_basis: 'fifo',
      from: '2024-12-31',
      to: '2025-01-02',
    } as const;
    expect(performance(input)).toMatchObject({ gain: '7', fees: '3', twr: 0.7 });
    expect(performanceBySymbol(input)).toMatchObject([{ symbol: 'ACME', gain: '8', fees: '2', twr: 0.8 }]);
  });
});

describe('performance by symbol', () => {
  it('has each symbol that was traded until the end, in order, with its own days', () => {
    const { buy, deposit, sell } = book();
    const transactions = [
      deposit('2025-01-01', '100'),
      buy('2025-01-02', '1', '10', { symbol: 'ZED' }),
      buy('2025-01-03', '1', '20'),
      buy('2025-09-01', '1', '20', { symbol: 'LATER' }),
      sell('2025-01-05', '1', '15', { symbol: 'ZED' }),
    ];
    const closes = new Map([
      ...acme('2025-01-03 20', '2025-01-06 30'),
      [
        'ZED',
        [
          { date: '2025-01-04', close: '12' },
          { date: '2025-01-02', close: '10' },
        ],
      ],
    ]);
    const rows = performanceBySymbol({
      transactions,
      closes,
      cost_basis: 'lifo',
      from: '2025-01-01',
      to: '2025-01-31',
    });
    expect(rows).toMatchObject([
      { symbol: 'ACME', start_value: '0', end_value: '30', twr: 0.5, since: '2025-01-03' },
      { symbol: 'ZED', end_value: '0', realized_pl: '5', twr: 0.5, since: '2025-01-02' },
    ]);
    expect(rows[1]!.series.map(({ date }) => date)).toEqual([
      '2025-01-01',
      '2025-01-02',
      '2025-01-04',
      '2025-01-05',
      '2025-01-31',
    ]);
  });
});

describe('prices', () => {
  const { buy, split, deposit } = book();
  const period = { from: '2024-12-31', to: '2025-01-31' };

  it.each([
    ['raw', ['2025-01-02 100', '2025-01-10 110', '2025-01-21 27.5']],
    ['split_adjusted', ['2025-01-02 25', '2025-01-10 27.5', '2025-01-21 27.5']],
  ] as const)('%s closes agree with the shares of their day, and are carried over a split', (adjustment, days) => {
    // Nothing was quoted on the day of the split, nor for days after.
    const transactions = [buy('2025-01-02', '1', '100'), split('2025-01-15', '4:1')];
    const result = measured(transactions, acme(...days), { ...period, adjustment });
    expect(result.series.map(({ value }) => value)).toEqual(['0', '100', '110', '110', '110', '110']);
    expect(result.twr).toBe(0.1);
  });

  it('that are missing make the value unknown, and the return of days without flows bridges them', () => {
    const transactions = [
      deposit('2025-01-01', '100'),
      buy('2025-01-01', '1', '100'),
      buy('2025-01-03', '1', '0.000001', { symbol: 'NEW' }),
    ];
    const late = new Map([...acme('2025-01-01 100'), ['NEW', [{ date: '2025-01-20', close: '10' }]]]);
    const result = measured(transactions, late, period);
    expect(result.series.map(({ value, twr }) => [value, twr])).toEqual([
      ['0', 0],
      ['100', 0],
      [null, null],
      ['109.999999', 0.09999999],
      ['109.999999', 0.09999999],
    ]);
    expect(result.twr).toBe(0.09999999);
  });

  it.each([
    ['on the day of a flow', '2025-01-03'],
    ['right before one', '2025-01-05'],
  ])('that are missing %s leave no return from there', (_, day) => {
    const transactions = [
      deposit('2025-01-01', '100'),
      buy('2025-01-01', '1', '100'),
      buy('2025-01-03', '1', '1', { symbol: 'NEW' }),
      deposit(day, '50'),
    ];
    const late = new Map([...acme('2025-01-01 100'), ['NEW', [{ date: '2025-01-05', close: '10' }]]]);
    const result = measured(transactions, late, period);
    const reason = { code: 'price_unknown', message: 'no close of NEW until 2025-01-03 is known' };
    expect(result).toMatchObject({ end_value: '159', twr: null, reasons: { twr: reason, twr_annualized: reason } });
    expect(result.series.at(-1)).toMatchObject({ value: '159', twr: null });
    // These need no value in between.
    expect(result.xirr).not.toBeNull();
    expect(result.modified_dietz).not.toBeNull();
  });

  it('that are missing at an end make null what needs them, each with its reason', () => {
    const transactions = [buy('2025-01-02', '1', '100')];
    const result = measured(transactions, new Map(), period);
    expect(result).toMatchObject({
      end_value: null,
      gain: null,
      unrealized_pl: null,
      realized_pl: '0',
      net_flows: '100',
    });
    expect(result).toMatchObject({ twr: null, xirr: null, modified_dietz: null });
    expect(Object.keys(result.reasons).sort()).toEqual(
      ['end_value', 'gain', 'modified_dietz', 'twr', 'twr_annualized', 'unrealized_pl', 'xirr'].sort(),
    );
    const later = measured(transactions, acme('2025-01-20 100'), { from: '2025-01-10', to: '2025-01-31' });
    expect(later).toMatchObject({
      start_value: null,
      end_value: '100',
      twr: null,
      reasons: { twr: { code: 'price_unknown' } },
    });
  });

  it('of a buy that are missing make its flow unknown, not free', () => {
    const result = measured([buy('2025-01-02', '1', null)], acme('2025-01-02 5'), period);
    expect(result).toMatchObject({ end_value: '5', net_flows: null, twr: null, xirr: null, unrealized_pl: null });
    expect(result.reasons.net_flows).toMatchObject({ code: 'trade_price_unknown' });
  });
});

describe('benchmark', () => {
  const { buy } = book();
  const benchmark = {
    symbol: 'SPY',
    closes: [
      { date: '2025-01-31', close: '440' },
      { date: '2025-01-01', close: '400' },
      { date: '2025-01-10', close: '410' },
      { date: '2024-06-30', close: '300' },
    ],
  };
  const closes = acme('2025-01-01 10', '2025-01-14 11', '2025-01-31 12');

  it('is compared over the same days', () => {
    const result = measured([buy('2024-12-01', '1', '10'), buy('2025-01-15', '1', '11')], closes, {
      from: '2025-01-01',
      to: '2025-01-31',
      benchmark,
    });
    expect(result.twr).toBeCloseTo(0.2, 12);
    expect(result.benchmark).toEqual({
      symbol: 'SPY',
      twr: 0.1,
      excess: 0.1,
      series: [
        { date: '2025-01-01', twr: 0 },
        { date: '2025-01-14', twr: 0.025 },
        { date: '2025-01-15', twr: 0.025 },
        { date: '2025-01-31', twr: 0.1 },
      ],
      reasons: {},
    });
  });

  it('does not begin before the portfolio does', () => {
    const result = measured([buy('2025-01-15', '1', '11')], closes, {
      from: '2024-06-30',
      to: '2025-01-31',
      benchmark,
    });
    expect(result.benchmark!.twr).toBeCloseTo(440 / 410 - 1, 12);
    expect(result.benchmark!.series.map(({ twr }) => twr)).toEqual([0, 0, 0.073170731707]);
  });

  it('without a close at its begin is unknown, and so is the excess', () => {
    const result = measured([buy('2024-01-15', '1', '11')], new Map([...acme('2024-01-15 11', '2025-01-31 12')]), {
      from: '2024-01-20',
      to: '2025-01-31',
      benchmark,
    });
    const reason = { code: 'price_unknown', message: 'no close of SPY until 2024-01-20 is known' };
    expect(result.benchmark).toMatchObject({ twr: null, excess: null, reasons: { twr: reason, excess: reason } });
  });
});

describe('inception', () => {
  it('is the day before the first transaction', () => {
    const { buy } = book();
    expect(inception([buy('2025-03-05', '1', '1'), buy('2025-03-01', '1', '1')])).toBe('2025-02-28');
    expect(inception([])).toBeNull();
  });
});
