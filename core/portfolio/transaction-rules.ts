import { Decimal, parseDecimal } from '../money/decimal';
import { ZERO } from './amount';
import type { Ratio, Trade, Transaction, TransactionRow, TransactionType } from './transaction';

export type Field = 'symbol' | 'qty' | 'price' | 'amount' | 'fee' | 'ratio';
export type Presence = 'required' | 'optional' | 'absent';

/** What each type needs, may have and must not have. A price may be unknown; a number of shares or of money may not. */
export const FIELD_RULES: Readonly<Record<TransactionType, Readonly<Record<Field, Presence>>>> = {
  buy: { symbol: 'required', qty: 'required', price: 'optional', amount: 'absent', fee: 'optional', ratio: 'absent' },
  sell: { symbol: 'required', qty: 'required', price: 'optional', amount: 'absent', fee: 'optional', ratio: 'absent' },
  dividend: {
    symbol: 'optional',
    qty: 'absent',
    price: 'absent',
    amount: 'required',
    fee: 'optional',
    ratio: 'absent',
  },
  split: { symbol: 'required', qty: 'absent', price: 'absent', amount: 'absent', fee: 'absent', ratio: 'required' },
  deposit: { symbol: 'absent', qty: 'absent', price: 'absent', amount: 'required', fee: 'absent', ratio: 'absent' },
  withdrawal: { symbol: 'absent', qty: 'absent', price: 'absent', amount: 'required', fee: 'absent', ratio: 'absent' },
  fee: { symbol: 'optional', qty: 'absent', price: 'absent', amount: 'required', fee: 'absent', ratio: 'absent' },
};

interface NumberRule {
  /** A fee may be zero. Nothing else may: a price of 0 is an unknown price, spelled wrong. */
  readonly zero: boolean;
  /** Exclusive; the trade ledger's limits (core/trading/order-rules.ts). */
  readonly below: Decimal;
}

/** Of Alpaca's quantities and of the trade ledger's columns. */
const MOST_DECIMALS = 9;

export const NUMBER_RULES: Readonly<Record<'qty' | 'price' | 'amount' | 'fee' | 'ratio', NumberRule>> = {
  qty: { zero: false, below: new Decimal('1e12') },
  price: { zero: false, below: new Decimal('1e9') },
  amount: { zero: false, below: new Decimal('1e15') },
  fee: { zero: true, below: new Decimal('1e15') },
  /** Each side of it. */
  ratio: { zero: false, below: new Decimal('1e6') },
};

export type TransactionErrorCode =
  | 'missing'
  | 'unexpected'
  | 'not_a_decimal'
  | 'not_a_ratio'
  | 'not_a_time'
  | 'too_early'
  | 'not_a_sequence'
  | 'not_positive'
  | 'negative'
  | 'too_many_decimals'
  | 'too_large';

export interface TransactionError {
  readonly code: TransactionErrorCode;
  /** syntax: it makes no sense (400) · rule: it is well formed but may not be (422). */
  readonly kind: 'syntax' | 'rule';
  readonly transaction_id: string;
  readonly path: Field | 'executed_at' | 'sequence';
  /** In words that follow the field's name. */
  readonly message: string;
}

export type ParsedTransaction =
  | { readonly ok: true; readonly transaction: Transaction }
  | { readonly ok: false; readonly errors: readonly TransactionError[] };

type Fault = Pick<TransactionError, 'code' | 'kind' | 'message'>;
type Read<Value> = { readonly value: Value } | { readonly fault: Fault };

/** Reads a transaction, or tells everything that is wrong with it. */
export function parseTransaction(row: TransactionRow): ParsedTransaction {
  const errors: TransactionError[] = [];
  const take = <Value>(path: TransactionError['path'], read: Read<Value>, otherwise: Value): Value => {
    if ('value' in read) return read.value;
    errors.push({ transaction_id: row.transaction_id, path, ...read.fault });
    return otherwise;
  };
  const rules = FIELD_RULES[row.type];
  const field = <Value>(name: Field, read: (text: string) => Read<Value>): Value | null => {
    const text = row[name] ?? null;
    if (text === null) return take(name, rules[name] === 'required' ? missing(row.type) : { value: null }, null);
    return take<Value | null>(name, rules[name] === 'absent' ? unexpected(row.type) : read(text), null);
  };
  const number = (name: 'qty' | 'price' | 'amount' | 'fee') =>
    field(name, (text) => readNumber(text, NUMBER_RULES[name]));

  const fields = {
    symbol: field('symbol', (text) => (text === '' ? missing(row.type) : { value: text })),
    qty: number('qty') ?? ZERO,
    price: number('price'),
    amount: number('amount') ?? ZERO,
    fee: number('fee') ?? ZERO,
    ratio: field('ratio', readRatio) ?? { to: ZERO, from: ZERO },
  };
  const instant = take('executed_at', readInstant(row.executed_at), 0);
  const sequence = take('sequence', readSequence(row.sequence ?? 0), 0);
  if (errors.length > 0) return { ok: false, errors };
  const { transaction_id, executed_at } = row;
  return { ok: true, transaction: assemble(row.type, { transaction_id, executed_at, instant, sequence }, fields) };
}

