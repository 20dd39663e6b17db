import { analyze, type Fundamentals, type StatementRow } from '../../core/advisor';
import { compileSource, isMarketMoney, readFigure, readOverviewFigure } from '../../core/advisor/figures';
import { EVERY_STATEMENT, NOW, analyzed, company, redated, withoutYears } from './company';

const scored = (fundamentals: Fundamentals) => analyze(fundamentals, { now: NOW, articles: [] });

/** The base company with one statement's rows replaced. */
const replaced = (
  name: (typeof EVERY_STATEMENT)[number],
  change: (rows: readonly StatementRow[]) => readonly StatementRow[],
): Fundamentals => ({ ...company(), [name]: change(company()[name]) });

describe('which year is analysed', () => {
  it('the latest annual date that the three statements share', () => {
    expect(analyzed().fiscal_date).toBe('2024-12-31');
    for (const statement of ['income_statement', 'balance_sheet', 'cash_flow']) {
      expect(scored(withoutYears(company(), [statement], [0])).fiscal_date).toBe('2023-12-31');
    }
    expect(scored(withoutYears(company(), ['earnings'], [0])).fiscal_date).toBe('2024-12-31');
  });

  it('a quarter that ends on another day is no year, though all three have it', () => {
    const quarter = (rows: readonly StatementRow[]) => [
      { ...rows[0]!, period: 'quarterly' as const, fiscal_date_ending: '2025-03-31' },
      ...rows,
    ];
    const base = company();
    const quarterly = {
      ...base,
      income_statement: quarter(base.income_statement),
      balance_sheet: quarter(base.balance_sheet),
      cash_flow: quarter(base.cash_flow),
    };
    expect(scored(quarterly)).toEqual(scored(base));
  });

  it('the fourth quarter ends on the same day as the year, and is not mistaken for it', () => {
    const mixed = replaced('income_statement', (rows) => [
      { ...rows[0]!, period: 'quarterly', figures: { totalRevenue: '1' } },
      ...rows,
      { ...rows[0]!, period: 'quarterly', figures: { totalRevenue: '2' } },
    ]);
    expect(scored(mixed)).toEqual(analyzed());
  });

  it('none, when they share none: then every score is missing, and says why', () => {
    const none = scored(withoutYears(company(), ['cash_flow'], [0, 1]));
    expect(none.fiscal_date).toBeNull();
    expect(none.currency).toBe('USD');
    for (const score of Object.values(none.scores)) {
      expect(score).toMatchObject({
        value: null,
        status: 'missing',
        reason: 'the three statements share no fiscal year',
      });
      expect(score).not.toHaveProperty('band');
    }
    expect(none.rating).toMatchObject({ score: null, grade: null });
    expect(none.ratios.pe.value).toBe(15.7); // the overview's own multiples need no statement
    expect(none.ratios.roe.status).toBe('missing');
  });

  it('nothing at all is an analysis too', () => {
    const empty: Fundamentals = {
      symbol: 'X',
      overview: null,
      income_statement: [],
      balance_sheet: [],
      cash_flow: [],
      earnings: [],
    };
    const result = scored(empty);
    expect(result).toMatchObject({
      fiscal_date: null,
      currency: null,
      sentiment: null,
      rating: { score: null, grade: null, coverage: 0 },
    });
    for (const ratio of Object.values(result.ratios)) expect([ratio.value, ratio.status]).toEqual([null, 'missing']);
  });

  it('a row whose date is no date is no row', () => {
    const odd = replaced('balance_sheet', (rows) => [
      { ...rows[0]!, fiscal_date_ending: 'None', figures: {} },
      ...rows,
    ]);
    const all = {
      ...odd,
      income_statement: [...odd.income_statement, { ...odd.income_statement[0]!, fiscal_date_ending: 'None' }],
      cash_flow: [...odd.cash_flow, { ...odd.cash_flow[0]!, fiscal_date_ending: 'None' }],
    };
    expect(scored(all)).toEqual(analyzed());
  });
});

