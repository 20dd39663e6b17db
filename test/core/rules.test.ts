import fc from 'fast-check';
import { RULES, SCORES, type RuleResult } from '../../core/advisor';
import { gradeOf, rate } from '../../core/advisor/rating';
import { evaluateRule, holds } from '../../core/advisor/rules';
import { tied } from '../../core/advisor/measure';
import { joinFiscalYears } from '../../core/advisor/fiscal-years';
import { DEFAULT_SETTINGS } from '../../core/advisor/settings';
import { NOW, analyzed, company } from './company';

const NEWS = [{ time_published: '2025-02-28T00:00:00Z', relevance_score: 1, sentiment_score: 0.2 }];

/** id, category, test, weight, and the value and outcome of the base company (company.ts), worked out by hand. */
const EXPECTED: readonly (readonly [string, string, string, number, number, 'pass' | 'fail'])[] = [
  ['piotroski_roa_positive', 'profitability', '> 0', 1, 127 / 1423, 'pass'],
  ['piotroski_cfo_positive', 'profitability', '> 0', 1, 167, 'pass'],
  ['piotroski_roa_rising', 'profitability', '> 0', 1, 127 / 1423 - 103 / 1319, 'pass'],
  ['return_on_equity', 'profitability', '>= 0.15', 1, 127 / 730, 'pass'],
  ['return_on_invested_capital', 'profitability', '>= 0.1', 2, (211 * (132 / 179)) / 991, 'pass'],
  ['return_on_capital', 'profitability', '>= 0.25', 1, 211 / 691, 'pass'],
  ['gross_profitability', 'profitability', '>= 0.33', 1, 431 / 1511, 'fail'],
  ['free_cash_flow', 'profitability', '> 0', 1, 96 / 1009, 'pass'],
  ['revenue_growth', 'growth', '> 0', 1, 102 / 907, 'pass'],
  ['revenue_growth_3y', 'growth', '>= 0.05', 1, 0.08179328572, 'pass'],
  ['earnings_growth', 'growth', '> 0', 1, 0.24 / 1.03, 'pass'],
  ['piotroski_leverage_falling', 'solvency', '> 0', 1, 257 / 1371 - 241 / 1467, 'pass'],
  ['piotroski_current_ratio_rising', 'solvency', '> 0', 1, 613 / 307 - 569 / 293, 'pass'],
  ['piotroski_no_new_shares', 'solvency', '>= 0', 1, 2, 'pass'],
  ['altman_not_distressed', 'solvency', '>= 1.81', 1, 2544.3 / 1511 + 1199.4 / 743, 'pass'],
  ['altman_safe', 'solvency', '> 2.99', 1, 2544.3 / 1511 + 1199.4 / 743, 'pass'],
  ['current_ratio', 'solvency', '>= 2', 1, 613 / 307, 'fail'],
  ['interest_coverage', 'solvency', '>= 3', 1, 211 / 23, 'pass'],
  ['debt_to_equity', 'solvency', '<= 1', 1, 311 / 769, 'pass'],
  ['piotroski_gross_margin_rising', 'efficiency', '> 0', 1, 431 / 1009 - 373 / 907, 'pass'],
  ['piotroski_asset_turnover_rising', 'efficiency', '> 0', 1, 1009 / 1423 - 907 / 1319, 'pass'],
  ['earnings_yield', 'valuation', '>= 0.06', 2, 211 / 2221, 'pass'],
  ['free_cash_flow_yield', 'valuation', '>= 0.05', 1, 96 / 1999, 'fail'],
  ['price_to_earnings', 'valuation', '<= 15', 1, 15.7, 'fail'],
  ['price_to_graham', 'valuation', '<= 1', 1, 1999 / 97 / 15.259505234443, 'fail'],
  ['price_to_earnings_to_growth', 'valuation', '<= 1', 1, 15.7 / (24 / 1.03), 'pass'],
  ['piotroski_cash_exceeds_earnings', 'earnings_quality', '> 0', 1, 40 / 1423, 'pass'],
  ['beneish_clear', 'earnings_quality', '<= -1.78', 2, -2.391906537, 'pass'],
  ['sloan_accruals', 'earnings_quality', '<= 0.1', 1, -40 / 1467, 'pass'],
  ['news_not_bearish', 'sentiment', '> -0.15', 1, 0.2, 'pass'],
];

