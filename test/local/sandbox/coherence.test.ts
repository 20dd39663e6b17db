import { type StatementRow } from '../../../lambda/adapters/providers/alpha-vantage';
import { SANDBOX_SYMBOLS } from '../../../local/sandbox/sandbox';
import { number, sandboxWithClients, type SandboxWithClients } from './clients';

let world: SandboxWithClients;
beforeAll(async () => {
  world = await sandboxWithClients({ plan: { alphaVantage: { rps: null, rpm: null, rpd: null } } });
});
afterAll(() => world.sandbox.close());

const rowsOf = (rows: readonly StatementRow[], period: StatementRow['period']) =>
  rows.filter((row) => row.period === period);

const companies = () =>
  world.sandbox.universe.companies
    .filter(({ active, trait }) => active && trait !== 'noFundamentals' && trait !== 'missingData')
    .slice(0, 24);

describe('the books of every company', () => {
  it('balance', async () => {
    for (const { symbol, model } of companies()) {
      const { rows, rejected } = await world.alphaVantage.balanceSheet(symbol);
      expect(rejected).toEqual([]);
      for (const { figures } of rows) {
        const of = (key: string) => number(figures, key);
        expect(of('totalAssets')).toBe(of('totalLiabilities') + of('totalShareholderEquity'));
        expect(of('cashAndCashEquivalentsAtCarryingValue')).toBeGreaterThan(0);
        if (model !== 'industrial') continue;
        expect(of('totalAssets')).toBe(of('totalCurrentAssets') + of('totalNonCurrentAssets'));
        expect(of('totalLiabilities')).toBe(of('totalCurrentLiabilities') + of('totalNonCurrentLiabilities'));
        expect(of('shortLongTermDebtTotal')).toBe(of('shortTermDebt') + of('longTermDebt'));
        expect(of('totalShareholderEquity')).toBe(of('commonStock') + of('retainedEarnings') - of('treasuryStock'));
      }
    }
  });

  it('tie cash flow to the change in cash, and retained earnings to net income', async () => {
    for (const { symbol } of companies()) {
      const flows = rowsOf((await world.alphaVantage.cashFlow(symbol)).rows, 'quarterly');
      const sheets = rowsOf((await world.alphaVantage.balanceSheet(symbol)).rows, 'quarterly');
      flows.slice(0, -1).forEach(({ figures, fiscal_date_ending }, i) => {
        const [now, before] = [sheets[i]!, sheets[i + 1]!];
        expect(now.fiscal_date_ending).toBe(fiscal_date_ending);
        const change = (key: string) => number(now.figures, key) - number(before.figures, key);
        const flow = (key: string) => number(figures, key);
        expect(flow('changeInCashAndCashEquivalents')).toBe(change('cashAndCashEquivalentsAtCarryingValue'));
        expect(flow('changeInCashAndCashEquivalents')).toBe(
          flow('operatingCashflow') + flow('cashflowFromInvestment') + flow('cashflowFromFinancing'),
        );
        expect(change('retainedEarnings')).toBe(flow('netIncome') - flow('dividendPayout'));
      });
    }
  });

  it('carry net income from the income statement to the cash flow', async () => {
    for (const { symbol } of companies()) {
      const income = (await world.alphaVantage.incomeStatement(symbol)).rows;
      const cash = (await world.alphaVantage.cashFlow(symbol)).rows;
      income.forEach(({ figures }, i) => {
        const of = (key: string) => number(figures, key);
        expect(of('netIncome')).toBe(number(cash[i]!.figures, 'netIncome'));
        expect(of('netIncome')).toBe(of('incomeBeforeTax') - of('incomeTaxExpense'));
        expect(of('grossProfit')).toBe(of('totalRevenue') - of('costOfRevenue'));
        expect(of('operatingIncome')).toBe(of('grossProfit') - of('operatingExpenses'));
        expect(of('ebit')).toBe(of('incomeBeforeTax') + of('interestExpense'));
      });
    }
  });

  it('add up: four quarters are the year', async () => {
    for (const { symbol } of companies().slice(0, 20)) {
      for (const method of ['incomeStatement', 'cashFlow'] as const) {
        const { rows } = await world.alphaVantage[method](symbol);
        const quarters = rowsOf(rows, 'quarterly');
        for (const year of rowsOf(rows, 'annual')) {
          const last = quarters.findIndex(({ fiscal_date_ending }) => fiscal_date_ending === year.fiscal_date_ending);
          for (const [key, value] of Object.entries(year.figures)) {
            const four = quarters.slice(last, last + 4).map(({ figures }) => figures[key] ?? null);
            expect(value === null).toBe(four.includes(null));
            if (value !== null) expect(four.reduce((sum, part) => sum + Number(part), 0)).toBe(Number(value));
          }
        }
      }
    }
  });

  it('give earnings a share: net income over the shares of the balance sheet', async () => {
    for (const { symbol } of companies().slice(0, 20)) {
      const eps = rowsOf((await world.alphaVantage.earnings(symbol)).rows, 'annual');
      const income = rowsOf((await world.alphaVantage.incomeStatement(symbol)).rows, 'annual');
      const sheets = rowsOf((await world.alphaVantage.balanceSheet(symbol)).rows, 'annual');
      expect(eps).toHaveLength(income.length);
      eps.forEach(({ figures, fiscal_date_ending }, i) => {
        expect(income[i]!.fiscal_date_ending).toBe(fiscal_date_ending);
        const shares = number(sheets[i]!.figures, 'commonStockSharesOutstanding');
        expect(number(figures, 'reportedEPS')).toBeCloseTo(number(income[i]!.figures, 'netIncome') / shares, 1);
      });
    }
  });

  it('show nothing that is not reported yet', async () => {
    for (const { symbol } of companies()) {
      const quarters = rowsOf((await world.alphaVantage.earnings(symbol)).rows, 'quarterly');
      for (const { figures, fiscal_date_ending } of quarters) {
        expect(figures.reportedDate! > fiscal_date_ending).toBe(true);
        expect(figures.reportedDate! <= '2026-05-17').toBe(true);
      }
      const { rows } = await world.alphaVantage.incomeStatement(symbol);
      expect(rowsOf(rows, 'quarterly')[0]!.fiscal_date_ending).toBe(quarters[0]!.fiscal_date_ending);
    }
  });
});

