import { TRANSACTION_TYPES, type TransactionType } from '../../core/portfolio';
import { formatDecimal, parseDecimal } from '../../core/money/decimal';
import { cellsOf, dayOf } from './cells';
import { type Draft, fault, type Reading } from './draft';
import { has, type Preset } from './preset';

/** What the export writes, in this order. */
export const COLUMNS = [
  'type',
  'symbol',
  'qty',
  'price',
  'amount',
  'fee',
  'ratio',
  'currency',
  'executed_at',
  'sequence',
  'external_id',
] as const;

/** What the API tells of a transaction besides, and an import cannot set. */
const IGNORED = ['transaction_id', 'portfolio_id', 'source', 'trade_id', 'created_at'] as const;

const KNOWN: ReadonlySet<string> = new Set([...COLUMNS, ...IGNORED]);

/** The id under which an export tells of a transaction that has no external_id. */
export const ownId = (transactionId: string): string => `signal9:${transactionId}`;

/** The platform's own format. Columns in any order, the empty ones may be left out; an unknown one is a spelling mistake. */
export const signal9: Preset = {
  format: 'signal9',
  mark: 'executed_at',
  columns: {},
  isHeader: (columns) => has(columns, 'type', 'executed_at'),
  problem: (columns) => {
    const unknown = columns.find((name) => !KNOWN.has(name));
    if (unknown !== undefined) return `has a column that is not known: ${unknown}; known are ${COLUMNS.join(', ')}`;
    const twice = columns.find((name, at) => columns.indexOf(name) !== at);
    return twice === undefined ? null : `has the column ${twice} twice`;
  },
  reader: (columns) => {
    const at = cellsOf(columns);
    return (row) => {
      const cells = at(row);
      return readOwnRow((column) => unguarded(cells(column)));
    };
  },
};

function readOwnRow(cells: (column: string) => string): Reading {
  const type = TRANSACTION_TYPES.find((name) => name === cells('type').toLowerCase());
  if (type === undefined) return fault('type', `must be one of ${TRANSACTION_TYPES.join(', ')}, not ${cells('type')}`);
  const currency = cells('currency');
  if (currency !== '' && currency !== 'USD') return fault('currency', `must be USD, not ${currency}`);
  const sequence = cells('sequence');
  if (sequence !== '' && !/^\d{1,15}$/.test(sequence))
    return fault('sequence', `must be a whole number from 0, not ${sequence}`);

  const fields = fieldsOfOwn(type, cells);
  const id = cells('external_id') || (cells('transaction_id') && ownId(cells('transaction_id'))) || null;
  const { symbol, qty, price, amount, fee, ratio, executed_at } = fields;
  return { draft: { fields, id, marks: [type, symbol, qty, price, amount, fee, ratio, executed_at, sequence] } };
}

function fieldsOfOwn(type: TransactionType, cells: (column: string) => string): Draft['fields'] {
  const text = (column: string) => cells(column) || null;
  const number = (column: string) => plain(text(column));
  return {
    type,
    symbol: text('symbol')?.toUpperCase() ?? null,
    qty: number('qty'),
    price: number('price'),
    amount: number('amount'),
    fee: number('fee'),
    ratio: text('ratio'),
    executed_at: instantOf(cells('executed_at')),
    sequence: text('sequence') === null ? null : Number(cells('sequence')),
  };
}

/** A decimal as answers spell it, ".5" as "0.5"; one that is spelled so already stays as it is, zeros and all. */
function plain(text: string | null): string | null {
  if (text === null || /^\d+(\.\d+)?$/.test(text)) return text;
  const value = parseDecimal(text);
  return value === null ? text : formatDecimal(value);
}

/** A day stands for its beginning, a time with an offset for the same in UTC; the rules judge what else there is. */
function instantOf(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return dayOf(text) ?? text;
  const withOffset = /T.*[+-]\d{2}:\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(withOffset) ? text : new Date(withOffset).toISOString();
}

/** Spreadsheets run a cell that begins so as a formula, in the full width of East Asian characters too. */
const FORMULA = /^'*[=+\-@\t\r＝＋－＠]/u;

/** A cell that no spreadsheet takes for a formula. One with apostrophes before it gets another, so that all come back. */
export const guarded = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);
const unguarded = (text: string): string => (text.startsWith("'") && FORMULA.test(text) ? text.slice(1) : text);
