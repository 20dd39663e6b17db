import { analyze, rankMagicFormula, type ScoreId } from '../../core/advisor';
import { altmanDoublePrimeZone, altmanZ, altmanZone } from '../../core/advisor/scores/altman';
import { beneishBand, beneishM } from '../../core/advisor/scores/beneish';
import { sloanBand } from '../../core/advisor/scores/sloan';
import { EVERY_STATEMENT, NOW, analyzed, company, withoutYears, type Figures } from './company';

const closeTo = (value: number): unknown => expect.closeTo(value, 9);

describe('Piotroski F-score', () => {
  const { piotroski } = analyzed().scores;

  it('counts the tests that pass, and names all nine', () => {
    expect(piotroski.parts).toEqual({
      roa_positive: 'pass', // 127/1423
      cfo_positive: 'pass', // 167
      roa_rising: 'pass', // 127/1423 = .0892 > 103/1319 = .0781
      cash_exceeds_earnings: 'pass', // 167 > 127
      leverage_falling: 'pass', // 241/1467 = .1643 < 257/1371 = .1875
      current_ratio_rising: 'pass', // 613/307 = 1.997 > 569/293 = 1.942
      no_new_shares: 'pass', // 101 ≤ 103
      gross_margin_rising: 'pass', // 431/1009 = .4272 > 373/907 = .4112
      asset_turnover_rising: 'pass', // 1009/1423 = .7091 > 907/1319 = .6876
    });
    expect(piotroski).toMatchObject({ value: 9, status: 'ok', band: 'strong', tests_available: 9, missing: [] });
  });

  /** A figure moved to the brink of its test, from both sides. Equality fails, but for shares. */
  it.each<[string, Figures, 'pass' | 'fail']>([
    ['roa_positive', { 'income_statement.netIncome[t]': 0 }, 'fail'],
    ['roa_positive', { 'income_statement.netIncome[t]': 1 }, 'pass'],
    ['roa_positive', { 'income_statement.netIncome[t]': -1 }, 'fail'],
    ['cfo_positive', { 'cash_flow.operatingCashflow[t]': 0 }, 'fail'],
    ['cfo_positive', { 'cash_flow.operatingCashflow[t]': 1 }, 'pass'],
    ['roa_rising', { 'income_statement.netIncome[t-1]': 117 }, 'pass'], // 117/1319 = .08870 < .08925
    ['roa_rising', { 'income_statement.netIncome[t-1]': 118 }, 'fail'], // 118/1319 = .08946
    ['roa_rising', { 'income_statement.netIncome[t-1]': 127, 'balance_sheet.totalAssets[t-2]': 1423 }, 'fail'], // tie
    ['cash_exceeds_earnings', { 'cash_flow.operatingCashflow[t]': 127 }, 'fail'], // tie
    ['cash_exceeds_earnings', { 'cash_flow.operatingCashflow[t]': 128 }, 'pass'],
    ['leverage_falling', { 'balance_sheet.longTermDebt[t]': 274 }, 'pass'], // 274/1467 = .18678 < .18745
    ['leverage_falling', { 'balance_sheet.longTermDebt[t]': 275 }, 'fail'], // 275/1467 = .18746
    ['leverage_falling', { 'balance_sheet.longTermDebt[t]': 0, 'balance_sheet.longTermDebt[t-1]': 0 }, 'fail'], // tie
    ['current_ratio_rising', { 'balance_sheet.totalCurrentAssets[t]': 597 }, 'pass'], // 597/307 = 1.94463 > 1.94198
    ['current_ratio_rising', { 'balance_sheet.totalCurrentAssets[t]': 596 }, 'fail'], // 596/307 = 1.94137
    ['no_new_shares', { 'balance_sheet.commonStockSharesOutstanding[t]': 103 }, 'pass'], // tie
    ['no_new_shares', { 'balance_sheet.commonStockSharesOutstanding[t]': 104 }, 'fail'],
    ['gross_margin_rising', { 'income_statement.grossProfit[t]': 415 }, 'pass'], // 415/1009 = .41130 > .41125
    ['gross_margin_rising', { 'income_statement.grossProfit[t]': 414 }, 'fail'],
    ['asset_turnover_rising', { 'income_statement.totalRevenue[t-1]': 935 }, 'pass'], // 935/1319 = .70887 < .70907
    ['asset_turnover_rising', { 'income_statement.totalRevenue[t-1]': 936 }, 'fail'], // 936/1319 = .70963
  ])('%s at its brink: %j → %s', (test, changes, verdict) => {
    expect(analyzed(changes).scores.piotroski.parts[test]).toBe(verdict);
  });

  it('compares like with like to the last bit: equal ratios of unequal figures tie', () => {
    const tie = { 'income_statement.grossProfit[t]': '0.3', 'income_statement.totalRevenue[t]': '0.9' };
    const { parts } = analyzed({
      ...tie,
      'income_statement.grossProfit[t-1]': '0.1',
      'income_statement.totalRevenue[t-1]': '0.3',
    }).scores.piotroski;
    expect(parts.gross_margin_rising).toBe('fail');
  });

  it('reports a test that cannot be computed as missing, not as failed', () => {
    const { value, status, tests_available, parts, missing } = analyzed({ 'balance_sheet.longTermDebt[t]': null })
      .scores.piotroski;
    expect([value, status, tests_available]).toEqual([8, 'ok', 8]);
    expect(parts.leverage_falling).toBe('missing');
    expect(missing).toEqual(['balance_sheet.longTermDebt[t]']);
  });

  it('leaves the current ratio of a bank out of its tests', () => {
    const { value, tests_available, parts } = analyzed({ 'overview.Sector': 'FINANCE' }).scores.piotroski;
    expect([value, tests_available, parts.current_ratio_rising]).toEqual([8, 8, 'not_applicable']);
  });

  it('has no value, rather than 0, where no test can be computed', () => {
    const first = withoutYears(company({ 'cash_flow.operatingCashflow[t]': null }), EVERY_STATEMENT, [1, 2, 3]);
    const { piotroski: none } = analyze(first, { now: NOW, articles: [] }).scores;
    expect([none.value, none.status, none.tests_available]).toEqual([null, 'missing', 0]);
    expect(none).not.toHaveProperty('band');
  });

  const NO_ASSETS = { 'balance_sheet.totalAssets[t-1]': 0, 'balance_sheet.totalAssets[t-2]': 0 };
  it('takes a test that would divide by zero as missing', () => {
    const { parts, tests_available } = analyzed(NO_ASSETS).scores.piotroski;
    expect(parts).toMatchObject({ roa_positive: 'missing', asset_turnover_rising: 'missing', cfo_positive: 'pass' });
    expect(tests_available).toBe(4);
  });

  describe('bands: strong from 8, weak to 1, whatever the missing tests were', () => {
    const FAIL: Figures = {
      'income_statement.netIncome[t]': -1000, // roa_positive, roa_rising
      'cash_flow.operatingCashflow[t]': -2000, // cfo_positive, cash_exceeds_earnings
      'balance_sheet.longTermDebt[t]': 900,
      'balance_sheet.totalCurrentAssets[t]': 1,
      'balance_sheet.commonStockSharesOutstanding[t]': 900,
      'income_statement.grossProfit[t]': 1,
      'income_statement.totalRevenue[t]': 500,
    };
    const EIGHT: Figures = { 'balance_sheet.commonStockSharesOutstanding[t]': 900 };
    const SEVEN: Figures = { ...EIGHT, 'balance_sheet.longTermDebt[t]': 900 };
    const ONE: Figures = { ...FAIL, 'balance_sheet.commonStockSharesOutstanding[t]': 1 };
    const TWO: Figures = { ...ONE, 'balance_sheet.longTermDebt[t]': 1 };
    it.each<[number, Figures, string | undefined]>([
      [8, EIGHT, 'strong'],
      [7, SEVEN, 'middling'],
      [2, TWO, 'middling'],
      [1, ONE, 'weak'],
      [0, FAIL, 'weak'],
      [7, { ...SEVEN, 'balance_sheet.longTermDebt[t]': null }, undefined], // could be 8
      [1, { ...ONE, 'balance_sheet.longTermDebt[t]': null }, undefined], // could be 2
      [0, { ...FAIL, 'balance_sheet.longTermDebt[t]': null }, 'weak'], // 1 at most
      [2, { ...TWO, 'income_statement.grossProfit[t]': null }, 'middling'], // 3 at most
    ])('%d of %j is %s', (value, changes, band) => {
      const score = analyzed(changes).scores.piotroski;
      expect([score.value, score.band]).toEqual([value, band]);
    });
  });
});

