import { toAlpacaSymbol, toAlphaVantageSymbol } from '../../../lambda/adapters/providers/alpha-vantage';
import { describeWithFixtures, fixture } from '../../fixtures';
import { stubAlphaVantage } from './stub-provider';

describe('share classes', () => {
  it.each([
    ['BRK.B', 'BRK-B'],
    ['IBM', 'IBM'],
    ['BF.A', 'BF-A'],
  ])('%s is %s', (alpaca, alphaVantage) => {
    expect(toAlphaVantageSymbol(alpaca)).toBe(alphaVantage);
    expect(toAlpacaSymbol(alphaVantage)).toBe(alpaca);
  });

  it.each(['CRYPTO:BTC', 'FOREX:USD', 'ACR-P-C'])('%s is left alone', (symbol) => {
    expect(toAlpacaSymbol(symbol)).toBe(symbol);
    expect(toAlphaVantageSymbol(symbol)).toBe(symbol);
  });
});

describeWithFixtures('real overviews', () => {
  it.each([
    ['overview.IBM.json', 54, '206116848000', '2026-03-31'],
    ['overview.2021.json', 45, '106626228000', '2021-09-30'],
  ])('%s', async (file, count, marketCap, quarter) => {
    const { client } = stubAlphaVantage({ body: fixture(`alphavantage/${file}`) });
    const { symbol, figures } = await client.overview('IBM');
    expect(symbol).toBe('IBM');
    expect(Object.keys(figures)).toHaveLength(count);
    expect(figures).toMatchObject({ MarketCapitalization: marketCap, LatestQuarter: quarter, Sector: 'TECHNOLOGY' });
    expect(figures).not.toHaveProperty('Symbol');
  });
});

describe('OVERVIEW', () => {
  const overview = async (fields: object) =>
    (await stubAlphaVantage({ body: { Symbol: 'IBM', ...fields } }).client.overview('IBM')).figures;

  it('knows every spelling of nothing', async () => {
    const fields = {
      PERatio: 'None',
      ForwardPE: '-',
      Beta: 'N/A',
      EPS: '',
      EBITDA: null,
      Description: 'None',
      DividendDate: '0000-00-00',
    };
    expect(Object.values(await overview(fields))).toEqual([null, null, null, null, null, null, null]);
  });

  it('keeps "0", which the domain must judge, and text as text', async () => {
    expect(await overview({ PEGRatio: '0', CIK: '0000051143', Something: 'new' })).toEqual({
      PEGRatio: '0',
      CIK: '0000051143',
      Something: 'new',
    });
  });

  it('drops an unknown field that is no text', async () => {
    expect(await overview({ Officers: ['A', 'B'] })).toEqual({});
  });

  it.each([{ EBITDA: 'lots' }, { LatestQuarter: 'Q3' }])('%j makes it malformed', async (fields) => {
    await expect(overview(fields)).rejects.toMatchObject({ kind: 'malformed' });
  });
});

describeWithFixtures('the real earnings calendar', () => {
  it('4,526 rows, by header', async () => {
    const { client, calls } = stubAlphaVantage({ body: fixture('alphavantage/earnings-calendar.csv') });
    const { rows, rejected } = await client.earningsCalendar({ horizon: '6month' });
    expect(rejected).toEqual([]);
    expect(rows).toHaveLength(4526);
    expect(rows.filter(({ estimate }) => estimate === null)).toHaveLength(2473);
    expect(rows.filter(({ time_of_day }) => time_of_day === null)).toHaveLength(4283);
    expect(rows.find(({ symbol }) => symbol === 'ADERY')?.estimate).toBe('0');
    expect(rows[0]).toEqual({
      symbol: 'ONFO',
      name: 'ONFOLIO HOLDINGS INCORPORATED',
      report_date: '2026-05-17',
      fiscal_date_ending: '2026-03-31',
      estimate: null,
      currency: 'USD',
      time_of_day: 'post-market',
    });
    expect(calls[0]?.url.searchParams.get('horizon')).toBe('6month');
  });

  it('lists one share under both spellings: two rows, one symbol', async () => {
    const { client } = stubAlphaVantage({ body: fixture('alphavantage/earnings-calendar.csv') });
    const { rows } = await client.earningsCalendar();
    expect(rows.filter(({ symbol }) => symbol === 'BF.A')).toHaveLength(2);
    expect(rows.filter(({ symbol }) => symbol.includes('-'))).toEqual([]);
  });
});

