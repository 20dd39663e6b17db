import { snapshotPrice, type AlpacaAsset } from '../../../lambda/adapters/providers/alpaca';
import { createUniverse } from '../../../local/sandbox/universe';
import { SANDBOX_SYMBOLS } from '../../../local/sandbox/sandbox';
import { describeWithFixtures, fixture } from '../../fixtures';
import { number, sandboxWithClients, type SandboxWithClients } from './clients';

let world: SandboxWithClients;
let assets: ReadonlyMap<string, AlpacaAsset>;
beforeAll(async () => {
  world = await sandboxWithClients();
  const list = await world.alpaca.listAssets();
  expect(list.rejected).toEqual([]);
  assets = new Map(list.assets.map((asset) => [asset.symbol, asset]));
});
afterAll(() => world.sandbox.close());

const annual = async (method: 'incomeStatement' | 'balanceSheet' | 'cashFlow', symbol: string) =>
  (await world.alphaVantage[method](symbol)).rows.filter(({ period }) => period === 'annual');

describe('the universe', () => {
  it('has as many companies as asked for, all with a symbol and an id of their own', () => {
    const { companies } = createUniverse(12_000, 9);
    expect(companies).toHaveLength(12_000);
    expect(new Set(companies.map(({ symbol }) => symbol)).size).toBe(12_000);
    expect(new Set(companies.map(({ asset_id }) => asset_id)).size).toBe(12_000);
    for (const { symbol } of companies) expect(symbol).toMatch(/^[A-Z]{4}J(\.[A-Z])?$/);
    expect(assets.size).toBe(60);
    for (const symbol of Object.values(SANDBOX_SYMBOLS)) expect(assets.has(symbol)).toBe(true);
  });

  it('ends fiscal years in other months than December too', () => {
    const months = new Set(createUniverse(250, 9).companies.map(({ fiscalYearEndMonth }) => fiscalYearEndMonth));
    expect(months.size).toBeGreaterThan(3);
  });
});

describeWithFixtures('its symbols', () => {
  it('are nobody’s: none is in the real earnings calendar', () => {
    const real = new Set(
      fixture('alphavantage/earnings-calendar.csv')
        .split('\n')
        .map((line) => line.split(',')[0]),
    );
    expect(createUniverse(12_000, 9).companies.filter(({ symbol }) => real.has(symbol))).toEqual([]);
  });
});

