import { toAlphaVantageSymbol } from '../../lambda/adapters/providers/alpha-vantage/symbols';
import { randomOf } from './random';
import { type Market } from './market';
import { lastClose, marketPrice, toTick } from './prices';
import { type Books, type QuarterReport, quartersBy } from './statements';
import { type Company } from './universe';
import { USD_PER } from './valuation';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAY_MS = 86_400_000;
const NONE = 'None';

/**
 * OVERVIEW, worked out of the last four reported quarters and the last close.
 *
 * Money of the business stays in the reporting currency and the market's in US dollars, as the provider mixes them;
 * ratios of the two are converted. Unknown is "None" in some fields and "-" in others, as in real files.
 */
export function overviewPayload(company: Company, market: Market, day: string, now: number): Record<string, string> {
  const quarters = quartersBy(company, day);
  const [latest] = quarters;
  const usd = USD_PER[company.reportedCurrency];
  const { price, session } = lastClose(company, market, now);
  const random = randomOf(company.seed, 'overview');
  const shares = latest?.shares ?? 0;
  const marketCap = Math.round(shares * price);
  const of = trailing(quarters);
  const balance = (key: string) => (latest?.balance[key] ?? 0) * 1000;
  const revenue = of('income', 'totalRevenue');
  const netIncome = of('income', 'netIncome');
  const ebitda = of('income', 'ebitda');
  const equity = balance('totalShareholderEquity');
  const eps = shares === 0 ? 0 : netIncome / shares;
  const pe = eps > 0 ? price / (eps * usd) : null;
  const growth = yearAgo(quarters, ({ netIncome: income }) => income);
  const enterprise = marketCap / usd + balance('shortLongTermDebtTotal') - balance('cashAndShortTermInvestments');
  const dividends = of('cash', 'dividendPayout') / Math.max(1, shares);
  const closes = Array.from({ length: 365 }, (_, i) => toTick(marketPrice(company, session.close - i * DAY_MS)));
  const average = (days: number) => closes.slice(0, days).reduce((a, b) => a + b, 0) / days;
  const target = price * random.between(0.9, 1.3);
  return {
    Symbol: toAlphaVantageSymbol(company.symbol),
    AssetType: 'Common Stock',
    Name: company.name,
    Description: `${company.name} is a company that exists in Signal9's sandbox only.`,
    CIK: String(1_900_000 + company.index),
    Exchange: company.exchange,
    Currency: 'USD',
    Country: company.reportedCurrency === 'USD' ? 'USA' : NONE,
    Sector: company.sector,
    Industry: company.industry,
    Address: `${1 + (company.index % 999)} SANDBOX ROAD, NOWHERE, US`,
    OfficialSite: `https://${company.symbol.toLowerCase().replace('.', '-')}.example`,
    FiscalYearEnd: MONTHS[company.fiscalYearEndMonth - 1] ?? NONE,
    LatestQuarter: latest?.ends ?? NONE,
    MarketCapitalization: String(marketCap),
    EBITDA: String(ebitda),
    PERatio: fixed(pe, 2, NONE),
    PEGRatio: fixed(pe !== null && growth !== null && growth > 0 ? pe / (growth * 100) : null, 3, NONE),
    BookValue: fixed(shares === 0 ? null : equity / shares, 2, NONE),
    DividendPerShare: dividends > 0 ? fixed(dividends, 2, NONE) : NONE,
    DividendYield: dividends > 0 ? fixed((dividends * usd) / price, 4, NONE) : NONE,
    EPS: fixed(eps, 2, NONE),
    RevenuePerShareTTM: fixed(ratio(revenue, shares), 2, NONE),
    ProfitMargin: fixed(ratio(netIncome, revenue), 4, NONE),
    OperatingMarginTTM: fixed(ratio(of('income', 'operatingIncome'), revenue), 4, NONE),
    ReturnOnAssetsTTM: fixed(ratio(netIncome, balance('totalAssets')), 4, NONE),
    ReturnOnEquityTTM: fixed(equity > 0 ? ratio(netIncome, equity) : null, 4, NONE),
    RevenueTTM: String(revenue),
    GrossProfitTTM: String(of('income', 'grossProfit')),
    DilutedEPSTTM: fixed(eps, 2, NONE),
    QuarterlyEarningsGrowthYOY: fixed(growth, 4, NONE),
    QuarterlyRevenueGrowthYOY: fixed(
      yearAgo(quarters, ({ income }) => income.totalRevenue ?? 0),
      4,
      NONE,
    ),
    AnalystTargetPrice: fixed(target, 2, NONE),
    AnalystRatingStrongBuy: rating(company, random.int(0, 9)),
    AnalystRatingBuy: rating(company, random.int(0, 12)),
    AnalystRatingHold: rating(company, random.int(0, 12)),
    AnalystRatingSell: rating(company, random.int(0, 4)),
    AnalystRatingStrongSell: rating(company, random.int(0, 2)),
    TrailingPE: fixed(pe, 2, '-'),
    ForwardPE: fixed(pe === null ? null : pe * random.between(0.8, 1), 2, '-'),
    PriceToSalesRatioTTM: fixed(ratio(marketCap / usd, revenue), 3, '-'),
    PriceToBookRatio: fixed(equity > 0 ? marketCap / usd / equity : null, 3, '-'),
    EVToRevenue: fixed(ratio(enterprise, revenue), 3, '-'),
    EVToEBITDA: fixed(ebitda > 0 ? enterprise / ebitda : null, 2, '-'),
    Beta: fixed(random.between(0.4, 1.8), 3, NONE),
    '52WeekHigh': fixed(Math.max(...closes), 2, NONE),
    '52WeekLow': fixed(Math.min(...closes), 2, NONE),
    '50DayMovingAverage': fixed(average(50), 2, NONE),
    '200DayMovingAverage': fixed(average(200), 2, NONE),
    SharesOutstanding: String(shares),
    SharesFloat: String(Math.round(shares * 0.97)),
    PercentInsiders: fixed(random.between(0.05, 15), 3, NONE),
    PercentInstitutions: fixed(random.between(20, 90), 3, NONE),
    DividendDate: NONE,
    ExDividendDate: NONE,
  };
}

/** The sum of a figure over the last four quarters, in units of the currency. */
function trailing(quarters: readonly QuarterReport[]) {
  return (part: 'income' | 'cash', key: string): number =>
    quarters.slice(0, 4).reduce((sum, quarter) => sum + (quarter[part][key] ?? 0) * 1000, 0);
}

/** Growth of the latest quarter over the same of the year before; null where that is no base. */
function yearAgo(quarters: readonly QuarterReport[], of: (books: Books) => number): number | null {
  const [latest, , , , before] = quarters;
  return latest && before && of(before) > 0 ? of(latest) / of(before) - 1 : null;
}

function ratio(numerator: number, denominator: number): number | null {
  return denominator === 0 ? null : numerator / denominator;
}

function fixed(value: number | null, decimals: number, unknown: string): string {
  return value === null ? unknown : String(Number(value.toFixed(decimals)));
}

/** Nobody rates the company that leaves things out. */
function rating({ trait }: Company, count: number): string {
  return trait === 'missingData' ? '-' : String(count);
}
