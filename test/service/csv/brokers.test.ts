import { type CsvFile, readCsv } from '../../../service/csv';

const SCHWAB_HEADER = '"Date","Action","Symbol","Description","Quantity","Price","Fees & Comm","Amount"';
const FIDELITY_HEADER =
  'Run Date,Action,Symbol,Description,Type,Quantity,Price ($),Commission ($),Fees ($),Accrued Interest ($),Amount ($),Settlement Date';
const TRADES_HEADER =
  '"ClientAccountID","CurrencyPrimary","AssetClass","Symbol","DateTime","Buy/Sell","Quantity","TradePrice","IBCommission","IBCommissionCurrency","LevelOfDetail","TransactionID"';
const CASH_HEADER = '"ClientAccountID","CurrencyPrimary","Symbol","Date/Time","Amount","Type","TransactionID"';

function read(...lines: readonly string[]): CsvFile {
  const file = readCsv(lines.join('\r\n'), 'auto');
  if ('unreadable' in file) throw new Error(file.unreadable);
  return file;
}
/** Fields that are there, without the id. */
const said = (file: CsvFile) =>
  file.rows.map(({ row: { external_id: _, ...fields } }) =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)),
  );

describe('schwab', () => {
  const row = (cells: string) => `"01/30/2026",${cells}`;

  it('reads a file with its title and its total, the oldest first', () => {
    const file = read(
      '"Transactions  for account Individual XXXX-1234 as of 02/02/2026 22:00:00 ET"',
      `${SCHWAB_HEADER},`,
      '"02/02/2026","Sell","BRK/B","BERKSHIRE, CLASS B","2","$1,500.25","$0.03","$3,000.47"',
      '"01/31/2026 as of 01/30/2026","Buy","AAPL","APPLE INC","1,000","$10.50","","-$10,500.00",',
      '"Transactions Total","","","","","","","-$7,499.53"',
    );

    expect(file.format).toBe('schwab');
    expect(said(file)).toEqual([
      { type: 'buy', symbol: 'AAPL', qty: '1000', price: '10.5', executed_at: '2026-01-30T00:00:00Z' },
      { type: 'sell', symbol: 'BRK.B', qty: '2', price: '1500.25', fee: '0.03', executed_at: '2026-02-02T00:00:00Z' },
    ]);
    expect(file.skipped).toEqual([{ line: 5, message: 'is the total of the file' }]);
    expect(file.rejected).toEqual([]);
  });

  it.each([
    ['"Qualified Dividend","KO","","","","","$12.40"', { type: 'dividend', symbol: 'KO', amount: '12.4' }],
    ['"Cash Dividend","KO","","","","","($12.40)"', { type: 'fee', symbol: 'KO', amount: '12.4' }],
    ['"NRA Tax Adj","KO","","","","","-$1.86"', { type: 'fee', symbol: 'KO', amount: '1.86' }],
    ['"Bank Interest","","","","","","$0.11"', { type: 'dividend', amount: '0.11' }],
    ['"Margin Interest","","","","","","$-4.20"', { type: 'fee', amount: '4.2' }],
    ['"MoneyLink Transfer","","Tfr","","","","$1,000.00"', { type: 'deposit', amount: '1000' }],
    ['"Wire Sent","","","","","","-$250"', { type: 'withdrawal', amount: '250' }],
    [
      '"Reinvest Shares","KO","","0.1754","$57.00","","-$10.00"',
      { type: 'buy', symbol: 'KO', qty: '0.1754', price: '57' },
    ],
  ])('takes %s for what it does to the portfolio', (cells, fields) => {
    expect(said(read(SCHWAB_HEADER, row(cells)))).toEqual([{ ...fields, executed_at: '2026-01-30T00:00:00Z' }]);
  });

  it.each([
    ['"Levitate","KO","","","","","$1.00"', 'Action', 'is not an action that is known: Levitate'],
    [
      '"Buy to Open","KO 01/16/2026 50.00 C","","1","$1","","-$100"',
      'Action',
      'is not an action that is known: Buy to Open',
    ],
    ['"Stock Split","KO","","9","","",""', 'Action', 'Stock Split tells the shares that came and not the ratio'],
    ['"Journal","KO","","100","","","$0.00"', 'Action', 'moves shares'],
    ['"Buy","KO","","ten","$1","","-$10"', 'Quantity', 'must be a number, not ten'],
    ['"Buy","KO","","-10","$1","","$10"', 'Quantity', 'must be above zero for a buy'],
    ['"Buy","","","10","$1","","-$10"', 'Symbol', 'is required for a buy'],
    ['"Buy","KO","","10","$1","-$1","-$10"', 'Fees & Comm', 'must not be negative: -1'],
    ['"Cash Dividend","KO","","","","",""', 'Amount', 'must be an amount of money'],
    ['"Buy","KO","","10","$1"', 'row', 'has 6 cells under 8 columns'],
  ])('rejects %s and names the line and the column', (cells, path, message) => {
    const file = read(SCHWAB_HEADER, row('"Sell","A","","1","$1","","$1"'), row(cells));

    expect(file.rejected).toEqual([{ line: 3, path, message: expect.stringContaining(message) as string }]);
    expect(file.rows).toHaveLength(1);
  });

  it.each(['02/30/2026', '2026-01-30', '13/01/2026', ''])('rejects the date %p', (date) => {
    const file = read(SCHWAB_HEADER, `"${date}","Sell","A","","1","$1","","$1"`);
    expect(file.rejected).toEqual([expect.objectContaining({ line: 2, path: 'Date' })]);
  });
});

