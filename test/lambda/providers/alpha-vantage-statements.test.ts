import { describeWithFixtures, fixture } from '../../fixtures';
import { stubAlphaVantage } from './stub-provider';

const row = (fiscalDateEnding: string, figures: Record<string, unknown> = {}) => ({
  fiscalDateEnding,
  reportedCurrency: 'USD',
  ...figures,
});

describeWithFixtures('the real statements of IBM', () => {
  it.each([
    ['incomeStatement', 'income-statement', 24, 'totalRevenue', '67535000000'],
    ['balanceSheet', 'balance-sheet', 36, 'totalAssets', '151880000000'],
    ['cashFlow', 'cash-flow', 28, 'operatingCashflow', '13192000000'],
  ] as const)('%s: 20 years, 81 quarters', async (method, file, count, key, value) => {
    const { client, calls } = stubAlphaVantage({ body: fixture(`alphavantage/${file}.IBM.json`) });
    const { symbol, rows, rejected } = await client[method]('IBM');
    expect(symbol).toBe('IBM');
    expect(rejected).toEqual([]);
    const annual = rows.filter(({ period }) => period === 'annual');
    const quarterly = rows.filter(({ period }) => period === 'quarterly');
    expect([annual.length, quarterly.length]).toEqual([20, 81]);
    expect(annual[0]).toMatchObject({ fiscal_date_ending: '2025-12-31', reported_currency: 'USD' });
    expect(annual[0]?.figures[key]).toBe(value);
    expect(quarterly[0]?.fiscal_date_ending).toBe('2026-03-31');
    for (const { figures } of rows) {
      expect(Object.keys(figures)).toHaveLength(count);
      expect(Object.values(figures)).not.toContain('None');
    }
    expect(calls[0]?.url.pathname).toBe('/query');
    expect(calls[0]?.url.searchParams.get('symbol')).toBe('IBM');
  });

  it('annual and quarterly rows of one date both come out', async () => {
    const { client } = stubAlphaVantage({ body: fixture('alphavantage/income-statement.IBM.json') });
    const { rows } = await client.incomeStatement('IBM');
    const december = rows.filter((r) => r.fiscal_date_ending === '2025-12-31');
    expect(december.map(({ period }) => period)).toEqual(['annual', 'quarterly']);
    expect(december[0]?.figures.netIncome).toBe('10593000000');
    expect(december[0]?.figures.investmentIncomeNet).toBeNull();
    expect(december[1]?.figures.netIncome).not.toBe(december[0]?.figures.netIncome);
  });

  it('EARNINGS: the running year among the annual rows is left out', async () => {
    const { client } = stubAlphaVantage({ body: fixture('alphavantage/earnings.IBM.json') });
    const { rows, rejected } = await client.earnings('IBM');
    const annual = rows.filter(({ period }) => period === 'annual');
    expect(annual).toHaveLength(30);
    expect(annual[0]).toEqual({
      fiscal_date_ending: '2025-12-31',
      period: 'annual',
      reported_currency: null,
      figures: { reportedEPS: '11.57' },
    });
    expect(rejected).toEqual([{ path: 'annualEarnings 2026-03-31', reason: 'partial fiscal year' }]);
    const quarterly = rows.filter(({ period }) => period === 'quarterly');
    expect(quarterly).toHaveLength(121);
    expect(quarterly[0]?.figures).toEqual({
      reportedDate: '2026-04-22',
      reportedEPS: '1.91',
      estimatedEPS: '1.81',
      surprise: '0.1',
      surprisePercentage: '5.5249',
      reportTime: 'post-market',
    });
  });

  it('EARNINGS of 2021, without reportTime and with "None"', async () => {
    const { client } = stubAlphaVantage({ body: fixture('alphavantage/earnings.2021.json') });
    const { rows, rejected } = await client.earnings('IBM');
    expect(rejected).toEqual([]);
    expect(rows.find((r) => r.fiscal_date_ending === '2019-12-31')?.figures).toEqual({ reportedEPS: null });
    expect(rows.filter(({ period }) => period === 'quarterly')).toHaveLength(3);
  });
});