describe('the named companies', () => {
  it('steady: complete, profitable, growing', async () => {
    const [latest, before] = await annual('incomeStatement', SANDBOX_SYMBOLS.steady);
    expect(number(latest!.figures, 'totalRevenue')).toBeGreaterThan(number(before!.figures, 'totalRevenue'));
    expect(number(latest!.figures, 'netIncome')).toBeGreaterThan(0);
    expect((await annual('balanceSheet', SANDBOX_SYMBOLS.steady)).length).toBeGreaterThanOrEqual(4);
  });

  it.each([SANDBOX_SYMBOLS.bank, SANDBOX_SYMBOLS.insurer])('%s: financial, without a current split', async (symbol) => {
    expect((await world.alphaVantage.overview(symbol)).figures.Sector).toBe('FINANCIAL SERVICES');
    for (const { figures } of await annual('balanceSheet', symbol)) {
      expect(figures).toMatchObject({ totalCurrentAssets: null, totalCurrentLiabilities: null, inventory: null });
      expect(number(figures, 'totalShareholderEquity')).toBeGreaterThan(0);
    }
  });

  it('negative equity, in every year', async () => {
    for (const { figures } of await annual('balanceSheet', SANDBOX_SYMBOLS.negativeEquity)) {
      expect(number(figures, 'totalShareholderEquity')).toBeLessThan(0);
    }
    expect((await world.alphaVantage.overview(SANDBOX_SYMBOLS.negativeEquity)).figures.PriceToBookRatio).toBeNull();
  });

  it('missing data: None, a year missing in one statement', async () => {
    const symbol = SANDBOX_SYMBOLS.missingData;
    const [income, balance, cash] = await Promise.all([
      annual('incomeStatement', symbol),
      annual('balanceSheet', symbol),
      annual('cashFlow', symbol),
    ]);
    expect(income[0]!.figures).toMatchObject({ interestExpense: null, grossProfit: null });
    expect(balance[0]!.figures).toMatchObject({ longTermDebt: null, currentNetReceivables: null });
    expect(cash.map((row) => row.fiscal_date_ending)).toEqual(
      balance.map((row) => row.fiscal_date_ending).filter((_, i) => i !== 1),
    );
    expect((await world.alphaVantage.overview(symbol)).figures.AnalystRatingBuy).toBeNull();
  });

  it('one annual report', async () => {
    for (const method of ['incomeStatement', 'balanceSheet', 'cashFlow'] as const) {
      expect(await annual(method, SANDBOX_SYMBOLS.oneAnnualReport)).toHaveLength(1);
    }
  });

  it('a fiscal year that ends in September', async () => {
    const rows = await annual('incomeStatement', SANDBOX_SYMBOLS.septemberYearEnd);
    expect(rows.every(({ fiscal_date_ending }) => fiscal_date_ending.endsWith('-09-30'))).toBe(true);
    expect((await world.alphaVantage.overview(SANDBOX_SYMBOLS.septemberYearEnd)).figures.FiscalYearEnd).toBe(
      'September',
    );
  });

  it('a partial year among the annual earnings, which the client leaves out', async () => {
    const { rejected } = await world.alphaVantage.earnings(SANDBOX_SYMBOLS.steady);
    expect(rejected).toEqual([{ path: 'annualEarnings 2026-03-31', reason: 'partial fiscal year' }]);
  });

  it('reports in EUR, is quoted in USD', async () => {
    const [row] = await annual('incomeStatement', SANDBOX_SYMBOLS.foreignCurrency);
    expect(row!.reported_currency).toBe('EUR');
    expect((await world.alphaVantage.overview(SANDBOX_SYMBOLS.foreignCurrency)).figures.Currency).toBe('USD');
  });

  it('inactive: listed, without prices and fundamentals', async () => {
    const symbol = SANDBOX_SYMBOLS.inactive;
    expect(assets.get(symbol)).toMatchObject({ status: 'inactive', tradable: false });
    expect((await world.alpaca.snapshots([symbol])).snapshots.size).toBe(0);
    await expect(world.alphaVantage.overview(symbol)).rejects.toMatchObject({ kind: 'unknown_symbol' });
    await expect(world.alphaVantage.globalQuote(symbol)).rejects.toMatchObject({ kind: 'unknown_symbol' });
    await expect(world.alphaVantage.timeSeriesDaily(symbol)).rejects.toMatchObject({ kind: 'invalid_request' });
    const active = await world.alpaca.listAssets({ status: 'active' });
    expect(active.assets.some((asset) => asset.symbol === symbol)).toBe(false);
  });

  it('without easy_to_borrow; with an unknown exchange and attributes', () => {
    expect(assets.get(SANDBOX_SYMBOLS.noEasyToBorrow)).toMatchObject({ easy_to_borrow: null, borrow_status: null });
    expect(assets.get(SANDBOX_SYMBOLS.unknownExchange)).toMatchObject({
      exchange: 'MOONX',
      attributes: ['telepathic_settlement', 'has_options'],
    });
  });

  it('a share class is found under its dot', async () => {
    const symbol = SANDBOX_SYMBOLS.classShare;
    await expect(world.alphaVantage.overview(symbol)).resolves.toMatchObject({ symbol });
    await expect(world.alphaVantage.globalQuote(symbol)).resolves.toMatchObject({ symbol });
    expect((await world.alpaca.snapshots([symbol])).snapshots.has(symbol)).toBe(true);
    const { sandbox } = world;
    expect(sandbox.callLog().some(({ query }) => query.symbol === 'DUALJ-B')).toBe(true);
  });

  it('a fund has prices and no fundamentals', async () => {
    const symbol = SANDBOX_SYMBOLS.noFundamentals;
    for (const method of ['overview', 'incomeStatement', 'earnings'] as const) {
      await expect(world.alphaVantage[method](symbol)).rejects.toMatchObject({ kind: 'unknown_symbol' });
    }
    expect((await world.alpaca.snapshots([symbol])).snapshots.has(symbol)).toBe(true);
  });

  it('no revenue; no debt; losses', async () => {
    const [zero] = await annual('incomeStatement', SANDBOX_SYMBOLS.zeroRevenue);
    expect(zero!.figures).toMatchObject({ totalRevenue: '0', grossProfit: '0' });
    const [debtless] = await annual('balanceSheet', SANDBOX_SYMBOLS.noDebt);
    expect(debtless!.figures).toMatchObject({ shortLongTermDebtTotal: '0', longTermDebt: '0' });
    expect((await annual('incomeStatement', SANDBOX_SYMBOLS.noDebt))[0]!.figures.interestExpense).toBe('0');
    const [loss] = await annual('incomeStatement', SANDBOX_SYMBOLS.lossMaking);
    expect(number(loss!.figures, 'netIncome')).toBeLessThan(0);
    expect((await world.alphaVantage.overview(SANDBOX_SYMBOLS.lossMaking)).figures.PERatio).toBeNull();
  });

  it('thinly traded: the previous close is all there is', async () => {
    const { snapshots } = await world.alpaca.snapshots([SANDBOX_SYMBOLS.thinlyTraded]);
    const snapshot = snapshots.get(SANDBOX_SYMBOLS.thinlyTraded)!;
    expect(snapshot).toMatchObject({ latestTrade: null, dailyBar: null, latestQuote: { ap: null, bp: null } });
    expect(snapshotPrice(snapshot)).toEqual({
      price: snapshot.prevDailyBar!.c,
      as_of: '2026-05-16T04:00:00.000Z',
      previous_close: null,
    });
  });
});