describe('Altman Z-score', () => {
  const { altman_z: altman } = analyzed().scores;

  it('shows X1…X5, the model, and Z″ beside it', () => {
    expect(altman.parts).toEqual({
      X1: closeTo(306 / 1511),
      X2: closeTo(337 / 1511),
      X3: closeTo(211 / 1511),
      X4: closeTo(1999 / 743),
      X5: closeTo(1009 / 1511),
      model: 'Z',
      X4_book: closeTo(769 / 743),
      // 6.56·306/1511 + 3.26·337/1511 + 6.72·211/1511 + 1.05·769/743
      Z_double_prime: closeTo((2007.36 + 1098.62 + 1417.92) / 1511 + 807.45 / 743),
      Z_double_prime_band: 'safe',
    });
  });

  it('weighs them', () => {
    // 1.2·306 + 1.4·337 + 3.3·211 + 1.0·1009 over 1511, and 0.6·1999/743
    expect(altman.value).toBeCloseTo((367.2 + 471.8 + 696.3 + 1009) / 1511 + 1199.4 / 743, 9);
    expect(altman).toMatchObject({ status: 'ok', band: 'safe', missing: [] });
  });

  it.each([
    [1.8099999, 'distress'],
    [1.81, 'grey'],
    [2.99, 'grey'],
    [2.9900001, 'safe'],
  ])('bands: %d is %s', (z, band) => expect(altmanZone(z)).toBe(band));

  it.each([
    [1.0999999, 'distress'],
    [1.1, 'grey'],
    [2.6, 'grey'],
    [2.6000001, 'safe'],
  ])('bands of Z″: %d is %s', (z, band) => expect(altmanDoublePrimeZone(z)).toBe(band));

  /** X1…X3 of 0 and liabilities of 1000: Z is 0.6·cap/1000 + revenue/1000. */
  const brink = (cap: number, revenue: number): Figures => ({
    'balance_sheet.totalAssets[t]': 1000,
    'balance_sheet.totalCurrentAssets[t]': 307,
    'balance_sheet.retainedEarnings[t]': 0,
    'income_statement.ebit[t]': 0,
    'balance_sheet.totalLiabilities[t]': 1000,
    'overview.MarketCapitalization': cap,
    'income_statement.totalRevenue[t]': revenue,
  });
  it.each([
    [1.81, 2000, 610, 'grey'],
    [1.809, 2000, 609, 'distress'],
    [2.99, 3000, 1190, 'grey'],
    [2.991, 3000, 1191, 'safe'],
  ])('a company whose Z comes to %d exactly', (z, cap, revenue, band) => {
    const score = analyzed(brink(cap, revenue)).scores.altman_z;
    expect(score.value).toBeCloseTo(z, 12);
    expect(score.band).toBe(band);
  });

  it('keeps the parts it can, and falls back to no other model, where one figure is missing', () => {
    const { value, status, parts, missing, band } = analyzed({ 'overview.MarketCapitalization': null }).scores.altman_z;
    expect([value, status, missing, band]).toEqual([null, 'missing', ['overview.MarketCapitalization'], undefined]);
    expect(parts).toMatchObject({ X1: closeTo(306 / 1511), X4: null, Z_double_prime_band: 'safe' });
  });
  it.each(
    ['X1', 'X2', 'X3', 'X4', 'X5'].map(
      (part, i) =>
        [
          part,
          [
            'balance_sheet.totalCurrentAssets[t]',
            'balance_sheet.retainedEarnings[t]',
            'income_statement.ebit[t]',
            'balance_sheet.totalLiabilities[t]',
            'income_statement.totalRevenue[t]',
          ][i]!,
        ] as const,
    ),
  )('has no value without %s', (part, reference) => {
    const nothing = { [reference]: null, 'income_statement.incomeBeforeTax[t]': null };
    const { value, status, parts } = analyzed(nothing).scores.altman_z;
    expect([value, status, parts[part]]).toEqual([null, 'missing', null]);
    expect(parts.Z_double_prime === null).toBe(part !== 'X5');
    expect(parts.Z_double_prime_band === null).toBe(part !== 'X5');
  });
  it('has no Z″ without book equity', () => {
    expect(analyzed({ 'balance_sheet.totalShareholderEquity[t]': null }).scores.altman_z.parts).toMatchObject({
      Z_double_prime: null,
    });
  });

  it('divides by no zero', () => {
    expect(analyzed({ 'balance_sheet.totalAssets[t]': 0 }).scores.altman_z).toMatchObject({
      value: null,
      status: 'zero_denominator',
    });
    expect(analyzed({ 'balance_sheet.totalLiabilities[t]': 0 }).scores.altman_z).toMatchObject({
      value: null,
      status: 'zero_denominator',
    });
  });

  it('is the sum of its terms', () => {
    expect(altmanZ(1, 0, 0, 0, 0)).toBe(1.2);
    expect(altmanZ(0, 1, 0, 0, 0)).toBe(1.4);
    expect(altmanZ(0, 0, 1, 0, 0)).toBe(3.3);
    expect(altmanZ(0, 0, 0, 1, 0)).toBe(0.6);
    expect(altmanZ(0, 0, 0, 0, 1)).toBe(1);
  });
});