describe('the market', () => {
  const symbol = SANDBOX_SYMBOLS.steady;

  it('has one price: snapshot, quote, bars and market capitalisation agree', async () => {
    const { snapshots } = await world.alpaca.snapshots([symbol]);
    const { latestTrade, latestQuote, dailyBar, prevDailyBar } = snapshots.get(symbol)!;
    const quote = await world.alphaVantage.globalQuote(symbol);
    expect(Number(quote.price)).toBe(Number(latestTrade!.p));
    expect(Number(quote.previous_close)).toBe(Number(prevDailyBar!.c));
    expect(dailyBar!.c).toBe(latestTrade!.p);
    expect(Number(latestQuote!.bp)).toBeLessThan(Number(latestTrade!.p));
    expect(Number(latestQuote!.ap)).toBeGreaterThan(Number(latestTrade!.p));

    const { bars } = await world.alpaca.bars({ symbols: [symbol], timeframe: '1Day', start: '2026-05-16' });
    expect(bars.get(symbol)).toEqual([prevDailyBar, dailyBar]);
    const { prices } = await world.alphaVantage.timeSeriesDaily(symbol);
    expect(prices).toHaveLength(100);
    expect(Number(prices[1]!.close)).toBe(Number(prevDailyBar!.c));

    const { figures } = await world.alphaVantage.overview(symbol);
    const capital = number(figures, 'SharesOutstanding') * Number(prevDailyBar!.c);
    expect(Math.abs(number(figures, 'MarketCapitalization') - capital)).toBeLessThanOrEqual(1);
    const { rows } = await world.alphaVantage.balanceSheet(symbol);
    expect(figures.SharesOutstanding).toBe(rowsOf(rows, 'quarterly')[0]!.figures.commonStockSharesOutstanding);
  });

  it('bars follow one another, and hold their open and close between low and high', async () => {
    const { bars } = await world.alpaca.bars({
      symbols: [symbol],
      timeframe: '1Day',
      start: '2026-01-01',
      end: '2026-05-15',
    });
    const days = bars.get(symbol)!;
    expect(days).toHaveLength(135);
    days.forEach((day, i) => {
      expect(Number(day.l)).toBeLessThanOrEqual(Math.min(Number(day.o), Number(day.c)));
      expect(Number(day.h)).toBeGreaterThanOrEqual(Math.max(Number(day.o), Number(day.c)));
      if (i > 0) expect(day.o).toBe(days[i - 1]!.c);
    });
  });

  it('an overview follows from the statements', async () => {
    const { figures } = await world.alphaVantage.overview(symbol);
    const income = rowsOf((await world.alphaVantage.incomeStatement(symbol)).rows, 'quarterly').slice(0, 4);
    const trailing = (key: string) => income.reduce((sum, row) => sum + number(row.figures, key), 0);
    expect(number(figures, 'RevenueTTM')).toBe(trailing('totalRevenue'));
    expect(number(figures, 'EBITDA')).toBe(trailing('ebitda'));
    expect(number(figures, 'EPS')).toBeCloseTo(trailing('netIncome') / number(figures, 'SharesOutstanding'), 2);
    expect(figures.LatestQuarter).toBe(income[0]!.fiscal_date_ending);
    expect(number(figures, '52WeekLow')).toBeLessThanOrEqual(number(figures, '50DayMovingAverage'));
    expect(number(figures, '52WeekHigh')).toBeGreaterThanOrEqual(number(figures, '200DayMovingAverage'));
  });

  it('prices in reason: P/E of the profitable between 2 and 60', async () => {
    const ratios: number[] = [];
    for (const company of companies()) {
      const { PERatio } = (await world.alphaVantage.overview(company.symbol)).figures;
      if (PERatio) ratios.push(Number(PERatio));
    }
    expect(ratios.length).toBeGreaterThan(20);
    expect(Math.min(...ratios)).toBeGreaterThan(2);
    expect(Math.max(...ratios)).toBeLessThan(60);
  });
});

