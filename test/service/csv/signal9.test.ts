import fc from 'fast-check';
import { MAX_IMPORT_ROWS } from '../../../contract/schemas/portfolios';
import { type CsvFile, identityOf, readCsv, writeCsv } from '../../../service/csv';
import type { StoredTransaction } from '../../../lambda/adapters/portfolio/portfolios';

function read(text: string): CsvFile {
  const file = readCsv(text, 'auto');
  if ('unreadable' in file) throw new Error(file.unreadable);
  return file;
}

const nothing = { symbol: null, qty: null, price: null, amount: null, fee: null, ratio: null };
const stored = (fields: Partial<StoredTransaction>): StoredTransaction => ({
  transaction_id: '01JZZZZZZZZZZZZZZZZZZZZZZ1',
  portfolio_id: '01JZZZZZZZZZZZZZZZZZZZZZZA',
  type: 'deposit',
  ...nothing,
  currency: 'USD',
  executed_at: '2026-01-30T14:30:00.000Z',
  sequence: null,
  external_id: null,
  source: 'manual',
  trade_id: null,
  created_at: '2026-01-31T00:00:00.000Z',
  named_portfolio_id: null,
  ...fields,
});
/** A file's rows as another portfolio keeps them. */
const kept = (file: CsvFile): readonly StoredTransaction[] =>
  file.rows.map(({ row }, at) =>
    stored({ ...row, transaction_id: `01K${String(at).padStart(23, '0')}`, source: 'import' }),
  );

const whole = (most: number) => fc.bigInt({ min: 1n, max: BigInt(most) }).map(String);
const decimal = fc
  .tuple(whole(10 ** 8), fc.stringMatching(/^\d{0,9}$/))
  .map(([units, decimals]) => (decimals === '' ? units : `${units}.${decimals}`));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const symbol = fc.constantFrom('AAPL', 'BRK.B', 'T', 'BAC.PRL');
const fields = fc.oneof(
  fc.record({
    type: fc.constantFrom('buy' as const, 'sell' as const),
    symbol,
    qty: decimal,
    price: maybe(decimal),
    fee: maybe(decimal),
  }),
  fc.record({ type: fc.constant('dividend' as const), symbol: maybe(symbol), amount: decimal, fee: maybe(decimal) }),
  fc.record({
    type: fc.constant('split' as const),
    symbol,
    ratio: fc.tuple(whole(999), whole(999)).map((sides) => sides.join(':')),
  }),
  fc.record({ type: fc.constantFrom('deposit' as const, 'withdrawal' as const), amount: decimal }),
  fc.record({ type: fc.constant('fee' as const), symbol: maybe(symbol), amount: decimal }),
);
/** Text of one line, with everything that CSV and spreadsheets stumble over. */
const text = fc
  .array(fc.constantFrom('=', '+', '-', '@', "'", '"', ',', ';', '＝', 'é', '\\', 'a', '1', ' ', '#'), {
    minLength: 1,
    maxLength: 12,
  })
  .map((parts) => parts.join('').trim())
  .filter((line) => line !== '');
const transactions = fc
  .array(
    fc.record({
      fields,
      external_id: maybe(text),
      sequence: maybe(fc.nat()),
      executed_at: fc.date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
    }),
    { maxLength: 20 },
  )
  .map((rows) =>
    rows
      .map((row, at) =>
        stored({
          ...row.fields,
          transaction_id: `01J${String(at).padStart(23, '0')}`,
          external_id: row.external_id === null ? null : `${row.external_id}${at}`,
          sequence: row.sequence,
          executed_at: row.executed_at.toISOString(),
        }),
      )
      .sort((a, b) => (a.executed_at < b.executed_at ? -1 : 1)),
  );