describe('Beneish M-score', () => {
  const { beneish_m: beneish } = analyzed().scores;

  it('shows its eight indices', () => {
    expect(beneish.parts).toEqual({
      DSRI: closeTo(139 / 1009 / (113 / 907)),
      GMI: closeTo(373 / 907 / (431 / 1009)),
      AQI: closeTo(416 / 1511 / (398 / 1423)), // 1511 − 613 − 421 − 61; 1423 − 569 − 397 − 59
      SGI: closeTo(1009 / 907),
      DEPI: closeTo(54 / 451 / (58 / 479)), // 54 + 397; 58 + 421
      SGAI: closeTo(157 / 1009 / (149 / 907)),
      LVGI: closeTo(548 / 1511 / (550 / 1423)), // 307 + 241; 293 + 257
      TATA: closeTo(-36 / 1511), // 131 − 167
    });
    expect(beneish).not.toHaveProperty('assumed');
  });

  it('weighs them', () => {
    const expected =
      -4.84 +
      0.92 * 1.105738617925 + // DSRI
      0.528 * 0.962754241949 + // GMI
      0.404 * 0.984352603521 + // AQI
      0.892 * 1.112458654906 + // SGI
      0.115 * 0.988837067054 - // DEPI
      0.172 * 0.947173425745 - // SGAI
      0.327 * 0.938335840202 +
      4.679 * -0.023825281271; // TATA
    expect(beneish.value).toBeCloseTo(expected, 10);
    expect(beneish).toMatchObject({ status: 'ok', band: 'clear' });
  });

  const ones = { DSRI: 1, GMI: 1, AQI: 1, SGI: 1, DEPI: 1, SGAI: 1, LVGI: 1, TATA: 0 };
  it.each([
    ['DSRI', 0.92],
    ['GMI', 0.528],
    ['AQI', 0.404],
    ['SGI', 0.892],
    ['DEPI', 0.115],
    ['SGAI', -0.172],
    ['LVGI', -0.327],
    ['TATA', 4.679],
  ] as const)('one more %s is %d more M', (index, coefficient) => {
    expect(beneishM({ ...ones, [index]: ones[index] + 1 }) - beneishM(ones)).toBeCloseTo(coefficient, 12);
  });

  it.each([
    [-1.7799999, -1.78, 'flagged'],
    [-1.78, -1.78, 'clear'],
    [-1.7800001, -1.78, 'clear'],
    [-2, -2.22, 'flagged'],
  ])('bands: %d against %d is %s', (m, threshold, band) => expect(beneishBand(m, threshold)).toBe(band));

  it('takes its cut-off from the settings', () => {
    const strict = analyzed({}, { settings: { beneish_threshold: -3 } });
    expect(strict.scores.beneish_m.band).toBe('flagged');
    expect(strict.rules.find(({ id }) => id === 'beneish_clear')).toMatchObject({
      threshold: -3,
      outcome: 'fail',
      points: 0,
    });
  });

  it.each<[string, Figures]>([
    ['AQI', { 'balance_sheet.longTermInvestments[t]': null }],
    ['AQI', { 'balance_sheet.totalCurrentAssets[t-1]': 967 }], // 1 − 1423/1423: nothing to divide by
    ['DEPI', { 'cash_flow.depreciationDepletionAndAmortization[t-1]': null }],
    ['DEPI', { 'cash_flow.depreciationDepletionAndAmortization[t]': 0 }],
    ['SGAI', { 'income_statement.sellingGeneralAndAdministrative[t]': null }],
    ['SGAI', { 'income_statement.sellingGeneralAndAdministrative[t-1]': 0 }],
  ])('sets an undefined %s to 1, as the paper does, and says so', (index, changes) => {
    const { value, status, parts, assumed } = analyzed(changes).scores.beneish_m;
    expect([parts[index], status, assumed]).toEqual([1, 'ok', [index]]);
    const reported = analyzed().scores.beneish_m;
    const coefficient = { AQI: 0.404, DEPI: 0.115, SGAI: -0.172 }[index]!;
    expect(value).toBeCloseTo(reported.value! + coefficient * (1 - Number(reported.parts[index])), 9);
  });

  it.each([
    ['DSRI', 'balance_sheet.currentNetReceivables[t-1]'],
    ['GMI', 'income_statement.grossProfit[t]'],
    ['SGI', 'income_statement.totalRevenue[t-1]'],
    ['LVGI', 'balance_sheet.longTermDebt[t]'],
    ['TATA', 'income_statement.netIncomeFromContinuingOperations[t]'],
  ])('has no value without %s', (index, reference) => {
    const { value, status, parts, missing } = analyzed({ [reference]: null }).scores.beneish_m;
    expect([value, status, parts[index]]).toEqual([null, 'missing', null]);
    expect(missing).toContain(reference);
  });

  it.each<[string, Figures]>([
    ['no receivables a year ago', { 'balance_sheet.currentNetReceivables[t-1]': 0 }],
    ['no gross profit', { 'income_statement.grossProfit[t]': 0 }],
    ['no revenue', { 'income_statement.totalRevenue[t]': 0 }],
    ['no revenue a year ago', { 'income_statement.totalRevenue[t-1]': 0 }],
    ['no debt a year ago', { 'balance_sheet.totalCurrentLiabilities[t-1]': 0, 'balance_sheet.longTermDebt[t-1]': 0 }],
  ])('divides by no zero: %s', (_, changes) => {
    expect(analyzed(changes).scores.beneish_m).toMatchObject({ value: null, status: 'zero_denominator' });
  });
});

