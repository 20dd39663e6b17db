import { type BrokerRow, type Kind, readBrokerRow } from './broker';
import { type Cells, cellsOf, dayOf, exchangeTime } from './cells';
import { fault, type Reading } from './draft';
import { has, type Preset } from './preset';

/** Values of the column "Type" of Cash Transactions. */
const CASH_KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['Deposits & Withdrawals', 'transfer'],
  ['Deposits/Withdrawals', 'transfer'],
  ['Dividends', 'income'],
  ['Payment In Lieu Of Dividends', 'income'],
  ['Withholding Tax', 'income'],
  ['Broker Interest Paid', 'income'],
  ['Broker Interest Received', 'income'],
  ['Bond Interest Paid', 'income'],
  ['Bond Interest Received', 'income'],
  ['Other Fees', 'income'],
  ['Commission Adjustments', 'income'],
]);

/** A query may add sums of the rows to the rows: by order, by symbol, by day. */
const ROW_LEVELS: ReadonlySet<string> = new Set(['', 'EXECUTION', 'DETAIL']);

/**
 * Interactive Brokers, a Flex Query as CSV with column headers, sections Trades (executions) and Cash Transactions (detail),
 * one or both: each section has its own header. Times are New York's. Fees are negative where they were paid.
 */
export const ibkr: Preset = {
  format: 'ibkr',
  mark: 'currencyprimary',
  columns: {
    qty: 'quantity',
    price: 'tradeprice',
    amount: 'amount',
    fee: 'ibcommission',
    symbol: 'symbol',
    executed_at: 'datetime',
  },
  isHeader: (columns) => has(columns, 'currencyprimary'),
  reader: (columns) => {
    const isTrades = has(columns, 'buy/sell', 'quantity', 'tradeprice');
    const isCash = has(columns, 'type', 'amount') && !has(columns, 'actiondescription');
    const at = cellsOf(columns);
    return (row) => {
      const cells = at(row);
      if (has(columns, 'actiondescription'))
        return fault(
          'actiondescription',
          `is a corporate action, to be recorded by hand: ${cells('actiondescription')}`,
        );
      if (!isTrades && !isCash) return { skipped: 'is of a section without transactions' };
      if (!ROW_LEVELS.has(cells('levelofdetail').toUpperCase()))
        return { skipped: `is a sum of other rows: ${cells('levelofdetail')}` };
      return isTrades ? readTrade(cells) : readCash(cells);
    };
  },
};

function readTrade(cells: Cells): Reading {
  const side = cells('buy/sell').toUpperCase();
  if (side !== 'BUY' && side !== 'SELL') return fault('buy/sell', `must be BUY or SELL, not ${cells('buy/sell')}`);
  const asset = cells('assetclass').toUpperCase();
  if (asset !== '' && asset !== 'STK' && asset !== 'FUND')
    return fault('assetclass', `must be STK or FUND, not ${asset}: portfolios hold shares`);
  return readRow(side === 'BUY' ? 'buy' : 'sell', `Trades ${side}`, cells, {
    qty: 'quantity',
    price: 'tradeprice',
    amount: 'netcash',
    fees: ['ibcommission', 'taxes'],
  });
}

function readCash(cells: Cells): Reading {
  const kind = CASH_KINDS.get(cells('type'));
  if (kind === undefined) return fault('type', `is not a type that is known: ${cells('type')}`);
  return readRow(kind, cells('type'), cells, { qty: 'quantity', price: 'tradeprice', amount: 'amount', fees: [] });
}

function readRow(kind: Kind, action: string, cells: Cells, columns: BrokerRow['columns']): Reading {
  for (const column of ['currencyprimary', 'ibcommissioncurrency']) {
    const currency = cells(column);
    if (currency !== '' && currency !== 'USD') return fault(column, `must be USD, not ${currency}`);
  }
  const shown = [cells('datetime'), cells('date/time'), cells('tradedate'), cells('settledate'), cells('reportdate')];
  const when = shown.find((cell) => cell !== '') ?? '';
  const executed_at = timeOf(when);
  if (executed_at === null) return fault('datetime', `must be a date, like 20260131 or 2026-01-31;093000, not ${when}`);
  // "BRK B" is a class of shares.
  const symbol = cells('symbol').toUpperCase().replace(' ', '.');
  const id = cells('transactionid') || (cells('tradeid') && `trade ${cells('tradeid')}`);
  const marks = [executed_at, action, cells('description')];
  return readBrokerRow({ kind, executed_at, symbol, id: id || null, marks, columns, feeSign: -1 }, cells);
}

const TIME = /^(\d{4})-?(\d{2})-?(\d{2})(?:[;,T ]+\s*(\d{2}):?(\d{2}):?(\d{2}))?$/;

/** A query lets its owner choose: 20260131;093000 · 2026-01-31;09:30:00 · 2026-01-31, 09:30:00 · 20260131 */
function timeOf(text: string): string | null {
  const [, year, month, day, hours, minutes, seconds] = TIME.exec(text) ?? [];
  const date = `${year}-${month}-${day}`;
  return hours === undefined ? dayOf(date) : exchangeTime(date, `${hours}:${minutes}:${seconds}`);
}
