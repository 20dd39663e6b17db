import { RATIOS, type RatioId } from '../../core/advisor';
import { analyzed, type Figures } from './company';

/** Worked out by hand from the figures in company.ts, formula by formula of DOMAIN.md, section 4. */
const EXPECTED: Readonly<Record<RatioId, number>> = {
  current_ratio: 613 / 307,
  quick_ratio: 228 / 307, // 89 + 139
  debt_to_equity: 311 / 769,
  debt_to_assets: 311 / 1511,
  net_debt_to_ebitda: 222 / 269, // 311 − 89
  interest_coverage: 211 / 23,
  gross_margin: 431 / 1009,
  operating_margin: 193 / 1009,
  net_margin: 127 / 1009,
  ebitda_margin: 269 / 1009,
  ebit_margin: 211 / 1009,
  fcf_margin: 96 / 1009, // 167 − 71
  roe: 127 / 730, // (769 + 691) / 2
  roa: 127 / 1467, // (1511 + 1423) / 2
  roic: (211 * (132 / 179)) / 991, // 1 − 47/179; 311 + 769 − 89
  gross_profitability: 431 / 1511,
  asset_turnover: 1009 / 1467,
  cash_conversion: 167 / 127,
  revenue_growth: 102 / 907,
  revenue_cagr_3y: 0.08179328572, // (1009/797)^(1/3) − 1
  net_income_growth: 24 / 103,
  eps_growth: 0.24 / 1.03,
  earnings_yield: 211 / 2221, // 1999 + 311 − 89
  fcf_yield: 96 / 1999,
  dividend_yield: 0.018,
  payout_ratio: 37 / 127,
  pe: 15.7,
  peg: 15.7 / (24 / 1.03),
  pb: 2.6,
  ps: 1.9,
  ev_to_ebitda: 8.3,
  price_to_graham: 1999 / 97 / 15.259505234443, // √(22.5 × 1.31 × 7.9)
};