describe('Graham number', () => {
  it('is √(22.5 · EPS · book value)', () => {
    const { value, parts } = analyzed().scores.graham_number;
    expect(value! ** 2).toBeCloseTo(232.8525, 9); // 22.5 × 1.31 × 7.9
    expect(parts).toEqual({});
  });
  it.each<[Figures]>([
    [{ 'overview.EPS': 0 }],
    [{ 'overview.EPS': -2 }],
    [{ 'overview.BookValue': 0 }],
    [{ 'overview.BookValue': -2, 'overview.EPS': -2 }],
  ])('means nothing unless both are positive: %j', (changes) =>
    expect(analyzed(changes).scores.graham_number).toMatchObject({ value: null, status: 'not_applicable' }),
  );
  it('counts from the smallest up', () => {
    const small = analyzed({ 'overview.EPS': 0.1, 'overview.BookValue': 0.4 }).scores.graham_number;
    expect(small.value).toBeCloseTo(Math.sqrt(0.9), 12);
    expect(analyzed({ 'overview.EPS': 1, 'overview.BookValue': 1 }).scores.graham_number.value).toBeCloseTo(
      Math.sqrt(22.5),
      12,
    );
  });
});

describe('Magic Formula', () => {
  it('has its two parts, and no value without a universe to rank in', () => {
    const { value, status, missing, parts } = analyzed().scores.magic_formula;
    expect([value, status, missing]).toEqual([null, 'missing', ['universe.magic_formula']]);
    // 613 − 89 − (307 − 53) = 270; 270 + 421 = 691
    expect(parts).toEqual({ earnings_yield: closeTo(211 / 2221), return_on_capital: closeTo(211 / 691) });
  });
  it('takes working capital at 0 where it is negative', () => {
    const { parts } = analyzed({ 'balance_sheet.totalCurrentLiabilities[t]': 900 }).scores.magic_formula;
    expect(parts.return_on_capital).toBeCloseTo(211 / 421, 12);
  });
  it('ranks in the universe given', () => {
    const universe = rankMagicFormula([
      { symbol: 'TEST', earnings_yield: 211 / 2221, return_on_capital: 211 / 691 },
      { symbol: 'A', earnings_yield: 0.2, return_on_capital: 0.1 },
      { symbol: 'B', earnings_yield: 0.01, return_on_capital: 0.05 },
    ]);
    const score = analyzed({}, { universe: { magic_formula: universe.get('TEST') } }).scores.magic_formula;
    expect([score.value, score.status, score.missing]).toEqual([3, 'ok', []]);
    expect(score.parts).toMatchObject({ earnings_yield_rank: 2, return_on_capital_rank: 1, rank: 1, of: 3 });
    expect(score.parts).not.toHaveProperty('combined');
  });
  it.each<[string, Figures, string]>([
    ['no market capitalisation', { 'overview.MarketCapitalization': null }, 'missing'],
    ['a market capitalisation of "0"', { 'overview.MarketCapitalization': '0' }, 'missing'],
    ['no property', { 'balance_sheet.propertyPlantEquipment[t]': null }, 'missing'],
    [
      'no capital',
      { 'balance_sheet.propertyPlantEquipment[t]': 0, 'balance_sheet.totalCurrentAssets[t]': 0 },
      'zero_denominator',
    ],
    [
      'a negative enterprise value',
      { 'overview.MarketCapitalization': 1, 'balance_sheet.shortLongTermDebtTotal[t]': 0 },
      'not_applicable',
    ],
  ])('%s', (_, changes, status) => {
    expect(analyzed(changes).scores.magic_formula).toMatchObject({ value: null, status });
  });
});

