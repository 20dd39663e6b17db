import { Decimal, formatDecimal, roundDecimal } from '../money/decimal';

/**
 * An exact amount, or why there is none. An unknown is never 0: it makes unknown what is computed from it, and nothing
 * else, and it carries its reason to the output.
 */
export type Amount = Decimal | Unknown;

export interface Unknown {
  readonly unknown: Reason;
}

/** Why a figure is null. */
export interface Reason {
  readonly code: ReasonCode;
  /** In words, naming the transaction, symbol or date at fault. */
  readonly message: string;
}

export type ReasonCode =
  /** A buy or sell was entered without its price. */
  | 'trade_price_unknown'
  /** The market's price is not known. */
  | 'price_unknown'
  /** More was sold than was ever held: what the surplus cost is not known. */
  | 'oversold'
  /** Nothing is held, so there is no price, cost or weight per share of it. */
  | 'no_position'
  /** Nobody recorded deposits or withdrawals: what cash there is cannot be told. */
  | 'no_cash_account'
  /** Nothing was invested in the period. */
  | 'no_capital'
  /** A value or an average capital that is zero or below has no return. */
  | 'capital_not_positive'
  /** More was lost than was there. */
  | 'loss_exceeds_capital'
  | 'shorter_than_a_year'
  | 'same_sign_flows'
  | 'no_time_passed'
  | 'no_convergence';

export const ZERO = new Decimal(0);

export const unknown = (code: ReasonCode, message: string): Unknown => ({ unknown: { code, message } });
export const isKnown = (amount: Amount): amount is Decimal => !('unknown' in amount);
export const reasonOf = (amount: Amount): Reason | null => (isKnown(amount) ? null : amount.unknown);

/** Of two unknowns the first one's reason is kept. */
const both =
  (operation: (a: Decimal, b: Decimal) => Amount) =>
  (a: Amount, b: Amount): Amount =>
    !isKnown(a) ? a : !isKnown(b) ? b : operation(a, b);

/** Decimals are added at the price of a new one: most sums begin with nothing, and many fees are none. */
export const add = (a: Decimal, b: Decimal): Decimal => (a.isZero() ? b : b.isZero() ? a : a.plus(b));

export const plus = both(add);
export const minus = both((a, b) => (b.isZero() ? a : a.minus(b)));
export const times = both((a, b) => a.times(b));
export const sum = (amounts: readonly Amount[]): Amount => amounts.reduce(plus, ZERO);

/** a ÷ b, or the given reason where b is zero. */
export const over = (a: Amount, b: Amount, whenZero: Unknown): Amount =>
  both((x, y) => (y.isZero() ? whenZero : x.div(y)))(a, b);

/**
 * Decimals of what is carried between transactions. Nine of a quantity times nine of a price is eighteen, exact; only a
 * share of a cost, or of a quantity in a reverse split, is ever rounded to it. Sums of such amounts are exact in the 40
 * digits of money/decimal up to 10^20, so that what is taken and what is left add up to what there was.
 */
const CARRIED_DECIMALS = 20;

/** part ÷ whole of an amount, to the carried decimals. */
export const share = (amount: Decimal, part: Decimal, whole: Decimal): Decimal =>
  roundDecimal(part === whole ? amount : amount.times(part).div(whole), CARRIED_DECIMALS);

/** Decimals of every quantity and amount that is put out, as the trade ledger's columns have. */
const OUTPUT_DECIMALS = 9;
/** Decimals of every ratio that is put out: a double holds them of returns below 1000. */
const RATIO_DECIMALS = 12;

/** A decimal string, rounded half to even at the ninth decimal, without trailing zeros; null where unknown. */
export const shown = (amount: Amount): string | null =>
  isKnown(amount) ? formatDecimal(roundDecimal(amount, OUTPUT_DECIMALS)) : null;

/** A JSON number, rounded half to even at the twelfth decimal; null where unknown. */
export const shownRatio = (amount: Amount): number | null =>
  isKnown(amount) ? Number(formatDecimal(roundDecimal(amount, RATIO_DECIMALS))) : null;

/** Name → reason, of the unknown ones only. */
export function reasonsOf<Name extends string>(amounts: Readonly<Record<Name, Amount>>): Partial<Record<Name, Reason>> {
  const reasons: Partial<Record<Name, Reason>> = {};
  for (const name of Object.keys(amounts) as Name[]) {
    const reason = reasonOf(amounts[name]);
    if (reason !== null) reasons[name] = reason;
  }
  return reasons;
}