describe('what is exported', () => {
  it('comes back as it was, and is the same file from another portfolio', () => {
    fc.assert(
      fc.property(transactions, (rows) => {
        const written = writeCsv(rows);
        const file = read(written);
        expect(file.rejected).toEqual([]);
        expect(file.skipped).toEqual([]);
        expect(file.rows.map(({ row }) => row.external_id)).toEqual(rows.map(identityOf));
        expect(writeCsv(kept(file))).toBe(written);
      }),
      { numRuns: 300 },
    );
  });

  it('is a header, and a row for each, in the order of replay', () => {
    const written = writeCsv([
      stored({ amount: '1000.00' }),
      stored({
        type: 'buy',
        symbol: 'BRK.B',
        qty: '1.5',
        price: '400',
        external_id: 'a, "b"',
        source: 'trade',
        sequence: 7,
      }),
    ]);
    expect(written.split('\r\n')).toEqual([
      'type,symbol,qty,price,amount,fee,ratio,currency,executed_at,sequence,external_id',
      'deposit,,,,1000.00,,,USD,2026-01-30T14:30:00.000Z,,signal9:01JZZZZZZZZZZZZZZZZZZZZZZ1',
      'buy,BRK.B,1.5,400,,,,USD,2026-01-30T14:30:00.000Z,7,"a, ""b"""',
      '',
    ]);
  });

  it('tells of a transaction, of a booked trade too, under an id by which its own portfolio knows it', () => {
    const rows = [
      stored({ amount: '1' }),
      stored({
        type: 'buy',
        symbol: 'A',
        qty: '1',
        source: 'trade',
        sequence: 1,
        transaction_id: '01JZZZZZZZZZZZZZZZZZZZZZZ2',
      }),
    ];
    const known = new Set(rows.map(identityOf));
    expect(read(writeCsv(rows)).rows.filter(({ row }) => !known.has(row.external_id))).toEqual([]);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', "'=1", '＝1'])('gives spreadsheets no formula to run: %s', (external_id) => {
    const written = writeCsv([stored({ amount: '1', external_id })]);
    expect(written).toContain(`,'${external_id}\r\n`);
    expect(read(written).rows[0]?.row.external_id).toBe(external_id);
  });
});