type Fields = {
  symbol: string | null;
  qty: Decimal;
  price: Decimal | null;
  amount: Decimal;
  fee: Decimal;
  ratio: Ratio;
};
type When = Pick<Transaction, 'transaction_id' | 'executed_at' | 'instant' | 'sequence'>;

/**
 * Only what FIELD_RULES requires of a type is used of it, so the stand-ins for absent fields are never seen. Trades, which
 * are the most, field by field: spreading takes several times as long.
 */
function assemble(type: TransactionType, when: When, { symbol, qty, price, amount, fee, ratio }: Fields): Transaction {
  switch (type) {
    case 'buy':
    case 'sell':
      return tradeOf(type, when, symbol ?? '', qty, price, fee);
    case 'split':
      return { ...when, type, symbol: symbol ?? '', ratio };
    case 'dividend':
      return { ...when, type, symbol, amount, fee };
    case 'fee':
      return { ...when, type, symbol, amount };
    case 'deposit':
    case 'withdrawal':
      return { ...when, type, amount };
  }
}

function tradeOf(
  type: Trade['type'],
  { transaction_id, executed_at, instant, sequence }: When,
  symbol: string,
  qty: Decimal,
  price: Decimal | null,
  fee: Decimal,
): Trade {
  return { transaction_id, executed_at, instant, sequence, type, symbol, qty, price, fee };
}

const fault = (code: TransactionErrorCode, kind: Fault['kind'], message: string) => ({
  fault: { code, kind, message },
});
const missing = (type: TransactionType) => fault('missing', 'syntax', `is required for a ${type}`);
const unexpected = (type: TransactionType) => fault('unexpected', 'syntax', `must be left out of a ${type}`);

function readNumber(text: string, { zero, below }: NumberRule): Read<Decimal> {
  const value = parseDecimal(text);
  if (value === null) return fault('not_a_decimal', 'syntax', `must be a decimal, not ${text}`);
  const isZero = value.isZero();
  const isNegative = value.isNegative() && !isZero;
  if (isNegative && zero) return fault('negative', 'rule', `must not be negative: ${text}`);
  if ((isNegative || isZero) && !zero) return fault('not_positive', 'rule', `must be above zero, not ${text}`);
  if (value.decimalPlaces() > MOST_DECIMALS)
    return fault('too_many_decimals', 'rule', `has at most ${MOST_DECIMALS} decimals, not ${text}`);
  // One of fewer digits is below it, which takes no comparing.
  if (value.e >= below.e && value.gte(below)) return fault('too_large', 'rule', `must be below ${below.toFixed()}`);
  return { value };
}

/** Sides of six digits and nine decimals, and what zeros people write: it is kept as it was written. */
const MOST_RATIO_CHARACTERS = 64;

function readRatio(text: string): Read<Ratio> {
  if (text.length > MOST_RATIO_CHARACTERS)
    return fault('too_large', 'rule', `has at most ${MOST_RATIO_CHARACTERS} characters`);
  const [to, from, ...more] = text.split(':');
  if (to === undefined || from === undefined || more.length > 0)
    return fault('not_a_ratio', 'syntax', `must be new:old, like 2:1, not ${text}`);
  const sides = [readNumber(to, NUMBER_RULES.ratio), readNumber(from, NUMBER_RULES.ratio)] as const;
  if ('fault' in sides[0]) return sides[0];
  if ('fault' in sides[1]) return sides[1];
  return { value: { to: sides[0].value, from: sides[1].value } };
}

/** Before it no broker kept books that anybody imports; databases and calendars differ about the year 0. */
const FIRST_INSTANT = Date.UTC(1900, 0, 1);
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

/** A day that is in no calendar (30 February) would be read as another one. */
function readInstant(text: string): Read<number> {
  const instant = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(instant) || new Date(instant).getUTCDate() !== Number(text.slice(8, 10)))
    return fault('not_a_time', 'syntax', `must be a time in UTC, like 2026-01-31T14:30:00Z, not ${text}`);
  return instant < FIRST_INSTANT ? fault('too_early', 'rule', `must not be before 1900: ${text}`) : { value: instant };
}

const readSequence = (sequence: number): Read<number> =>
  Number.isSafeInteger(sequence) && sequence >= 0
    ? { value: sequence }
    : fault('not_a_sequence', 'syntax', `must be a whole number from 0, not ${sequence}`);