describe('EARNINGS_CALENDAR', () => {
  const HEADER = 'symbol,name,reportDate,fiscalDateEnding,estimate,currency,timeOfTheDay';
  const calendar = async (csv: string) => stubAlphaVantage({ body: csv }).client.earningsCalendar();

  it('header only: nobody reports', async () => {
    await expect(calendar(`${HEADER}\n`)).resolves.toEqual({ rows: [], rejected: [] });
    await expect(calendar(HEADER)).resolves.toEqual({ rows: [], rejected: [] });
  });

  it('older files have no timeOfTheDay; columns may move; CRLF and BOM are fine', async () => {
    const { rows } = await calendar(
      '\ufeffname,symbol,fiscalDateEnding,reportDate,estimate,currency\r\nA Co,AAAA-B,2026-03-31,2026-05-18,-0.25,USD\r\n',
    );
    expect(rows).toEqual([
      {
        symbol: 'AAAA.B',
        name: 'A Co',
        report_date: '2026-05-18',
        fiscal_date_ending: '2026-03-31',
        estimate: '-0.25',
        currency: 'USD',
        time_of_day: null,
      },
    ]);
  });

  it('a comma in a quoted name', async () => {
    const { rows } = await calendar(
      `${HEADER}\nAAAA,"ANVILS, ROCKETS & CO",2026-05-18,2026-03-31,1.5,USD,pre-market\n`,
    );
    expect(rows[0]).toMatchObject({ name: 'ANVILS, ROCKETS & CO', estimate: '1.5', time_of_day: 'pre-market' });
  });

  it('a bad row costs that row, and is reported with its line', async () => {
    const { rows, rejected } = await calendar(
      [
        HEADER,
        'GOOD,G,2026-05-18,2026-03-31,1,USD,',
        'AAAA,A,soon,2026-03-31,1,USD,',
        'BBBB,B,2026-05-18,2026-13-31,1,USD,',
        'CCCC,C,2026-05-18,2026-03-31,plenty,USD,',
        ',D,2026-05-18,2026-03-31,1,USD,',
        'EEEE,E,2026-05-18',
        'FINE,F,2026-05-18,2026-03-31,,USD,',
      ].join('\n'),
    );
    expect(rows.map(({ symbol }) => symbol)).toEqual(['GOOD', 'FINE']);
    expect(rejected).toEqual([
      { line: 3, reason: 'reportDate: not a date' },
      { line: 4, reason: 'fiscalDateEnding: not a date' },
      { line: 5, reason: 'estimate: not a number' },
      { line: 6, reason: 'symbol: empty' },
      { line: 7, reason: '3 cells under 7 columns' },
    ]);
  });

  it('a file cut off within a quoted name keeps what came before', async () => {
    const { rows, rejected } = await calendar(`${HEADER}\nGOOD,G,2026-05-18,2026-03-31,1,USD,\nAAAA,"ANVILS, RO`);
    expect(rows.map(({ symbol }) => symbol)).toEqual(['GOOD']);
    expect(rejected).toHaveLength(1);
  });

  it.each(['', 'symbol,name\nIBM,I', 'Service unavailable'])('%j is no calendar', async (csv) => {
    await expect(calendar(csv)).rejects.toMatchObject({ kind: 'malformed' });
  });

  it('may be asked for one symbol', async () => {
    const { client, calls } = stubAlphaVantage({ body: HEADER });
    await client.earningsCalendar({ symbol: 'BRK.B', horizon: '12month' });
    expect(calls[0]?.url.searchParams.get('symbol')).toBe('BRK-B');
  });
});

describeWithFixtures('real prices', () => {
  it('GLOBAL_QUOTE', async () => {
    const { client } = stubAlphaVantage({ body: fixture('alphavantage/global-quote.2020.json') });
    await expect(client.globalQuote('IBM')).resolves.toEqual({
      symbol: 'IBM',
      open: '122.6700',
      high: '122.8000',
      low: '121.0600',
      price: '121.7400',
      volume: '2528814',
      latest_trading_day: '2020-05-08',
      previous_close: '121.2300',
      change: '0.5100',
      change_percent: '0.4207',
    });
  });

  it('TIME_SERIES_DAILY, whose meta data also says "1. Information"', async () => {
    const { client } = stubAlphaVantage({ body: fixture('alphavantage/time-series-daily.2020.json') });
    const { symbol, prices, rejected } = await client.timeSeriesDaily('IBM');
    expect(symbol).toBe('IBM');
    expect(rejected).toEqual([]);
    expect(prices.map(({ date, close }) => [date, close])).toEqual([
      ['2020-05-08', '121.7900'],
      ['2020-05-07', '121.2300'],
    ]);
  });
});

describe('prices that are none', () => {
  it('a garbled quote is malformed', async () => {
    const quote = (value: unknown) => stubAlphaVantage({ body: { 'Global Quote': value } }).client.globalQuote('IBM');
    await expect(quote({ '01. symbol': 'IBM', '05. price': 'high' })).rejects.toMatchObject({ kind: 'malformed' });
    await expect(quote('soon')).rejects.toMatchObject({ kind: 'malformed' });
    await expect(quote({ '01. symbol': 'IBM', '10. change percent': 3 })).resolves.toMatchObject({
      price: null,
      change_percent: '3',
    });
  });

  it('a garbled day is rejected, a garbled series malformed', async () => {
    const daily = (series: unknown) =>
      stubAlphaVantage({
        body: { 'Meta Data': { '2. Symbol': 'IBM' }, 'Time Series (Daily)': series },
      }).client.timeSeriesDaily('IBM');
    const day = { '1. open': '1', '2. high': '2', '3. low': '1', '4. close': '2', '5. volume': '10' };
    const { prices, rejected } = await daily({
      '2026-05-14': day,
      '2026-05-15': { ...day, '4. close': 'up' },
      never: day,
    });
    expect(prices.map(({ date }) => date)).toEqual(['2026-05-14']);
    expect(rejected.map(({ path }) => path)).toEqual(['2026-05-15', 'never']);
    await expect(daily([1])).rejects.toMatchObject({ kind: 'malformed' });
  });
});