describe('a file of one’s own', () => {
  it.each([
    ['LF', 'executed_at,type,amount\n2026-01-30,deposit,5\n\n\n'],
    ['CR LF and a byte order mark', '\ufeffexecuted_at,type,amount\r\n2026-01-30,deposit,5\r\n'],
    ['CR', 'executed_at,type,amount\r2026-01-30,deposit,5'],
    ['semicolons', 'executed_at;type;amount\n2026-01-30;deposit;5\n'],
    ['tabs', 'executed_at\ttype\tamount\n2026-01-30\tdeposit\t5\n'],
    ['capitals and spaces', 'Executed_At, Type ,AMOUNT\n 2026-01-30 ,Deposit, 5 \n'],
  ])('is read with %s', (_, text) => {
    const { format, rows } = read(text);
    expect(format).toBe('signal9');
    expect(rows).toEqual([
      {
        line: 2,
        row: {
          ...nothing,
          type: 'deposit',
          amount: '5',
          executed_at: '2026-01-30T00:00:00Z',
          sequence: null,
          external_id: expect.stringMatching(/^signal9:[0-9a-f]{32}$/) as string,
        },
      },
    ]);
  });

  it('counts lines as an editor does, through line breaks in quotes and blank lines', () => {
    const text =
      'type,amount,executed_at,external_id\r\n\r\ndeposit,x,2026-01-30,"a\r\nb"\r\ndeposit,y,2026-01-30,"a\nb"\r\n\r\ndeposit,z,2026-01-30,c\r\n';
    const { rejected } = read(text);
    expect(rejected.filter(({ path }) => path === 'amount').map(({ line }) => line)).toEqual([3, 5, 8]);
    expect(rejected.filter(({ path }) => path === 'external_id').map(({ line }) => line)).toEqual([3, 5]);
  });

  it.each([
    ['buy,AAPL,1,2,,,,2026-01-30', null],
    ['buy,AAPL,1,,,,,2026-01-30T09:30:00-05:00', null],
    ['lend,AAPL,1,2,,,,2026-01-30', 'type'],
    ['buy,AA PL,1,2,,,,2026-01-30', 'symbol'],
    ['buy,AAPL,"1,000",2,,,,2026-01-30', 'qty'],
    ['buy,AAPL,1,0,,,,2026-01-30', 'price'],
    ['buy,AAPL,1,2,,-1,,2026-01-30', 'fee'],
    ['buy,AAPL,1,2,3,,,2026-01-30', 'amount'],
    ['split,AAPL,,,,,2,2026-01-30', 'ratio'],
    ['buy,AAPL,1,2,,,,01/30/2026', 'executed_at'],
    ['buy,AAPL,1,2,,,,2026-02-30', 'executed_at'],
    ['buy,AAPL,1,2,,,', 'row'],
  ])('has each row judged by the rules of transactions: %s', (row, path) => {
    const { rejected } = read(`type,symbol,qty,price,amount,fee,ratio,executed_at\n${row}\n`);
    expect(rejected.map((fault) => [fault.line, fault.path])).toEqual(path === null ? [] : [[2, path]]);
  });

  it('says a time with an offset in UTC', () => {
    const { rows } = read('type,amount,executed_at\ndeposit,1,2026-01-30T09:30:00-05:00\n');
    expect(rows[0]?.row.executed_at).toBe('2026-01-30T14:30:00.000Z');
  });

  it('takes one id for one transaction', () => {
    const { rows, skipped, rejected } = read(
      'type,amount,executed_at,external_id\ndeposit,1,2026-01-30,a\ndeposit,1,2026-01-30,a\ndeposit,2,2026-01-30,a\n',
    );
    expect(rows).toHaveLength(1);
    expect(skipped).toEqual([{ line: 3, message: 'says the same as line 2, under one id' }]);
    expect(rejected).toEqual([
      { line: 4, path: 'external_id', message: 'is that of line 2, which says something else' },
    ]);
  });

  it('knows transactions by the ids that the API tells of them', () => {
    const { rows } = read(
      'transaction_id,type,amount,executed_at,external_id\n01JZZZZZZZZZZZZZZZZZZZZZZ1,deposit,1,2026-01-30,\n',
    );
    expect(rows[0]?.row.external_id).toBe(identityOf(stored({})));
  });

  it('may not be of another currency', () => {
    const { rejected } = read('type,amount,currency,executed_at\ndeposit,1,EUR,2026-01-30\n');
    expect(rejected).toEqual([{ line: 2, path: 'currency', message: 'must be USD, not EUR' }]);
  });
});

describe('a file that cannot be read', () => {
  const header = 'type,amount,executed_at\n';

  it.each([
    ['is empty', '', null, 'header'],
    ['has no header that is known', 'a,b\n1,2\n', null, 'header'],
    ['has a column that is spelled wrong', 'type,amont,executed_at\ndeposit,1,2026-01-30\n', 1, 'amont'],
    ['has a column twice', 'type,type,executed_at\ndeposit,1,2026-01-30\n', 1, 'twice'],
    [
      'opens quotes and does not close them',
      `${header}deposit,1,2026-01-30\ndeposit,"1,2026-01-30\n`,
      3,
      'never closed',
    ],
    ['has quotes in the middle', `${header}deposit,1,2026-01-30\ndeposit,1"2",2026-01-30\n`, 3, 'do not fit'],
    ['is UTF-16', Buffer.from(header, 'utf16le').toString('utf8'), 1, 'UTF-8'],
    ['has bytes that are no UTF-8', `${header}deposit,\ufffd,2026-01-30\n`, 2, 'UTF-8'],
    [
      'has too many rows',
      header + 'deposit,1,2026-01-30\n'.repeat(MAX_IMPORT_ROWS + 1),
      MAX_IMPORT_ROWS + 2,
      'at most 50000',
    ],
  ])('%s', (_, text, line, message) => {
    expect(readCsv(text, 'auto')).toEqual({ line, unreadable: expect.stringContaining(message) as string });
  });

  it('is of another format than was said', () => {
    expect(readCsv(`${header}deposit,1,2026-01-30\n`, 'schwab')).toMatchObject({ line: null });
  });
});