describe('ratios', () => {
  const { ratios } = analyzed();

  it('has a hand-computed value for every ratio in the table', () => {
    expect(Object.keys(ratios).sort()).toEqual(Object.keys(EXPECTED).sort());
    expect(Object.keys(RATIOS).sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  it.each(Object.entries(EXPECTED))('%s', (id, expected) => {
    const result = ratios[id as RatioId];
    expect(result.status).toBe('ok');
    expect(result.missing).toEqual([]);
    expect(result.value).toBeCloseTo(expected, 9);
  });

  it('names where each figure comes from, and shows it', () => {
    expect(ratios.roe.inputs).toEqual({
      'income_statement.netIncome[t]': 127,
      'balance_sheet.totalShareholderEquity[t]': 769,
      'balance_sheet.totalShareholderEquity[t-1]': 691,
    });
    expect(ratios.pe.inputs).toEqual({ 'overview.PERatio': 15.7 });
  });

  describe('a missing figure is missing, never 0', () => {
    it.each(Object.keys(EXPECTED) as RatioId[])('%s', (id) => {
      for (const reference of Object.keys(ratios[id].inputs)) {
        const { value, status, missing, inputs } = analyzed({ [reference]: null }).ratios[id];
        if (reference === 'income_statement.ebit[t]') continue; // has a fallback, tested below
        expect([id, reference, value, status]).toEqual([id, reference, null, 'missing']);
        expect(missing).toContain(reference);
        expect(inputs[reference]).toBeNull();
      }
    });
  });

  describe('EBIT the provider lacks is pre-tax income plus interest expense', () => {
    const without = analyzed({ 'income_statement.ebit[t]': null }).ratios;
    it('is summed, and shown as what it was summed from', () => {
      expect(without.ebit_margin.value).toBeCloseTo(202 / 1009, 12); // 179 + 23
      expect(without.ebit_margin.inputs).toEqual({
        'income_statement.incomeBeforeTax[t]': 179,
        'income_statement.interestExpense[t]': 23,
        'income_statement.totalRevenue[t]': 1009,
      });
    });
    it('is missing, by its own name, when the fallback is missing too', () => {
      const result = analyzed({ 'income_statement.ebit[t]': null, 'income_statement.interestExpense[t]': null }).ratios;
      expect(result.ebit_margin.missing).toEqual(['income_statement.ebit[t]']);
    });
  });

  /** Ratio, what is changed, and the answer: a number, or the status of no number. */
  const EDGES: readonly (readonly [string, RatioId, Figures, number | string])[] = [
    ['zero revenue', 'gross_margin', { 'income_statement.totalRevenue[t]': 0 }, 'zero_denominator'],
    ['zero revenue', 'fcf_margin', { 'income_statement.totalRevenue[t]': 0 }, 'zero_denominator'],
    ['zero revenue', 'asset_turnover', { 'income_statement.totalRevenue[t]': 0 }, 0],
    ['zero revenue', 'revenue_growth', { 'income_statement.totalRevenue[t]': 0 }, -1],
    ['zero revenue a year ago', 'revenue_growth', { 'income_statement.totalRevenue[t-1]': 0 }, 'zero_denominator'],
    ['equal revenue', 'revenue_growth', { 'income_statement.totalRevenue[t-1]': 1009 }, 0],
    [
      'a smaller loss is growth',
      'net_income_growth',
      { 'income_statement.netIncome[t]': -50, 'income_statement.netIncome[t-1]': -100 },
      0.5,
    ],
    ['from loss to profit', 'eps_growth', { 'earnings.reportedEPS[t-1]': -2, 'earnings.reportedEPS[t]': 1 }, 1.5],
    ['no base for compound growth', 'revenue_cagr_3y', { 'income_statement.totalRevenue[t-3]': 0 }, 'not_applicable'],
    ['negative base', 'revenue_cagr_3y', { 'income_statement.totalRevenue[t-3]': -1 }, 'not_applicable'],
    [
      'smallest positive base',
      'revenue_cagr_3y',
      { 'income_statement.totalRevenue[t-3]': 1, 'income_statement.totalRevenue[t]': 8 },
      1,
    ],
    ['negative end', 'revenue_cagr_3y', { 'income_statement.totalRevenue[t]': -1 }, 'not_applicable'],
    ['an end at zero is a total loss', 'revenue_cagr_3y', { 'income_statement.totalRevenue[t]': 0 }, -1],
    ['negative equity', 'debt_to_equity', { 'balance_sheet.totalShareholderEquity[t]': -1 }, 'not_applicable'],
    ['zero equity', 'debt_to_equity', { 'balance_sheet.totalShareholderEquity[t]': 0 }, 'not_applicable'],
    ['equity of one', 'debt_to_equity', { 'balance_sheet.totalShareholderEquity[t]': 1 }, 311],
    ['zero debt', 'debt_to_equity', { 'balance_sheet.shortLongTermDebtTotal[t]': 0 }, 0],
    ['negative equity', 'roe', { 'balance_sheet.totalShareholderEquity[t]': -1 }, 'not_applicable'],
    ['zero equity', 'roe', { 'balance_sheet.totalShareholderEquity[t]': 0 }, 'not_applicable'],
    ['negative equity a year ago', 'roe', { 'balance_sheet.totalShareholderEquity[t-1]': -1 }, 'not_applicable'],
    ['zero equity a year ago', 'roe', { 'balance_sheet.totalShareholderEquity[t-1]': 0 }, 'not_applicable'],
    [
      'equity of one',
      'roe',
      { 'balance_sheet.totalShareholderEquity[t]': 1, 'balance_sheet.totalShareholderEquity[t-1]': 1 },
      127,
    ],
    ['no interest expense given', 'interest_coverage', { 'income_statement.interestExpense[t]': null }, 'missing'],
    ['interest expense of 0', 'interest_coverage', { 'income_statement.interestExpense[t]': 0 }, 'not_applicable'],
    ['tax refund: rate held at 0', 'roic', { 'income_statement.incomeTaxExpense[t]': -47 }, 211 / 991],
    ['tax above income: rate held at 1', 'roic', { 'income_statement.incomeTaxExpense[t]': 180 }, 0],
    ['no pre-tax income', 'roic', { 'income_statement.incomeBeforeTax[t]': 0 }, 'zero_denominator'],
    ['more cash than capital', 'roic', { 'balance_sheet.cashAndShortTermInvestments[t]': 1081 }, 'not_applicable'],
    ['as much cash as capital', 'roic', { 'balance_sheet.cashAndShortTermInvestments[t]': 1080 }, 'zero_denominator'],
    ['capital expenditures given as negative', 'fcf_margin', { 'cash_flow.capitalExpenditures[t]': -71 }, 96 / 1009],
    ['dividends given as negative', 'payout_ratio', { 'cash_flow.dividendPayout[t]': -37 }, 37 / 127],
    ['a loss', 'payout_ratio', { 'income_statement.netIncome[t]': -1 }, 'not_applicable'],
    ['no profit', 'payout_ratio', { 'income_statement.netIncome[t]': 0 }, 'not_applicable'],
    ['a profit of one', 'payout_ratio', { 'income_statement.netIncome[t]': 1 }, 37],
    ['no profit', 'cash_conversion', { 'income_statement.netIncome[t]': 0 }, 'not_applicable'],
    ['a profit of one', 'cash_conversion', { 'income_statement.netIncome[t]': 1 }, 167],
    ['no EBITDA', 'net_debt_to_ebitda', { 'income_statement.ebitda[t]': 0 }, 'not_applicable'],
    ['an EBITDA of one', 'net_debt_to_ebitda', { 'income_statement.ebitda[t]': 1 }, 222],
    [
      'more cash than the firm costs',
      'earnings_yield',
      { 'balance_sheet.cashAndShortTermInvestments[t]': 2311 },
      'not_applicable',
    ],
    [
      'as much cash as the firm costs',
      'earnings_yield',
      { 'balance_sheet.cashAndShortTermInvestments[t]': 2310 },
      'zero_denominator',
    ],
    ['P/E of "0" is unknown', 'pe', { 'overview.PERatio': '0' }, 'missing'],
    ['P/E of "0" is unknown', 'peg', { 'overview.PERatio': '0' }, 'missing'],
    ['P/E of "None"', 'pe', { 'overview.PERatio': 'None' }, 'missing'],
    ['P/B of "-"', 'pb', { 'overview.PriceToBookRatio': '-' }, 'missing'],
    ['negative P/E', 'pe', { 'overview.PERatio': -3 }, 'not_applicable'],
    ['negative P/E', 'peg', { 'overview.PERatio': -3 }, 'not_applicable'],
    ['P/E of 1', 'pe', { 'overview.PERatio': 1 }, 1],
    [
      'P/E of 1 at growth of 1 %',
      'peg',
      { 'overview.PERatio': 1, 'earnings.reportedEPS[t]': 101, 'earnings.reportedEPS[t-1]': 100 },
      1,
    ],
    ['earnings stand still', 'peg', { 'earnings.reportedEPS[t]': 1.03 }, 'not_applicable'],
    ['earnings shrink', 'peg', { 'earnings.reportedEPS[t]': 1 }, 'not_applicable'],
    ["no price to earnings growth but the provider's", 'peg', { 'overview.PEGRatio': '0' }, 15.7 / (24 / 1.03)],
    ['a loss per share', 'price_to_graham', { 'overview.EPS': -1 }, 'not_applicable'],
    ['negative book value', 'price_to_graham', { 'overview.BookValue': -1 }, 'not_applicable'],
    ['no earnings per share', 'price_to_graham', { 'overview.EPS': 0 }, 'not_applicable'],
    ['no book value', 'price_to_graham', { 'overview.BookValue': 0 }, 'not_applicable'],
    // As little above nothing as there is: it counts.
    ['a quarter of EBITDA', 'net_debt_to_ebitda', { 'income_statement.ebitda[t]': 0.25 }, 888],
    ['equity of a quarter', 'debt_to_equity', { 'balance_sheet.totalShareholderEquity[t]': 0.25 }, 1244],
    ['equity of a quarter', 'roe', { 'balance_sheet.totalShareholderEquity[t]': 0.25 }, 127 / 345.625],
    ['equity of a quarter a year ago', 'roe', { 'balance_sheet.totalShareholderEquity[t-1]': 0.25 }, 127 / 384.625],
    ['a profit of a quarter', 'payout_ratio', { 'income_statement.netIncome[t]': 0.25 }, 148],
    ['a profit of a quarter', 'cash_conversion', { 'income_statement.netIncome[t]': 0.25 }, 668],
    [
      'a base of a quarter',
      'revenue_cagr_3y',
      { 'income_statement.totalRevenue[t-3]': 0.25, 'income_statement.totalRevenue[t]': 2 },
      1,
    ],
    ['a quarter of a year of earnings', 'pe', { 'overview.PERatio': 0.25 }, 0.25],
    [
      'a quarter of a year of earnings',
      'peg',
      { 'overview.PERatio': 0.25, 'earnings.reportedEPS[t]': 2, 'earnings.reportedEPS[t-1]': 1 },
      0.0025,
    ],
    [
      'growth of a quarter of a percent',
      'peg',
      { 'earnings.reportedEPS[t]': 401, 'earnings.reportedEPS[t-1]': 400 },
      62.8,
    ],
    [
      'a quarter and a quarter',
      'price_to_graham',
      { 'overview.EPS': 0.25, 'overview.BookValue': 0.25 },
      (1999 / 97 / Math.sqrt(22.5)) * 4,
    ],
    ['one and one', 'price_to_graham', { 'overview.EPS': 1, 'overview.BookValue': 1 }, 1999 / 97 / Math.sqrt(22.5)],
  ];

  it.each(EDGES)('%s: %s', (_, id, changes, expected) => {
    const { value, status } = analyzed(changes).ratios[id];
    if (typeof expected === 'string') expect([value, status]).toEqual([null, expected]);
    else expect(value).toBeCloseTo(expected, 12);
  });

  it('says that zero interest is no debt cost', () => {
    const { band } = analyzed({ 'income_statement.interestExpense[t]': 0 }).ratios.interest_coverage;
    expect(band).toBe('no_debt_cost');
  });

  it.each(['FINANCE', 'FINANCIAL SERVICES', ' Financial Services '])(
    'knows no working capital or EBIT of a company in %s',
    (sector) => {
      const result = analyzed({ 'overview.Sector': sector }).ratios;
      const inapplicable = Object.entries(result).filter(([, { status }]) => status === 'not_applicable');
      expect(inapplicable.map(([id]) => id)).toEqual([
        'current_ratio',
        'quick_ratio',
        'net_debt_to_ebitda',
        'earnings_yield',
      ]);
      for (const [, { value, reason }] of inapplicable)
        expect([value, reason]).toEqual([null, expect.stringMatching(/financial/)]);
    },
  );

  it('places a ratio within its sector when given the sector', () => {
    const sector = { pe: [10, 12, 15.7, 20, 30], roe: [0.1, 0.2], gross_margin: [0.1, 0.2, 0.3, 0.4, 0.5] };
    const result = analyzed({}, { universe: { sector } }).ratios;
    expect(result.pe.sector_percentile).toBeCloseTo(1 - 2.5 / 5, 12); // lower is better
    expect(result.gross_margin.sector_percentile).toBeCloseTo(4 / 5, 12);
    expect(result.roe.sector_percentile).toBeNull(); // two companies are no sector
    expect(result.roa).not.toHaveProperty('sector_percentile');
    const unknown = analyzed({ 'overview.PERatio': null }, { universe: { sector } }).ratios;
    expect(unknown.pe).not.toHaveProperty('sector_percentile');
  });

  it('says of each whether higher or lower is better', () => {
    const lower = Object.entries(RATIOS).filter(([, { better }]) => better === 'lower');
    expect(lower.map(([id]) => id)).toEqual([
      'debt_to_equity',
      'debt_to_assets',
      'net_debt_to_ebitda',
      'payout_ratio',
      'pe',
      'peg',
      'pb',
      'ps',
      'ev_to_ebitda',
      'price_to_graham',
    ]);
  });
});