describe('the years before', () => {
  it('only one annual report: what needs two is missing, what needs one is not', () => {
    const one = scored(withoutYears(company(), EVERY_STATEMENT, [1, 2, 3]));
    expect(one.scores.piotroski).toMatchObject({
      value: 1,
      tests_available: 1,
      parts: { cfo_positive: 'pass', roa_positive: 'missing' },
    });
    expect(one.scores.beneish_m.status).toBe('missing');
    expect(one.scores.altman_z).toEqual(analyzed().scores.altman_z);
    expect(one.ratios.revenue_growth).toMatchObject({
      value: null,
      status: 'missing',
      missing: ['income_statement.totalRevenue[t-1]'],
    });
    expect(one.ratios.current_ratio.status).toBe('ok');
  });

  it('a missing year is missing, not the next older one', () => {
    const gap = scored(withoutYears(company(), EVERY_STATEMENT, [1]));
    expect(gap.ratios.revenue_growth.status).toBe('missing');
    expect(gap.ratios.revenue_cagr_3y).toEqual(analyzed().ratios.revenue_cagr_3y);
    expect(gap.scores.piotroski.tests_available).toBe(1);
  });

  it('a year missing in one statement leaves the other statements theirs', () => {
    const gap = scored(withoutYears(company(), ['income_statement'], [1]));
    expect(gap.scores.piotroski).toMatchObject({
      tests_available: 6,
      parts: { roa_rising: 'missing', no_new_shares: 'pass' },
    });
  });

  it('years of 52 and 53 weeks end on drifting days (AAPL: the last Saturday of September)', () => {
    const saturdays: Record<string, string> = {
      '2024': '2024-09-28',
      '2023': '2023-09-30',
      '2022': '2022-09-24',
      '2021': '2021-09-25',
    };
    const drifting = scored(redated(company(), (date) => saturdays[date.slice(0, 4)]!));
    expect(drifting).toEqual({ ...analyzed(), fiscal_date: '2024-09-28' });
  });

  it('years about the turn of a century', () => {
    const dates: Record<string, string> = {
      '2024': '2001-01-01',
      '2023': '1999-12-30',
      '2022': '1998-12-31',
      '2021': '1998-01-01',
    };
    const turned = scored(redated(company(), (date) => dates[date.slice(0, 4)]!));
    expect(turned).toEqual({ ...analyzed(), fiscal_date: '2001-01-01' });
  });

  it('a year that ends on 29 February', () => {
    const february = scored(
      redated(company(), (date) => `${date.slice(0, 4)}-02-${date.startsWith('2024') ? 29 : 28}`),
    );
    expect(february).toEqual({ ...analyzed(), fiscal_date: '2024-02-29' });
  });

  it.each([
    ['2023-12-16', 'ok'], // 15 days early
    ['2023-12-15', 'missing'],
    ['2024-01-15', 'ok'], // 15 days late
    ['2024-01-16', 'missing'],
    ['2023-06-30', 'missing'], // the company changed its fiscal year
  ])('a year before that ended on %s is %s', (date, status) => {
    const moved = replaced('income_statement', (rows) =>
      rows.map((row) => (row.fiscal_date_ending === '2023-12-31' ? { ...row, fiscal_date_ending: date } : row)),
    );
    expect(scored(moved).ratios.revenue_growth.status).toBe(status);
  });

  it('of two rows about a year earlier the nearer is the one, of two as near the later', () => {
    const near = (...days: [string, number][]) =>
      scored(
        replaced('income_statement', (rows) => [
          ...rows.filter((row) => row.fiscal_date_ending !== '2023-12-31'),
          ...days.map(([date, revenue]) => ({
            ...rows[1]!,
            fiscal_date_ending: date,
            figures: { totalRevenue: String(revenue) },
          })),
        ]),
      ).ratios.revenue_growth.inputs['income_statement.totalRevenue[t-1]'];
    expect(near(['2023-12-28', 1], ['2024-01-02', 2])).toBe(2);
    expect(near(['2024-01-02', 2], ['2023-12-28', 1])).toBe(2);
    expect(near(['2023-12-30', 1], ['2024-01-02', 2])).toBe(1);
    expect(near(['2023-12-29', 1], ['2024-01-02', 2])).toBe(2);
    expect(near(['2024-01-02', 2], ['2023-12-29', 1])).toBe(2);
  });

  it("earnings begin with the year so far: it is nobody's year (IBM, 2026-03-31)", () => {
    const partial = replaced('earnings', (rows) => [
      { ...rows[0]!, fiscal_date_ending: '2025-03-31', figures: { reportedEPS: '0.4' } },
      ...rows,
    ]);
    expect(scored(partial)).toEqual(analyzed());
  });
});