describe('fidelity', () => {
  it('reads a file between blank lines and a disclaimer', () => {
    const file = read(
      '\ufeff',
      '',
      FIDELITY_HEADER,
      ' 02/02/2026, YOU SOLD MODERNA INC COM (MRNA) (Cash), MRNA, MODERNA INC COM,Cash,-50,115.29,1.00,0.13,,5763.37,02/03/2026',
      ' 01/31/2026, DIVIDEND RECEIVED COCA COLA CO (KO) (Cash), KO, COCA COLA CO,Cash,0.000,,,,,51.93,',
      ' 01/30/2026, REINVESTMENT COCA COLA CO (KO) (Cash), KO, COCA COLA CO,Cash,0.9,57.7,,,,-51.93,',
      ' 01/30/2026, REINVESTMENT FIDELITY GOVERNMENT MONEY MARKET (SPAXX) (Cash), SPAXX, ,Cash,8.2,1,,,,-8.2,',
      ' 01/29/2026,Electronic Funds Transfer Received (Cash), , No Description,Cash,0.000,,,,,"2,000.00",',
      ' 01/28/2026,  YOU BOUGHT   APPLE INC (AAPL) (Cash), AAPL, APPLE INC,Cash,10,150.25,,,,-1502.5,01/29/2026',
      '',
      '"The data and information in this spreadsheet is provided to you solely for your use, and',
      'is not for distribution."',
      '"Date downloaded 02/03/2026 9:00 am"',
    );

    expect(file.format).toBe('fidelity');
    expect(said(file)).toEqual([
      { type: 'buy', symbol: 'AAPL', qty: '10', price: '150.25', executed_at: '2026-01-28T00:00:00Z' },
      { type: 'deposit', amount: '2000', executed_at: '2026-01-29T00:00:00Z' },
      { type: 'buy', symbol: 'KO', qty: '0.9', price: '57.7', executed_at: '2026-01-30T00:00:00Z' },
      { type: 'dividend', symbol: 'KO', amount: '51.93', executed_at: '2026-01-31T00:00:00Z' },
      { type: 'sell', symbol: 'MRNA', qty: '50', price: '115.29', fee: '1.13', executed_at: '2026-02-02T00:00:00Z' },
    ]);
    expect(file.skipped.map(({ line }) => line)).toEqual([7, 11, 13]);
    expect(file.rejected).toEqual([]);
  });

  it.each([
    ['YOU SOLD SHORT SALE TESLA INC (TSLA) (Margin)', 'YOU SOLD SHORT is a short sale or an option'],
    ['YOU BOUGHT OPENING TRANSACTION CALL (XLE)', 'is a short sale or an option'],
    ['MERGER MER PAYOUT', 'is not an action that is known: MERGER MER PAYOUT'],
    ['TRANSFERRED FROM VS X12', 'moves shares'],
  ])('rejects %s', (action, message) => {
    const file = read(FIDELITY_HEADER, `01/28/2026,${action},TSLA,TESLA,Cash,10,1,,,,-10,`);
    expect(file.rejected).toEqual([{ line: 2, path: 'Action', message: expect.stringContaining(message) as string }]);
  });

  it('knows columns by their names in whatever order, and rejects money that is not dollars', () => {
    const header = 'Run Date,Account,Action,Symbol,Currency,Price,Quantity,Commission,Fees,Amount';
    const file = read(
      header,
      '01/28/2026,Z1,YOU BOUGHT X (X) (Cash),X,USD,2,10,,,-20',
      '01/28/2026,Z1,YOU BOUGHT X (X) (Cash),X,EUR,2,10,,,-20',
    );
    expect(said(file)).toEqual([
      { type: 'buy', symbol: 'X', qty: '10', price: '2', executed_at: '2026-01-28T00:00:00Z' },
    ]);
    expect(file.rejected).toEqual([{ line: 3, path: 'Currency', message: 'must be USD, not EUR' }]);
  });
});