describe('DuPont', () => {
  const { dupont } = analyzed().scores;
  it('splits the return on equity in three steps and in five', () => {
    expect(dupont.value).toBeCloseTo(127 / 730, 12);
    expect(dupont.parts).toEqual({
      net_margin: closeTo(127 / 1009),
      asset_turnover: closeTo(1009 / 1467),
      equity_multiplier: closeTo(1467 / 730),
      tax_burden: closeTo(127 / 179),
      interest_burden: closeTo(179 / 211),
      ebit_margin: closeTo(211 / 1009),
    });
  });
  it('comes to the same both ways', () => {
    const { tax_burden, interest_burden, ebit_margin, net_margin } = dupont.parts as Record<string, number>;
    expect(tax_burden! * interest_burden! * ebit_margin!).toBeCloseTo(net_margin!, 12);
  });
  it.each<[string, Figures, string]>([
    ['negative equity', { 'balance_sheet.totalShareholderEquity[t]': -769 }, 'not_applicable'],
    ['zero equity', { 'balance_sheet.totalShareholderEquity[t]': 0 }, 'not_applicable'],
    ['negative equity a year ago', { 'balance_sheet.totalShareholderEquity[t-1]': -1 }, 'not_applicable'],
    ['zero equity a year ago', { 'balance_sheet.totalShareholderEquity[t-1]': 0 }, 'not_applicable'],
    ['zero revenue', { 'income_statement.totalRevenue[t]': 0 }, 'zero_denominator'],
    ['no net income', { 'income_statement.netIncome[t]': null }, 'missing'],
    ['no total assets', { 'balance_sheet.totalAssets[t]': null }, 'missing'],
  ])('%s', (_, changes, status) => {
    expect(analyzed(changes).scores.dupont).toMatchObject({ value: null, status });
  });
  it('means something from the least equity', () => {
    const now = analyzed({ 'balance_sheet.totalShareholderEquity[t]': 0.25 }).scores.dupont;
    expect(now.value).toBeCloseTo(127 / 345.625, 9);
    const before = analyzed({ 'balance_sheet.totalShareholderEquity[t-1]': 0.25 }).scores.dupont;
    expect(before.value).toBeCloseTo(127 / 384.625, 9);
  });
  it('means something from an equity of one', () => {
    const one = { 'balance_sheet.totalShareholderEquity[t]': 1, 'balance_sheet.totalShareholderEquity[t-1]': 1 };
    expect(analyzed(one).scores.dupont.value).toBeCloseTo(127, 9);
  });
  it('keeps its three steps where the five lack a figure, and says which', () => {
    const { value, missing, parts } = analyzed({ 'income_statement.incomeBeforeTax[t]': null }).scores.dupont;
    expect(value).toBeCloseTo(127 / 730, 12);
    expect(missing).toEqual(['income_statement.incomeBeforeTax[t]']);
    expect(parts.tax_burden).toBeNull();
  });
});

