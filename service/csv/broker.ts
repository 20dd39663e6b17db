import { Decimal, formatDecimal } from '../../core/money/decimal';
import { type Cells, isNegative, isZero, magnitude, readNumber } from './cells';
import { type Draft, type Fault, type Reading, fault, fieldsOf } from './draft';

/**
 * What an action of a broker is to a portfolio.
 * income: a dividend where money comes, a fee where it goes: a dividend that is taken back, interest paid, tax withheld ·
 * transfer: a deposit or a withdrawal, by the sign of the amount.
 */
export type Kind = 'buy' | 'sell' | 'income' | 'transfer' | { readonly skip: string } | { readonly refuse: string };

/** What a broker's row says, whatever the broker. Numbers are cells as they stand in the file. */
export interface BrokerRow {
  readonly kind: Kind;
  readonly executed_at: string;
  readonly symbol: string;
  readonly id: string | null;
  /** Of the row besides its numbers, that tell it from others: the day and the action as they are written. */
  readonly marks: readonly string[];
  /** Names of the columns that the numbers are in. */
  readonly columns: {
    readonly qty: string;
    readonly price: string;
    readonly amount: string;
    readonly fees: readonly string[];
  };
  /** As the broker writes a fee that was paid: 1 where it is positive, -1 where it is taken from the cash. */
  readonly feeSign: 1 | -1;
}

/** Takes for a transaction what a broker's row says. */
export function readBrokerRow(row: BrokerRow, cells: Cells): Reading {
  const { kind, columns } = row;
  if (typeof kind === 'object') return 'skip' in kind ? { skipped: kind.skip } : fault('action', kind.refuse);

  const faults: Fault[] = [];
  const number = (column: string): string | null => {
    const value = readNumber(cells(column));
    if (value === undefined) faults.push({ path: column, message: `must be a number, not ${cells(column)}` });
    return value ?? null;
  };
  const [qty, price, amount] = [number(columns.qty), number(columns.price), number(columns.amount)];
  const fee = feeOf(columns.fees.map(number), row.feeSign);
  const [first, ...more] = faults;
  if (first) return { faults: [first, ...more] };

  const moved = { qty, price, amount, fee };
  const fields = kind === 'buy' || kind === 'sell' ? tradeOf(kind, row, moved) : cashOf(kind, row, moved);
  if ('faults' in fields) return fields;
  return { draft: { fields, id: row.id, marks: [...row.marks, row.symbol, qty, price, amount, fee] } };
}

interface Moved {
  readonly qty: string | null;
  readonly price: string | null;
  readonly amount: string | null;
  readonly fee: string | null;
}
type Fields = Draft['fields'] | { readonly faults: readonly [Fault] };

function tradeOf(type: 'buy' | 'sell', row: BrokerRow, { qty, price, fee }: Moved): Fields {
  // A buy that is taken back has the quantity of a sale: nothing here says which buy it was.
  if (type === 'buy' && qty !== null && isNegative(qty))
    return fault(row.columns.qty, `must be above zero for a buy, not ${qty}: a correction cannot be imported`);
  const known = isZero(price) ? null : price;
  return fieldsOf({
    type,
    executed_at: row.executed_at,
    symbol: row.symbol,
    qty: magnitude(qty),
    price: known,
    fee,
  });
}

function cashOf(kind: 'income' | 'transfer', row: BrokerRow, { qty, amount }: Moved): Fields {
  if (kind === 'transfer' && !isZero(qty))
    return fault('action', 'moves shares, and the file does not tell what they cost: record them as a buy or a sell');
  if (amount === null || isZero(amount)) return fault(row.columns.amount, 'must be an amount of money other than zero');
  const came = !isNegative(amount);
  const type = kind === 'income' ? (came ? 'dividend' : 'fee') : came ? 'deposit' : 'withdrawal';
  const symbol = kind === 'income' && row.symbol !== '' ? row.symbol : null;
  return fieldsOf({ type, executed_at: row.executed_at, symbol, amount: magnitude(amount) });
}

/** What was paid in fees together; null where the row tells none. */
function feeOf(parts: readonly (string | null)[], sign: 1 | -1): string | null {
  const known = parts.filter((part) => part !== null);
  if (known.length === 0) return null;
  return formatDecimal(known.reduce((sum, part) => sum.plus(part), new Decimal(0)).times(sign));
}
