import type { Decimal } from '../money/decimal';
import { ZERO } from './amount';

export const TRANSACTION_TYPES = ['buy', 'sell', 'dividend', 'split', 'deposit', 'withdrawal', 'fee'] as const;
export type TransactionType = (typeof TRANSACTION_TYPES)[number];

/** A transaction as it is sent, imported and stored. A field of another type's is left out or null. */
export interface TransactionRow {
  readonly transaction_id: string;
  readonly type: TransactionType;
  readonly symbol?: string | null;
  /** Shares, a decimal string. */
  readonly qty?: string | null;
  /** Of one share; left out of a buy or sell where it is not known. */
  readonly price?: string | null;
  /** Money of a dividend, deposit, withdrawal or fee. */
  readonly amount?: string | null;
  /** Commission on a buy or sell, tax withheld from a dividend. */
  readonly fee?: string | null;
  /** "new:old": "2:1" gives two shares for one, "1:10" is a reverse split. One third has no decimal. */
  readonly ratio?: string | null;
  /** RFC 3339, UTC. */
  readonly executed_at: string;
  /** Place among those of one instant: a booked trade's number in its portfolio. */
  readonly sequence?: number | null;
  /** The source's own id, by which an import is known again. */
  readonly external_id?: string | null;
}

interface Dated {
  readonly transaction_id: string;
  readonly executed_at: string;
  /** executed_at in milliseconds since 1970. */
  readonly instant: number;
  /** 0 where none was given. */
  readonly sequence: number;
}

export interface Trade extends Dated {
  readonly type: 'buy' | 'sell';
  readonly symbol: string;
  readonly qty: Decimal;
  readonly price: Decimal | null;
  readonly fee: Decimal;
}
export interface Split extends Dated {
  readonly type: 'split';
  readonly symbol: string;
  readonly ratio: Ratio;
}
export interface Dividend extends Dated {
  readonly type: 'dividend';
  /** null: interest on cash. */
  readonly symbol: string | null;
  readonly amount: Decimal;
  readonly fee: Decimal;
}
export interface Charge extends Dated {
  readonly type: 'fee';
  /** null: of the whole portfolio. */
  readonly symbol: string | null;
  readonly amount: Decimal;
}
export interface CashTransfer extends Dated {
  readonly type: 'deposit' | 'withdrawal';
  readonly amount: Decimal;
}
/** A transaction that has passed the rules: what its type needs is there. */
export type Transaction = Trade | Split | Dividend | Charge | CashTransfer;

/** So many shares for so many old ones. */
export interface Ratio {
  readonly to: Decimal;
  readonly from: Decimal;
}

/** `YYYY-MM-DD` in UTC. */
export const dateOf = ({ executed_at }: Pick<Transaction, 'executed_at'>): string => executed_at.slice(0, 10);

export const symbolOf = (transaction: Transaction): string | null =>
  'symbol' in transaction ? transaction.symbol : null;

/**
 * Of one instant and sequence: splits first, since they take effect before the market opens; then what comes in before
 * what goes out. So a file that knows days only, and lists a sell above the buy of its day, is not an oversell.
 */
const RANK: Readonly<Record<TransactionType, number>> = {
  split: 0,
  deposit: 1,
  buy: 2,
  dividend: 3,
  fee: 4,
  sell: 5,
  withdrawal: 6,
};

/**
 * The order in which transactions are replayed: executed_at, sequence (none counts as 0), rank of the type,
 * transaction_id. It is total where ids differ, so that the order of insertion is never seen.
 */
export function byOrder(a: Transaction, b: Transaction): number {
  return (
    a.instant - b.instant ||
    a.sequence - b.sequence ||
    RANK[a.type] - RANK[b.type] ||
    (a.transaction_id < b.transaction_id ? -1 : a.transaction_id > b.transaction_id ? 1 : 0)
  );
}

export const inOrder = (transactions: readonly Transaction[]): readonly Transaction[] =>
  [...transactions].sort(byOrder);

/**
 * What a transaction puts into the portfolio's cash; null where its price is not known.
 * @returns negative where it takes
 */
export function cashOf(transaction: Transaction): Decimal | null {
  switch (transaction.type) {
    case 'buy':
      return transaction.price?.times(transaction.qty).plus(transaction.fee).neg() ?? null;
    case 'sell':
      return transaction.price?.times(transaction.qty).minus(transaction.fee) ?? null;
    case 'dividend':
      return transaction.amount.minus(transaction.fee);
    case 'deposit':
      return transaction.amount;
    case 'fee':
    case 'withdrawal':
      return transaction.amount.neg();
    case 'split':
      return ZERO;
  }
}