describe('rules', () => {
  const { rules, rating } = analyzed({}, { articles: NEWS });
  const byId = new Map(rules.map((rule) => [rule.id, rule]));

  it('are these and no others', () => {
    expect(rules.map(({ id }) => id)).toEqual(EXPECTED.map(([id]) => id));
    expect(new Set(rules.map(({ id }) => id)).size).toBe(RULES.length);
  });

  it.each(EXPECTED)('%s: %s, %s, weight %d', (id, category, test, weight, value, outcome) => {
    const rule = byId.get(id)!;
    expect([rule.category, `${rule.comparison} ${rule.threshold}`, rule.weight, rule.outcome]).toEqual([
      category,
      test,
      weight,
      outcome,
    ]);
    expect(rule.value).toBeCloseTo(value, 9);
    expect(rule.points).toBe(outcome === 'pass' ? weight : 0);
  });

  it('each names its source with a year, its formula, and where its figures come from', () => {
    for (const { id, title, source, formula, inputs } of rules) {
      expect([id, title.length > 5, /\b(1[89]|20)\d\d\b/.test(source), formula.length > 5]).toEqual([
        id,
        true,
        true,
        true,
      ]);
      expect(Object.keys(inputs).length).toBeGreaterThan(0);
      for (const name of Object.keys(inputs)) {
        expect(name).toMatch(
          /^(overview\.\w+|sentiment\.\w+|(income_statement|balance_sheet|cash_flow|earnings)\.\w+\[t(-[123])?\])$/,
        );
      }
    }
    expect(byId.get('altman_safe')!.formula).toBe(SCORES.altman_z.formula);
    expect(byId.get('news_not_bearish')!.inputs).toEqual({ 'sentiment.score': 0.2, 'sentiment.articles': 1 });
    expect(byId.get('current_ratio')!.inputs).toEqual({
      'balance_sheet.totalCurrentAssets[t]': 613,
      'balance_sheet.totalCurrentLiabilities[t]': 307,
    });
  });

  it('agree with the Piotroski tests they restate', () => {
    const { parts } = analyzed().scores.piotroski;
    for (const [test, verdict] of Object.entries(parts)) expect(byId.get(`piotroski_${test}`)!.outcome).toBe(verdict);
  });

  it('pass at the edge they include: as many shares as before', () => {
    const same = analyzed({ 'balance_sheet.commonStockSharesOutstanding[t]': 103 }).rules;
    expect(same.find(({ id }) => id === 'piotroski_no_new_shares')).toMatchObject({
      value: 0,
      outcome: 'pass',
      points: 1,
    });
  });

  it('make the rating: 28 of 33 points', () => {
    // Five rules of weight 1 fail.
    expect(rating).toEqual({ score: 84.85, grade: 'A', coverage: 1 });
  });

  it('show what is missing as missing, with no points', () => {
    const result = analyzed({ 'balance_sheet.totalCurrentAssets[t]': null });
    expect(result.rules.find(({ id }) => id === 'current_ratio')).toMatchObject({
      value: null,
      outcome: 'missing',
      points: 0,
      inputs: { 'balance_sheet.totalCurrentAssets[t]': null },
    });
    expect(result.rules.find(({ id }) => id === 'news_not_bearish')).toMatchObject({
      value: null,
      outcome: 'missing',
      inputs: { 'sentiment.score': null, 'sentiment.articles': 0 },
    });
  });

  it('take no interest at all for interest covered', () => {
    const result = analyzed({ 'income_statement.interestExpense[t]': 0 });
    expect(result.rules.find(({ id }) => id === 'interest_coverage')).toMatchObject({
      value: null,
      outcome: 'pass',
      points: 1,
    });
    const unknown = analyzed({ 'income_statement.interestExpense[t]': null });
    expect(unknown.rules.find(({ id }) => id === 'interest_coverage')).toMatchObject({ outcome: 'missing', points: 0 });
  });

  it('leave out what means nothing: negative equity', () => {
    const result = analyzed({ 'balance_sheet.totalShareholderEquity[t]': -5 });
    const outcomes = result.rules.filter(({ outcome }) => outcome === 'not_applicable').map(({ id }) => id);
    expect(outcomes).toEqual(['return_on_equity', 'debt_to_equity']);
  });

  it('divide by no zero', () => {
    const result = analyzed({ 'income_statement.totalRevenue[t]': 0 });
    expect(result.rules.find(({ id }) => id === 'free_cash_flow')).toMatchObject({ value: null, outcome: 'missing' });
  });

  it('are entries in a table: a new one needs nothing else', () => {
    const evidence = {
      years: joinFiscalYears(company()),
      scores: analyzed().scores,
      sentiment: null,
      settings: DEFAULT_SETTINGS,
    };
    const rule = { ...RULES[0]!, id: 'new', comparison: '<' as const, threshold: 0.09, weight: 3 };
    expect(evaluateRule(rule, evidence)).toMatchObject({ id: 'new', outcome: 'pass', points: 3 }); // 127/1423 = .0892
  });
});