describe('Sloan accruals', () => {
  it('is (net income − operating cash flow) over average assets, and by the side with investing', () => {
    const { value, parts, band } = analyzed().scores.sloan;
    expect(value).toBeCloseTo(-40 / 1467, 12);
    expect(parts).toEqual({ accruals: closeTo(-40 / 1467), accruals_with_investing: closeTo(43 / 1511) }); // 127 − 167 + 83
    expect(band).toBe('safe');
  });
  it.each([
    [0, 'safe'],
    [0.1, 'safe'],
    [-0.1, 'safe'],
    [0.1000001, 'warning'],
    [-0.1000001, 'warning'],
    [0.25, 'warning'],
    [-0.25, 'warning'],
    [0.2500001, 'bad'],
    [-0.2500001, 'bad'],
    [0.1 + 2e-17, 'safe'],
    [0.30000000000000004 - 0.05, 'warning'],
  ])('bands: %d is %s', (ratio, band) => expect(sloanBand(ratio)).toBe(band));
  it('has a value but no band without the investing cash flow', () => {
    const { value, band, status } = analyzed({ 'cash_flow.cashflowFromInvestment[t]': null }).scores.sloan;
    expect([value, band, status]).toEqual([closeTo(-40 / 1467), undefined, 'ok']);
  });
  it('has no value without operating cash flow or assets', () => {
    expect(analyzed({ 'cash_flow.operatingCashflow[t]': null }).scores.sloan).toMatchObject({
      value: null,
      status: 'missing',
    });
    const none = { 'balance_sheet.totalAssets[t]': 0, 'balance_sheet.totalAssets[t-1]': 0 };
    expect(analyzed(none).scores.sloan).toMatchObject({ value: null, status: 'zero_denominator' });
  });
});

