import { formatDecimal, parseDecimal } from '../../core/money/decimal';
import { parseTransaction, type TransactionError, type TransactionRow } from '../../core/portfolio';
import type { Change, TransactionSource } from '../../lambda/adapters/portfolio/portfolios';
import { failure, type Failure } from '../../lambda/api/answers';

/** A transaction that is about to be added. */
export type NewTransaction = NonNullable<Change['add']>[number];

type Entered = Omit<TransactionRow, 'transaction_id'>;

/** A transaction as it was entered, in the spelling that it is kept in: UTC, symbols in upper case, plain decimals. */
export function newTransaction(
  entered: { readonly [Field in keyof Entered]: Entered[Field] | undefined },
  transaction_id: string,
  source: Exclude<TransactionSource, 'trade'> = 'manual',
): NewTransaction {
  const { type, executed_at, external_id, symbol, ratio, sequence } = entered as Entered;
  return {
    transaction_id,
    type,
    symbol: symbol?.toUpperCase() ?? null,
    qty: plain(entered.qty),
    price: plain(entered.price),
    amount: plain(entered.amount),
    fee: plain(entered.fee),
    ratio: ratio ?? null,
    executed_at: inUtc(executed_at),
    sequence: sequence ?? null,
    external_id: external_id ?? null,
    source,
    trade_id: null,
    named_portfolio_id: null,
  };
}

/** What is no decimal stays as it is: the rules will say so. */
function plain(text: string | null | undefined): string | null {
  const value = parseDecimal(text);
  return value ? formatDecimal(value) : (text ?? null);
}

/** A day that is in no calendar (30 February) stays as it is, too: a Date would make another one of it. */
function inUtc(text: string): string {
  const [instant, day] = [Date.parse(text), text.slice(0, 10)];
  const isReal = !Number.isNaN(instant) && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
  return isReal ? new Date(instant).toISOString() : text;
}

/** Whether two rows say the same, in whatever spelling; their ids and sources are no part of it. */
export function isSameContent(a: TransactionRow, b: TransactionRow): boolean {
  const [first, second] = [contentOf(a), contentOf(b)];
  return first !== null && first === second;
}

function contentOf(row: TransactionRow): string | null {
  const parsed = parseTransaction(row);
  if (!parsed.ok) return null;
  const { transaction_id: _id, executed_at: _spelling, sequence: _sequence, ...content } = parsed.transaction;
  return JSON.stringify(Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A file's days are of somewhere, and clocks differ: tomorrow may have begun. */
const TOLERANCE_MS = 86_400_000;
export const IN_FUTURE = 'must not be more than a day from now: what has not happened would count already';
export const isInFuture = ({ executed_at }: Pick<TransactionRow, 'executed_at'>, now: Date): boolean =>
  Date.parse(executed_at) > now.getTime() + TOLERANCE_MS;

/** What does not make sense is 400; what makes sense and may not be is 422. */
export function refusalOf(errors: readonly TransactionError[]): Failure {
  const details = errors.map(({ path, message }) => ({ path, message }));
  const inWords = details.map(({ path, message }) => `${path} ${message}`).join('; ');
  const isSyntax = errors.some(({ kind }) => kind === 'syntax');
  return failure(isSyntax ? 'invalid_request' : 'unprocessable', inWords, details);
}
