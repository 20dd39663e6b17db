import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import { history, type HistoryRow } from '../../../../contract/history';
import { historyFiles } from '../../../../lambda/adapters/history/history-files';
import { parquetOf } from '../../../../lambda/adapters/history/parquet';
import type { ObjectStore } from '../../../../lambda/adapters/object-store';

const fileOf = (bytes: Uint8Array): ArrayBuffer =>
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;

const holding = (fields: Partial<HistoryRow<'holdings'>>): HistoryRow<'holdings'> => ({
  portfolio_id: 'P1',
  symbol: 'AAPL',
  qty: '10',
  avg_entry_price: null,
  cost_basis: null,
  close: '150.25',
  close_date: '2026-01-30',
  market_value: '1502.5',
  unrealized_pl: null,
  realized_pl: '-3.5',
  dividends: '0',
  fees: '0',
  stale: false,
  ...fields,
});

describe('a Parquet file', () => {
  it('says what its rows said, unknown as null', async () => {
    const file = fileOf(
      parquetOf('holdings', [holding({}), holding({ symbol: null, qty: '-0.000000001', stale: true })]),
    );
    const rows = await parquetReadObjects({ file });

    expect(rows).toEqual([
      {
        portfolio_id: 'P1',
        symbol: 'AAPL',
        qty: 10,
        avg_entry_price: null,
        cost_basis: null,
        close: 150.25,
        close_date: new Date('2026-01-30'),
        market_value: 1502.5,
        unrealized_pl: null,
        realized_pl: -3.5,
        dividends: 0,
        fees: 0,
        stale: false,
      },
      expect.objectContaining({ symbol: null, qty: -1e-9, stale: true }),
    ]);
  });

  it('has times and whole numbers of their own types', async () => {
    const row: HistoryRow<'transactions'> = {
      portfolio_id: 'P1',
      transaction_id: 'T1',
      type: 'split',
      symbol: 'AAPL',
      qty: null,
      price: null,
      amount: null,
      fee: null,
      ratio: '2:1',
      currency: 'USD',
      executed_at: '2026-01-30T14:30:00.123Z',
      recorded_at: '2026-01-31T00:00:00Z',
      source: 'trade',
      trade_id: null,
      sequence: 9_007_199_254_740_991,
    };
    const [read] = await parquetReadObjects({ file: fileOf(parquetOf('transactions', [row])) });
    expect(read).toMatchObject({
      executed_at: new Date('2026-01-30T14:30:00.123Z'),
      recorded_at: new Date('2026-01-31T00:00:00Z'),
      sequence: 9_007_199_254_740_991n,
      ratio: '2:1',
    });
  });

  it('has the columns of the contract, decimals as DECIMAL(38,9)', () => {
    const { schema } = parquetMetadata(fileOf(parquetOf('holdings', [holding({})])));
    const columns = parquetSchema({ schema }).children;
    expect(columns.map(({ element }) => element.name)).toEqual(history.holdings.map(({ name }) => name));
    expect(columns[2]?.element).toMatchObject({
      type: 'FIXED_LEN_BYTE_ARRAY',
      type_length: 16,
      converted_type: 'DECIMAL',
      precision: 38,
      scale: 9,
    });
  });

  it.each([
    ['12345678901234567890123456789.123456789', 12345678901234567890123456789123456789n],
    ['-12345678901234567890123456789.123456789', -12345678901234567890123456789123456789n],
    ['0.0000000005', 0n],
    ['0.0000000015', 2n],
  ])('keeps every digit of %s, to nine places', async (qty, unscaled) => {
    const file = fileOf(parquetOf('holdings', [holding({ qty })]));
    const metadata = parquetMetadata(file);
    // Without its meaning the column is read as the bytes that it is: the reader makes doubles of decimals.
    for (const element of metadata.schema) if (element.name === 'qty') delete element.converted_type;
    const [row] = await parquetReadObjects({ file, metadata, columns: ['qty'] });
    const bytes = (row as { qty: Uint8Array }).qty;
    expect(BigInt.asIntN(128, BigInt(`0x${Buffer.from(bytes).toString('hex')}`))).toBe(unscaled);
  });

  it('has the same bytes for the same rows', () => {
    expect(parquetOf('holdings', [holding({})])).toEqual(parquetOf('holdings', [holding({})]));
  });
});

describe('the files of a day', () => {
  const folder = () => {
    const files = new Map<string, Uint8Array>();
    const store: ObjectStore = {
      put: (key, body) => {
        files.set(key, body);
        return Promise.resolve();
      },
    };
    const rows = async () =>
      (await Promise.all([...files.values()].map((body) => parquetReadObjects({ file: fileOf(body) })))).flat();
    return { files, store, rows };
  };
  const symbols = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => holding({ symbol: `S${from + at}` }));
  const write = async (store: ObjectStore, ...pages: readonly (readonly HistoryRow<'holdings'>[])[]) => {
    const day = historyFiles(store, 'holdings', '2026-01-30', 10);
    for (const page of pages) await day.add(page);
    return day.end();
  };

  it('are parts of so many rows, and one without any', async () => {
    const { files, store, rows } = folder();
    expect(await write(store, symbols(0, 4), symbols(4, 25))).toBe(25);
    expect([...files.keys()]).toEqual([0, 1, 2, 3].map((part) => `holdings/date=2026-01-30/part-0000${part}.parquet`));
    expect((await rows()).map(({ symbol }): unknown => symbol)).toEqual(symbols(0, 25).map(({ symbol }) => symbol));
  });

  it('are there for a day without rows', async () => {
    const { files, store, rows } = folder();
    expect(await write(store)).toBe(0);
    expect([...files.keys()]).toEqual(['holdings/date=2026-01-30/part-00000.parquet']);
    expect(await rows()).toEqual([]);
  });

  it('replace themselves, with a part less too', async () => {
    const { store, rows } = folder();
    await write(store, symbols(0, 25));
    await write(store, symbols(0, 12));
    expect(await rows()).toHaveLength(12);
  });
});