describe('what a score is not computed of', () => {
  const mixesMarket: ScoreId[] = ['altman_z', 'magic_formula'];

  it('banks and insurers have no Altman, Beneish or Magic Formula', () => {
    const { scores, rating, rules } = analyzed({ 'overview.Sector': 'FINANCIAL SERVICES' });
    const inapplicable = Object.entries(scores).filter(([, { status }]) => status === 'not_applicable');
    expect(inapplicable.map(([id]) => id)).toEqual(['altman_z', 'beneish_m', 'magic_formula']);
    for (const [, { value, band }] of inapplicable) expect([value, band]).toEqual([null, undefined]);
    const { model, ...altmanParts } = scores.altman_z.parts;
    expect(model).toBe('Z');
    for (const parts of [altmanParts, scores.beneish_m.parts, scores.magic_formula.parts]) {
      expect(new Set(Object.values(parts))).toEqual(new Set([null]));
    }
    expect(rules.filter(({ outcome }) => outcome === 'not_applicable').map(({ id }) => id)).toEqual([
      'return_on_capital',
      'piotroski_current_ratio_rising',
      'altman_not_distressed',
      'altman_safe',
      'current_ratio',
      'earnings_yield',
      'beneish_clear',
    ]);
    expect(rating.score).not.toBeNull();
  });

  it("statements in another currency never meet the market's", () => {
    const { scores, ratios, currency } = analyze(company({}, 'DKK'), { now: NOW, articles: [] });
    expect(currency).toBe('DKK');
    for (const id of mixesMarket) {
      expect([id, scores[id].value, scores[id].status]).toEqual([id, null, 'missing']);
      expect(scores[id].reason).toBe('statements in DKK, market figures in USD');
    }
    expect(scores.altman_z.parts).toMatchObject({ X4: null, Z_double_prime_band: 'safe' });
    for (const id of ['earnings_yield', 'fcf_yield'] as const)
      expect(ratios[id]).toMatchObject({ value: null, status: 'missing' });
    // What stays within one currency is computed.
    expect(scores.piotroski.value).toBe(9);
    expect(scores.beneish_m.status).toBe('ok');
    for (const id of ['roe', 'pe', 'peg', 'price_to_graham', 'eps_growth'] as const)
      expect(ratios[id].status).toBe('ok');
  });

  it('nor do statements or quotes of unknown currency', () => {
    const unstated = analyze(company({}, null), { now: NOW, articles: [] });
    expect(unstated.scores.altman_z.reason).toBe('statements in an unknown currency, market figures in USD');
    expect(unstated.currency).toBe('USD');
    const unquoted = analyzed({ 'overview.Currency': null });
    expect(unquoted.scores.altman_z.reason).toBe('statements in USD, market figures in an unknown currency');
    const neither = analyze(company({ 'overview.Currency': null }, null), { now: NOW, articles: [] });
    expect(neither.scores.altman_z.value).toBeNull();
    expect(neither.currency).toBeNull();
  });

  it('the currency is that of the analysed year', () => {
    const base = company();
    const moved = base.balance_sheet.map((row, i) => (i === 0 ? row : { ...row, reported_currency: 'EUR' }));
    expect(analyze({ ...base, balance_sheet: moved }, { now: NOW, articles: [] }).currency).toBe('USD');
  });

  it('a year reported in another currency is not compared with this one', () => {
    const base = company();
    const restated = base.income_statement.map((row, i) => (i === 1 ? { ...row, reported_currency: 'EUR' } : row));
    const { ratios, scores } = analyze({ ...base, income_statement: restated }, { now: NOW, articles: [] });
    expect(ratios.revenue_growth).toMatchObject({
      value: null,
      status: 'missing',
      reason: 'the years were reported in different currencies',
    });
    expect(scores.piotroski.parts).toMatchObject({ roa_rising: 'missing', roa_positive: 'pass' });
    expect(ratios.net_margin.status).toBe('ok');
  });
});