describe('rows', () => {
  const parse = async (annualReports: unknown, quarterlyReports: unknown = []) =>
    stubAlphaVantage({ body: { symbol: 'IBM', annualReports, quarterlyReports } }).client.balanceSheet('IBM');

  it.each(['None', '-', 'N/A', '', null, 'none', ' '])('%j is no number, and not 0', async (totalAssets) => {
    const { rows } = await parse([row('2025-12-31', { totalAssets, totalLiabilities: '0' })]);
    expect(rows[0]?.figures).toEqual({ totalAssets: null, totalLiabilities: '0' });
  });

  it.each(['0', '-33000000', '151880000000', '0.0388', '.5', '1.5e9', '123456789012345678901234567890'])(
    '%s is kept exactly as sent',
    async (totalAssets) => {
      const { rows } = await parse([row('2025-12-31', { totalAssets })]);
      expect(rows[0]?.figures.totalAssets).toBe(totalAssets);
    },
  );

  it('a JSON number is tolerated', async () => {
    const { rows } = await parse([row('2025-12-31', { totalAssets: 12.5 })]);
    expect(rows[0]?.figures.totalAssets).toBe('12.5');
  });

  it.each(['n.m.', '1,234', '12abc', '1e999999999', 'NaN', 'Infinity', {}, true, Number.NaN])(
    '%j in a numeric field rejects the row and nothing else',
    async (totalAssets) => {
      const { rows, rejected } = await parse([
        row('2025-12-31', { totalAssets }),
        row('2024-12-31', { totalAssets: '1' }),
      ]);
      // NaN has no JSON spelling: it arrives as null.
      if (typeof totalAssets === 'number') {
        expect(rejected).toEqual([]);
        return;
      }
      expect(rows.map((r) => r.fiscal_date_ending)).toEqual(['2024-12-31']);
      expect(rejected).toEqual([{ path: 'annualReports[0]', reason: 'totalAssets: not a number' }]);
    },
  );

  it('a new field that is no number is left out, one that is comes along', async () => {
    const { rows } = await parse([row('2025-12-31', { auditor: 'Sums & Co', carbonTons: '5' })]);
    expect(rows[0]?.figures).toEqual({ carbonTons: '5' });
  });

  it.each([
    ['no date', { totalAssets: '1' }],
    ['a date that is none', row('2025-02-30')],
    ['words for a date', row('last year')],
    ['not an object', 'row'],
    ['a currency that is no text', { fiscalDateEnding: '2025-12-31', reportedCurrency: 7 }],
  ])('%s rejects the row', async (_name, bad) => {
    const { rows, rejected } = await parse([bad], [row('2025-12-31')]);
    expect(rows).toHaveLength(1);
    expect(rejected).toHaveLength(1);
  });

  it('come newest first whatever the order, and of two of one date the first stands', async () => {
    const { rows, rejected } = await parse([
      row('2023-12-31', { totalAssets: '3' }),
      row('2025-12-31', { totalAssets: '5' }),
      row('2023-12-31', { totalAssets: '99' }),
      row('2024-12-31', { totalAssets: '4' }),
    ]);
    expect(rows.map(({ figures }) => figures.totalAssets)).toEqual(['5', '4', '3']);
    expect(rejected).toEqual([{ path: 'annualReports[2]', reason: 'fiscalDateEnding: listed twice' }]);
  });

  it('keeps the currency that the company reports in', async () => {
    const { rows } = await parse([{ ...row('2025-09-30'), reportedCurrency: 'EUR' }]);
    expect(rows[0]).toMatchObject({ reported_currency: 'EUR', fiscal_date_ending: '2025-09-30' });
  });

  it('a whole first year after another is no partial one', async () => {
    const annualEarnings = [
      { fiscalDateEnding: '2025-09-30', reportedEPS: '2' },
      { fiscalDateEnding: '2024-09-28', reportedEPS: '1' },
    ];
    const { client } = stubAlphaVantage({ body: { symbol: 'IBM', annualEarnings, quarterlyEarnings: [] } });
    expect((await client.earnings('IBM')).rows).toHaveLength(2);
  });

  it('one list may be missing; a list that is none makes the payload malformed', async () => {
    const lonely = stubAlphaVantage({ body: { symbol: 'IBM', quarterlyReports: [row('2025-12-31')] } });
    expect((await lonely.client.cashFlow('IBM')).rows).toHaveLength(1);
    await expect(parse('soon')).rejects.toMatchObject({ kind: 'malformed' });
  });
});

describe('the symbol', () => {
  it('goes out with a hyphen and comes back with a dot', async () => {
    const { client, calls } = stubAlphaVantage({ body: { symbol: 'BRK-B', annualReports: [], quarterlyReports: [] } });
    expect(await client.incomeStatement('BRK.B')).toEqual({ symbol: 'BRK.B', rows: [], rejected: [] });
    expect(calls[0]?.url.searchParams.get('symbol')).toBe('BRK-B');
  });

  it.each([
    'overview',
    'incomeStatement',
    'balanceSheet',
    'cashFlow',
    'earnings',
    'globalQuote',
    'timeSeriesDaily',
  ] as const)('%s refuses a payload about another one', async (method) => {
    const body = {
      Symbol: 'MSFT',
      symbol: 'MSFT',
      annualReports: [],
      annualEarnings: [],
      'Global Quote': { '01. symbol': 'MSFT' },
      'Meta Data': { '2. Symbol': 'MSFT' },
      'Time Series (Daily)': {},
    };
    await expect(stubAlphaVantage({ body }).client[method]('IBM')).rejects.toMatchObject({ kind: 'symbol_mismatch' });
  });

  it('a payload that names none is malformed', async () => {
    await expect(stubAlphaVantage({ body: { annualReports: [] } }).client.cashFlow('IBM')).rejects.toMatchObject({
      kind: 'malformed',
    });
  });
});