describe('the calendar', () => {
  it('announces the quarters that come next, on weekdays, and what they then report is near the estimate', async () => {
    const { rows, rejected } = await world.alphaVantage.earningsCalendar({ horizon: '12month' });
    expect(rejected).toEqual([]);
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.some(({ estimate }) => estimate === null)).toBe(true);
    for (const { report_date, fiscal_date_ending } of rows) {
      expect(report_date >= '2026-05-17').toBe(true);
      expect(report_date > fiscal_date_ending).toBe(true);
      expect([0, 6]).not.toContain(new Date(report_date).getUTCDay());
    }
    const symbol = SANDBOX_SYMBOLS.steady;
    const next = (await world.alphaVantage.earningsCalendar({ symbol })).rows[0]!;
    const reported = rowsOf((await world.alphaVantage.earnings(symbol)).rows, 'quarterly');
    expect(reported.some(({ fiscal_date_ending }) => fiscal_date_ending >= next.fiscal_date_ending)).toBe(false);
    const later = await sandboxWithClients({ at: `${next.report_date}T20:00:00Z` });
    try {
      const [latest] = rowsOf((await later.alphaVantage.earnings(symbol)).rows, 'quarterly');
      expect(latest).toMatchObject({
        fiscal_date_ending: next.fiscal_date_ending,
        figures: { reportedDate: next.report_date, estimatedEPS: next.estimate },
      });
    } finally {
      await later.sandbox.close();
    }
  });
});

describe('determinism', () => {
  it('the same seed and moment have the same answers, in a universe of any size; another seed has others', async () => {
    const others = await Promise.all([sandboxWithClients({ universe: 90 }), sandboxWithClients({ seed: 4 })]);
    try {
      const ask = async ({ alpaca, alphaVantage }: SandboxWithClients, symbol: string) => [
        (await alpaca.listAssets()).assets.slice(0, 60).map(({ asset_id, symbol: s, name }) => [asset_id, s, name]),
        await alphaVantage.overview(symbol),
        await alphaVantage.incomeStatement(symbol),
        [...(await alpaca.snapshots([symbol])).snapshots],
      ];
      const symbol = world.sandbox.universe.companies.find(({ trait, active }) => active && trait === null)!.symbol;
      expect(await ask(others[0], symbol)).toEqual(await ask(world, symbol));
      const named = SANDBOX_SYMBOLS.steady;
      expect(await others[1].alphaVantage.overview(named)).not.toEqual(await world.alphaVantage.overview(named));
    } finally {
      await Promise.all(others.map(({ sandbox }) => sandbox.close()));
    }
  });
});