describe('ibkr', () => {
  const trade = (cells: string) => `"U1","USD","STK",${cells}`;

  it('reads trades and cash, each under its own header, in New York’s time', () => {
    const file = read(
      TRADES_HEADER,
      trade('"BRK B","20260130;093005","BUY","10","450.5","-1.25","USD","EXECUTION","900"'),
      trade('"BRK B","2026-07-01, 16:00:00","SELL","-4","460","0","USD","EXECUTION","901"'),
      trade('"BRK B","20260701","SELL","-4","460","0","USD","ORDER",""'),
      CASH_HEADER,
      '"U1","USD","","20260102","5000","Deposits/Withdrawals","10"',
      '"U1","USD","KO","20260302;202000","8.5","Dividends","11"',
      '"U1","USD","KO","20260302;202000","-1.28","Withholding Tax","12"',
    );

    expect(file.format).toBe('ibkr');
    expect(said(file)).toEqual([
      { type: 'buy', symbol: 'BRK.B', qty: '10', price: '450.5', fee: '1.25', executed_at: '2026-01-30T14:30:05.000Z' },
      { type: 'sell', symbol: 'BRK.B', qty: '4', price: '460', fee: '0', executed_at: '2026-07-01T20:00:00.000Z' },
      { type: 'deposit', amount: '5000', executed_at: '2026-01-02T00:00:00Z' },
      { type: 'dividend', symbol: 'KO', amount: '8.5', executed_at: '2026-03-03T01:20:00.000Z' },
      { type: 'fee', symbol: 'KO', amount: '1.28', executed_at: '2026-03-03T01:20:00.000Z' },
    ]);
    expect(file.rows.map(({ row }) => row.external_id)).toEqual([
      'ibkr:900',
      'ibkr:901',
      'ibkr:10',
      'ibkr:11',
      'ibkr:12',
    ]);
    expect(file.skipped.map(({ line }) => line)).toEqual([4, 5]);
  });

  it.each([
    [
      '"U1","EUR","STK","SAP","20260130","BUY","1","1","0","EUR","EXECUTION","1"',
      'CurrencyPrimary',
      'must be USD, not EUR',
    ],
    [
      '"U1","USD","STK","SAP","20260130","BUY","1","1","0","EUR","EXECUTION","1"',
      'IBCommissionCurrency',
      'must be USD',
    ],
    ['"U1","USD","OPT","SAP","20260130","BUY","1","1","0","USD","EXECUTION","1"', 'AssetClass', 'must be STK or FUND'],
    [
      '"U1","USD","STK","SAP","20260130","BUY (Ca.)","1","1","0","USD","EXECUTION","1"',
      'Buy/Sell',
      'must be BUY or SELL',
    ],
    [
      '"U1","USD","STK","SAP","20260130","BUY","1","1","0.5","USD","EXECUTION","1"',
      'IBCommission',
      'must not be negative',
    ],
    ['"U1","USD","STK","SAP","20260230","BUY","1","1","0","USD","EXECUTION","1"', 'DateTime', 'must be a date'],
  ])('rejects %s', (row, path, message) => {
    const file = read(TRADES_HEADER, row);
    expect(file.rejected).toEqual([{ line: 2, path, message: expect.stringContaining(message) as string }]);
  });

  it('rejects corporate actions and unknown types, and skips sections without transactions', () => {
    const file = read(
      'ClientAccountID,CurrencyPrimary,Symbol,ActionDescription,Amount,Type',
      'U1,USD,NVDA,NVDA(US67066G1040) SPLIT 10 FOR 1,0,FS',
      'ClientAccountID,CurrencyPrimary,FromDate,ToDate,StartingValue',
      'U1,USD,20260101,20260131,100',
      CASH_HEADER,
      '"U1","USD","","20260102","5000","Alchemy","10"',
    );
    expect(file.rejected.map(({ line, path }) => [line, path])).toEqual([
      [2, 'ActionDescription'],
      [6, 'Type'],
    ]);
    expect(file.skipped.map(({ line }) => line)).toEqual([3, 4, 5]);
  });
});

describe('ids of rows that bring none', () => {
  const buys = (...days: readonly string[]) =>
    read(SCHWAB_HEADER, ...days.map((day) => `"${day}","Buy","KO","","10","$57.00","","-$570.00"`));
  const ids = (file: CsvFile) => file.rows.map(({ row }) => row.external_id);

  it('are the same in a file that overlaps, however its numbers are spelled', () => {
    const first = buys('01/30/2026', '01/29/2026');
    const later = read(
      SCHWAB_HEADER,
      '"02/01/2026","Buy","KO","COCA COLA CO","10","$57.00","","-$570.00"',
      '"01/30/2026","Buy","KO","COCA COLA CO","10.0","57","","($570)"',
    );
    expect(ids(later)[0]).toBe(ids(first)[1]);
    expect(ids(first)).not.toContain(ids(later)[1]);
  });

  it('differ for two equal rows of one file, and stay the same when it is read again', () => {
    const twice = buys('01/30/2026', '01/30/2026');
    expect(new Set(ids(twice)).size).toBe(2);
    expect(ids(buys('01/30/2026', '01/30/2026'))).toEqual(ids(twice));
    expect(ids(twice)).toContain(ids(buys('01/30/2026'))[0]);
  });

  it('differ between brokers', () => {
    const [fidelity] = ids(read(FIDELITY_HEADER, '01/30/2026,YOU BOUGHT KO,KO,,Cash,10,57,,,,-570,'));
    expect(fidelity).toMatch(/^fidelity:[0-9a-f]{32}$/);
    expect(ids(buys('01/30/2026'))[0]).toMatch(/^schwab:[0-9a-f]{32}$/);
  });
});