describe('rows come as they come', () => {
  const rotate = (rows: readonly StatementRow[]) => [...rows.slice(1), ...rows.slice(0, 1)].reverse();
  it('in any order', () => {
    const base = company();
    const shuffled = {
      ...base,
      income_statement: rotate(base.income_statement),
      balance_sheet: rotate(base.balance_sheet),
      cash_flow: rotate(base.cash_flow),
      earnings: rotate(base.earnings),
    };
    expect(scored(shuffled)).toEqual(analyzed());
  });
  it('and twice', () => {
    const base = company();
    const twice = {
      ...base,
      income_statement: [...base.income_statement, ...base.income_statement],
      balance_sheet: [...base.balance_sheet, ...base.balance_sheet],
    };
    expect(scored(twice)).toEqual(analyzed());
  });
  it('two that differ for one date: the fuller wins, whichever came first', () => {
    const sparse: StatementRow = { ...company().income_statement[0]!, figures: { totalRevenue: '5', ebit: null } };
    expect(scored(replaced('income_statement', (rows) => [sparse, ...rows]))).toEqual(analyzed());
    expect(scored(replaced('income_statement', (rows) => [...rows, sparse]))).toEqual(analyzed());
  });
  it('two as full that differ: the same one in either order', () => {
    const row = company().income_statement[0]!;
    for (const other of [
      { ...row, figures: { ...row.figures, totalRevenue: '999' } },
      { ...row, reported_currency: 'EUR' },
    ]) {
      const before = scored(replaced('income_statement', (rows) => [other, ...rows]));
      const after = scored(replaced('income_statement', (rows) => [...rows, other]));
      expect(before).toEqual(after);
    }
    const reordered = { ...row, figures: Object.fromEntries(Object.entries(row.figures).reverse()) };
    expect(scored(replaced('income_statement', (rows) => [reordered, ...rows]))).toEqual(analyzed());
  });
});

describe('figures', () => {
  it.each([
    ['overview.MarketCapitalization', true],
    ['overview.EPS', true],
    ['overview.BookValue', true],
    ['overview.DividendPerShare', true],
    ['overview.PERatio', false],
    ['overview.SharesOutstanding', false],
    ['earnings.EPS[t]', false],
  ])('%s is money of the market: %s', (reference, is) =>
    expect(isMarketMoney(compileSource(reference)[0]![0])).toBe(is),
  );
  it.each([
    ['67535000000', 67535000000],
    ['-33.5', -33.5],
    ['+4', 4],
    ['.5', 0.5],
    ['5.', 5],
    ['1.5E3', 1500],
    [' 12 ', 12],
    ['0', 0],
  ])('%j is %d', (text, value) => expect(readFigure(text)).toBe(value));
  it.each([
    'None',
    '-',
    'N/A',
    '',
    ' ',
    '0x10',
    'Infinity',
    'NaN',
    '1,000',
    '1e999',
    '0.42%',
    'x1',
    '1x',
    null,
    undefined,
  ])('%j is no figure', (text) => expect(readFigure(text)).toBeNull());
  it.each([
    'PERatio',
    'PEGRatio',
    'TrailingPE',
    'ForwardPE',
    'PriceToBookRatio',
    'PriceToSalesRatioTTM',
    'EVToEBITDA',
    'MarketCapitalization',
    'SharesOutstanding',
  ])('"0" means unknown for %s', (field) => {
    expect(readOverviewFigure(field, '0')).toBeNull();
    expect(readOverviewFigure(field, '0.0')).toBeNull();
    expect(readOverviewFigure(field, '0.1')).toBe(0.1);
  });
  it('"0" is 0 elsewhere', () => {
    expect(readOverviewFigure('DividendYield', '0')).toBe(0);
    expect(analyzed({ 'overview.DividendYield': 0 }).ratios.dividend_yield).toMatchObject({ value: 0, status: 'ok' });
  });
  it.each([
    'balance.totalAssets[t]',
    'income_statement.ebit',
    'overview.EPS[t]',
    'cash_flow.x[t-4]',
    'cash_flow.[t]',
    '',
    'overview.EPS |',
  ])('a table cannot be built from %j', (reference) =>
    expect(() => compileSource(reference)).toThrow(/not a reference/),
  );
});