describe('ties', () => {
  it.each([
    [0, 0, true],
    [0.1 + 0.2, 0.3, true],
    [-0.1 - 0.2, -0.3, true],
    [1e6, 1e6 + 1e-7, true],
    [1e6, 1e6 + 1e-5, false],
    [1e-6, 1e-6 + 1e-17, false],
    [1, -1, false],
    [0, 1e-13, false],
  ])('%d and %d: %s', (a, b, expected) => {
    expect(tied(a, b)).toBe(expected);
    expect(tied(b, a)).toBe(expected);
  });
});

describe('comparisons', () => {
  it.each([
    ['>', false, false, true],
    ['>=', false, true, true],
    ['<=', true, true, false],
    ['<', true, false, false],
  ] as const)('%s: below %s, equal %s, above %s', (comparison, below, equal, above) => {
    expect([0.9, 1, 1.1].map((value) => holds(value, comparison, 1))).toEqual([below, equal, above]);
    // Equal but for the last bit counts as equal, on either side.
    expect([0.1 + 0.2, 0.3 - 5e-17].map((value) => holds(value, comparison, 0.3))).toEqual([equal, equal]);
    expect([-0.31, -0.3, -0.29].map((value) => holds(value, comparison, -0.3))).toEqual([below, equal, above]);
  });
});

const rule = (weight: number, outcome: RuleResult['outcome']): RuleResult => ({
  ...analyzed().rules[0]!,
  weight,
  outcome,
  points: outcome === 'pass' ? weight : 0,
});

describe('rating', () => {
  it('is the weighted share of points over the rules that could be computed', () => {
    expect(rate([rule(3, 'pass'), rule(1, 'fail')], 0.5)).toEqual({ score: 75, grade: 'B', coverage: 1 });
  });
  it('missing rules lower the coverage, not the score', () => {
    expect(rate([rule(3, 'pass'), rule(1, 'fail'), rule(1, 'missing')], 0.5)).toEqual({
      score: 75,
      grade: 'B',
      coverage: 0.8,
    });
  });
  it('rules that do not apply count nowhere', () => {
    expect(rate([rule(3, 'pass'), rule(9, 'not_applicable')], 0.5)).toEqual({ score: 100, grade: 'A', coverage: 1 });
  });
  it('is null below the least coverage, and given at it', () => {
    expect(rate([rule(1, 'pass'), rule(1, 'missing')], 0.5)).toEqual({ score: 100, grade: 'A', coverage: 0.5 });
    expect(rate([rule(1, 'pass'), rule(2, 'missing')], 0.5)).toEqual({ score: null, grade: null, coverage: 1 / 3 });
    expect(analyzed({}, { settings: { minimum_coverage: 1 } }).rating.score).toBeNull(); // no news
  });
  it('of nothing is null, even where no coverage is asked for', () => {
    expect(rate([], 0)).toEqual({ score: null, grade: null, coverage: 0 });
    expect(rate([rule(1, 'missing')], 0)).toEqual({ score: null, grade: null, coverage: 0 });
  });
  it('is rounded to two decimals', () => {
    expect(rate([rule(1, 'pass'), rule(2, 'fail')], 0.5).score).toBe(33.33);
  });
  it.each([
    [100, 'A'],
    [80, 'A'],
    [79.99, 'B'],
    [65, 'B'],
    [64.99, 'C'],
    [50, 'C'],
    [49.99, 'D'],
    [35, 'D'],
    [34.99, 'F'],
    [0, 'F'],
  ])('%d is %s', (score, grade) => expect(gradeOf(score)).toBe(grade));

  const outcome = fc.constantFrom('pass' as const, 'fail' as const, 'missing' as const, 'not_applicable' as const);
  const table = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), outcome), { minLength: 1, maxLength: 30 });
  it('never falls when a rule that failed passes, and lies in 0…100', () => {
    fc.assert(
      fc.property(table, fc.nat(), (entries, at) => {
        const rules = entries.map(([weight, of]) => rule(weight, of));
        const i = at % rules.length;
        const better = rules.map((r, j) =>
          j === i && r.outcome === 'fail' ? { ...r, outcome: 'pass' as const, points: r.weight } : r,
        );
        const [before, after] = [rate(rules, 0), rate(better, 0)];
        expect(after.coverage).toBe(before.coverage);
        if (before.score === null || after.score === null) return;
        expect(after.score).toBeGreaterThanOrEqual(before.score);
        expect(before.score).toBeGreaterThanOrEqual(0);
        expect(after.score).toBeLessThanOrEqual(100);
      }),
      { numRuns: 200 },
    );
  });
});

it('has these settings unless told otherwise', () => {
  expect(DEFAULT_SETTINGS).toEqual({ beneish_threshold: -1.78, sentiment_window_days: 30, minimum_coverage: 0.5 });
});

it('carries the version of its model', () => {
  expect(analyzed().model_version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(NOW).toMatch(/Z$/);
});
