import { RATIOS, RULES, SCORES, analyze, type RatioId } from '../../core/advisor';
import { describeWithFixtures } from '../fixtures';
import { ibm } from './payload';

/** Alpha Vantage's real answers for IBM of 2026-05-17. Expected values are worked out from the payload, in millions. */
describeWithFixtures('IBM, from the real payload', () => {
  const company = ibm();
  const analysis = analyze(company, { now: '2026-05-17T12:00:00Z', articles: [] });
  const { scores, ratios } = analysis;

  it('is analysed as of the last full fiscal year, not the partial one that EARNINGS begins with', () => {
    expect(company.earnings[0]!.fiscal_date_ending).toBe('2026-03-31');
    expect(analysis.fiscal_date).toBe('2025-12-31');
    expect(ratios.eps_growth.inputs).toEqual({ 'earnings.reportedEPS[t]': 11.57, 'earnings.reportedEPS[t-1]': 10.33 });
    expect(analysis.currency).toBe('USD');
  });

  it('has nine Piotroski tests available and passes six', () => {
    expect(scores.piotroski).toMatchObject({ value: 6, status: 'ok', band: 'middling', tests_available: 9 });
    expect(scores.piotroski.parts).toEqual({
      roa_positive: 'pass', // 10593/137175
      cfo_positive: 'pass', // 13192
      roa_rising: 'pass', // 10593/137175 = 7.7 % > 6023/135241 = 4.5 %
      cash_exceeds_earnings: 'pass', // 13192 > 10593
      leverage_falling: 'fail', // 54836/144527.5 = .379 > 49884/136208 = .366
      current_ratio_rising: 'fail', // 35860/38658 = .93 < 34482/33142 = 1.04
      no_new_shares: 'fail', // 948.7 > 937.2
      gross_margin_rising: 'pass', // 40185/67535 = 59.5 % > 35551/62753 = 56.7 %
      asset_turnover_rising: 'pass', // 67535/137175 = .492 > 62753/135241 = .464
    });
  });

  it('has the other scores', () => {
    const z =
      1.2 * (-2798 / 151880) +
      1.4 * (155648 / 151880) +
      3.3 * (12263 / 151880) +
      0.6 * (206116.848 / 119140) +
      67535 / 151880;
    expect(scores.altman_z.value).toBeCloseTo(z, 9);
    expect(scores.altman_z.band).toBe('safe');
    // √(22.5 × 11.29 × 35.08)
    expect(scores.graham_number.value).toBeCloseTo(94.399, 3);
    expect(scores.dupont.value).toBeCloseTo(10593 / 29977.5, 9);
    expect(scores.sloan.value).toBeCloseTo((10593 - 13192) / 144527.5, 9);
    expect(scores.sloan.parts.accruals_with_investing).toBeCloseTo((10593 - 13192 + 10302) / 151880, 9);
    expect(scores.magic_formula.parts.earnings_yield).toBeCloseTo(12263 / 259629.848, 9);
    // 35860 − 13641 − (38658 − 7224) is negative: capital is property alone.
    expect(scores.magic_formula.parts.return_on_capital).toBeCloseTo(12263 / 9028, 9);
  });

  it('has a Beneish M with AQI at 1, because the payload gives long-term investments as "None"', () => {
    const { parts, assumed, value, band } = scores.beneish_m;
    expect(assumed).toEqual(['AQI']);
    expect(parts).toEqual({
      DSRI: expect.closeTo(17639 / 67535 / (14010 / 62753), 9),
      GMI: expect.closeTo(35551 / 62753 / (40185 / 67535), 9),
      AQI: 1,
      SGI: expect.closeTo(67535 / 62753, 9),
      DEPI: expect.closeTo(4667 / 13595 / (5021 / 14049), 9),
      SGAI: expect.closeTo(18285 / 67535 / (16737 / 62753), 9),
      LVGI: expect.closeTo(93494 / 151880 / (83026 / 137175), 9),
      TATA: expect.closeTo((10571 - 13192) / 151880, 9),
    });
    expect([value, band]).toEqual([expect.closeTo(-2.3745, 4), 'clear']);
  });

  const EXPECTED: Readonly<Record<RatioId, number>> = {
    current_ratio: 35860 / 38658,
    quick_ratio: (13641 + 17639) / 38658,
    debt_to_equity: 67154 / 32648,
    debt_to_assets: 67154 / 151880,
    net_debt_to_ebitda: (67154 - 13641) / 17284,
    interest_coverage: 12263 / 1935,
    gross_margin: 40185 / 67535,
    operating_margin: 10325 / 67535,
    net_margin: 10593 / 67535,
    ebitda_margin: 17284 / 67535,
    ebit_margin: 12263 / 67535,
    fcf_margin: (13192 - 1617) / 67535,
    roe: 10593 / 29977.5, // (32648 + 27307) / 2
    roa: 10593 / 144527.5, // (151880 + 137175) / 2
    roic: 12263 / 86161, // tax of −242 is a refund: rate 0; 67154 + 32648 − 13641
    gross_profitability: 40185 / 151880,
    asset_turnover: 67535 / 144527.5,
    cash_conversion: 13192 / 10593,
    revenue_growth: (67535 - 62753) / 62753,
    revenue_cagr_3y: (67535 / 60530) ** (1 / 3) - 1,
    net_income_growth: (10593 - 6023) / 6023,
    eps_growth: (11.57 - 10.33) / 10.33,
    earnings_yield: 12263 / 259629.848, // 206116.848 + 67154 − 13641
    fcf_yield: (13192 - 1617) / 206116.848,
    dividend_yield: 0.0308,
    payout_ratio: 6255 / 10593,
    pe: 19.42,
    peg: 19.42 / ((124 / 1033) * 100),
    pb: 6.55,
    ps: 2.991,
    ev_to_ebitda: 15.54,
    price_to_graham: 206116.848 / 939.885 / 94.3991366486,
  };
  it.each(Object.entries(EXPECTED))('%s', (id, expected) => {
    expect(ratios[id as RatioId].value).toBeCloseTo(expected, 9);
  });

  it('is rated on full coverage but for the news', () => {
    const missing = analysis.rules.filter(({ outcome }) => outcome === 'missing').map(({ id }) => id);
    expect(missing).toEqual(['news_not_bearish']);
    expect(analysis.rating).toEqual({ score: 62.5, grade: 'C', coverage: 32 / 33 }); // 20 of 32 points
  });

  it('finds every figure that any formula names in the real payload', () => {
    const measures = [...Object.values(RATIOS), ...Object.values(SCORES).flatMap(({ parts }) => Object.values(parts))];
    const first = { ...company, overview: [{ figures: company.overview! }] } as unknown as Record<
      string,
      { figures: object }[]
    >;
    for (const reference of measures.flatMap(({ inputs }) => inputs).flatMap((source) => source.split(/[|+]/))) {
      const [, origin = '', field = ''] = /^\s*(\w+)\.(\w+)/.exec(reference)!;
      const rows = first[origin]!;
      expect([reference, rows.some(({ figures }) => field in figures)]).toEqual([reference, true]);
    }
    expect(RULES.length).toBe(analysis.rules.length);
  });
});
