import { sentimentLabel } from '../../core/advisor';
import { altmanZ } from '../../core/advisor/scores/altman';
import { beneishM } from '../../core/advisor/scores/beneish';
import { describeWithFixtures, fixtureJson } from '../fixtures';
import { analyzed, type Figures } from './company';

/** Published numbers; each entry of worked-examples.json names its source. */
describeWithFixtures('published worked examples', () => {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a document read by its shape
  const examples: Record<string, any> = fixtureJson('worked-examples.json');

  it('Altman Z: captaincalculator.com, 7000 of assets → 4.243', () => {
    const { in: given, expected, tol } = examples.altman[0];
    const { value, band } = analyzed({
      'balance_sheet.totalAssets[t]': given.totalAssets,
      'balance_sheet.totalCurrentAssets[t]': Number(given.workingCapital) + 307, // current liabilities of the base
      'balance_sheet.retainedEarnings[t]': given.retainedEarnings,
      'income_statement.ebit[t]': given.ebit,
      'overview.MarketCapitalization': given.marketCap,
      'balance_sheet.totalLiabilities[t]': given.totalLiabilities,
      'income_statement.totalRevenue[t]': given.revenue,
    }).scores.altman_z;
    expect(Math.abs(value! - expected)).toBeLessThanOrEqual(tol);
    expect(band).toBe('safe');
  });

  it('Altman Z: FinanceToolkit, five rows of X1…X5', () => {
    const { x_rows: rows, expected } = examples.altman[1] as { x_rows: number[][]; expected: number[] };
    rows.forEach(([x1, x2, x3, x4, x5], i) => expect(altmanZ(x1!, x2!, x3!, x4!, x5!)).toBeCloseTo(expected[i]!, 9));
  });

  /** A year and the one before it, as a company. Gross profit is sales − cost of goods; there is no securities term. */
  function enron(year: string): Figures {
    const rows = examples.beneish[0].rows;
    const of = (given: Record<string, number>, lag: string): Figures => ({
      [`balance_sheet.currentNetReceivables${lag}`]: given.receivables!,
      [`balance_sheet.totalCurrentAssets${lag}`]: given.currentAssets!,
      [`balance_sheet.propertyPlantEquipment${lag}`]: given.ppe!,
      [`balance_sheet.longTermInvestments${lag}`]: 0,
      [`balance_sheet.totalAssets${lag}`]: given.totalAssets!,
      [`balance_sheet.totalCurrentLiabilities${lag}`]: given.currentLiabilities!,
      [`balance_sheet.longTermDebt${lag}`]: given.longTermDebt!,
      [`income_statement.totalRevenue${lag}`]: given.sales!,
      [`income_statement.grossProfit${lag}`]: given.sales! - given.cogs!,
      [`income_statement.sellingGeneralAndAdministrative${lag}`]: given.sga!,
      [`income_statement.netIncomeFromContinuingOperations${lag}`]: given.incomeContinuing!,
      [`cash_flow.operatingCashflow${lag}`]: given.cfo!,
      [`cash_flow.depreciationDepletionAndAmortization${lag}`]: given.depreciation!,
    });
    return { ...of(rows[year], '[t]'), ...of(rows[String(Number(year) - 1)], '[t-1]') };
  }

  it('Beneish M: Enron 1999 → −1.969 (Wahlen et al., exercise 6.23)', () => {
    const { value, band } = analyzed(enron('1999')).scores.beneish_m;
    expect(value).toBeCloseTo(examples.beneish[0].expected['1999'], 4);
    expect(band).toBe('clear');
    expect(analyzed(enron('1999'), { settings: { beneish_threshold: -2.22 } }).scores.beneish_m.band).toBe('flagged');
  });

  it('Beneish M: the eight indices of Enron 2000', () => {
    const { parts, band } = analyzed(enron('2000')).scores.beneish_m;
    const published = examples.beneish[0].components_2000 as Record<string, number>;
    for (const [index, value] of Object.entries(published))
      expect([index, parts[index]]).toEqual([index, expect.closeTo(value, 3)]);
    expect(band).toBe('flagged');
  });

  it('Beneish M: nothing changes and no accruals → −2.48', () => {
    const m = beneishM({ DSRI: 1, GMI: 1, AQI: 1, SGI: 1, DEPI: 1, SGAI: 1, LVGI: 1, TATA: 0 });
    expect(m).toBeCloseTo(examples.beneish[1].expected, 9);
  });

  it('Sloan: 10 earned, 8 of cash, assets 50 → 60: 3.636 % (investing.com)', () => {
    const { netIncome, cfo, assetsBegin, assetsEnd, expected } = examples.sloan[0];
    const { value } = analyzed({
      'income_statement.netIncome[t]': netIncome,
      'cash_flow.operatingCashflow[t]': cfo,
      'balance_sheet.totalAssets[t]': assetsEnd,
      'balance_sheet.totalAssets[t-1]': assetsBegin,
    }).scores.sloan;
    expect(value).toBeCloseTo(expected, 6);
  });

  it('Graham number: 5 and 20 → 47.43 (calculatorlib.com); 4 and 3.5 → 17.748', () => {
    const { eps, bvps, expected } = examples.graham[0];
    const number = (earned: number, book: number) =>
      analyzed({ 'overview.EPS': earned, 'overview.BookValue': book }).scores.graham_number.value;
    expect(number(eps, bvps)).toBeCloseTo(expected, 2);
    expect(number(4, 3.5)).toBeCloseTo(17.748, 3);
  });

  it('Magic Formula: 500,000 on an enterprise of 2,000,000 and a capital of 1,000,000 (waycalculator.com)', () => {
    const { ebit, ev, capital, earningsYield, returnOnCapital } = examples.magic[0];
    const { parts } = analyzed({
      'income_statement.ebit[t]': ebit,
      'overview.MarketCapitalization': ev,
      'balance_sheet.shortLongTermDebtTotal[t]': 0,
      'balance_sheet.cashAndShortTermInvestments[t]': 0,
      'balance_sheet.totalCurrentAssets[t]': 0,
      'balance_sheet.propertyPlantEquipment[t]': capital,
    }).scores.magic_formula;
    expect(parts).toEqual({ earnings_yield: earningsYield, return_on_capital: returnOnCapital });
  });

  it('news labels: as NEWS_SENTIMENT defines them itself', () => {
    const definition: string = fixtureJson('alphavantage/news-sentiment.AAPL.json').sentiment_score_definition;
    for (const [edge, label] of [
      [-0.35, 'Bearish'],
      [-0.15, 'Somewhat-Bearish'],
      [0.15, 'Somewhat-Bullish'],
      [0.35, 'Bullish'],
    ] as const) {
      expect(definition.replaceAll('_', '-')).toContain(label);
      expect(sentimentLabel(edge)).toBe(label);
    }
  });

  it('labels every ticker of a real page as the provider does', () => {
    const feed: { ticker_sentiment: { ticker_sentiment_score: string; ticker_sentiment_label: string }[] }[] =
      fixtureJson('alphavantage/news-sentiment.AAPL.json').feed;
    const tickers = feed.flatMap((article) => article.ticker_sentiment);
    expect(tickers.length).toBeGreaterThan(50);
    for (const ticker of tickers) {
      expect(sentimentLabel(Number(ticker.ticker_sentiment_score))).toBe(
        ticker.ticker_sentiment_label.replace('_', '-'),
      );
    }
  });
});
