import type { Decimal } from '../money/decimal';
import { type Amount, ZERO, add, isKnown, minus, plus, share, sum, unknown } from './amount';
import type { Ratio, Trade } from './transaction';

/** average: all shares of a symbol are one lot · fifo: the oldest are sold first · lifo: the youngest. */
export type CostMethod = 'average' | 'fifo' | 'lifo';

/** Shares that were bought together. */
export interface Lot {
  readonly qty: Decimal;
  /** qty × price. */
  readonly paid: Amount;
  /** What was paid for buying them; a part of their cost (IRS publication 551, "Stocks and Bonds"). */
  readonly fee: Decimal;
}

export interface Position {
  readonly symbol: string;
  /** In the order of buying. */
  readonly lots: readonly Lot[];
  /** Shares of all lots: they may be many, and every sell asks. */
  readonly held: Decimal;
  /** Shares sold beyond what was held; zero but for booked trades that contradict what else is known. */
  readonly short: Decimal;
}

/** A sell, and what it made of what it cost. */
export interface Sale {
  readonly transaction_id: string;
  readonly symbol: string;
  readonly executed_at: string;
  readonly qty: Decimal;
  /** qty × price − cost before fees on either side. */
  readonly gross: Amount;
  /** After the fees of buying and of selling. */
  readonly net: Amount;
}

export const emptyPosition = (symbol: string): Position => ({ symbol, lots: [], held: ZERO, short: ZERO });

/** Shares held; negative where more were sold. */
export const qtyOf = ({ held, short }: Position): Decimal => (short.isZero() ? held : held.minus(short));

/** What the shares held were bought for: before fees, and with them. Unknown while they are fewer than none. */
export function costOf(position: Position): { readonly paid: Amount; readonly cost: Amount } {
  const { symbol, lots, short } = position;
  if (!short.isZero()) {
    const oversold = unknown('oversold', `more ${symbol} was sold than was held`);
    return { paid: oversold, cost: oversold };
  }
  const paid = sum(lots.map((lot) => lot.paid));
  return { paid, cost: plus(paid, sum(lots.map((lot) => lot.fee))) };
}

/** A buy first makes good what was sold too much; the rest is a lot. */
export function bought(position: Position, buy: Trade, method: CostMethod): Position {
  const [qty, short] = position.short.isZero() ? [buy.qty, ZERO] : covering(buy.qty, position.short);
  if (qty.isZero()) return { ...position, short };
  const paid =
    buy.price === null
      ? unknown('trade_price_unknown', `buy ${buy.transaction_id} of ${buy.symbol} has no price`)
      : buy.price.times(qty);
  const lot = { qty, paid, fee: share(buy.fee, qty, buy.qty) };
  const lots = method === 'average' ? [pooled(position.lots, lot)] : [...position.lots, lot];
  return { symbol: position.symbol, lots, held: add(position.held, qty), short };
}

/** What is left of both, of shares bought and shares that were sold too much. */
function covering(qty: Decimal, short: Decimal): readonly [Decimal, Decimal] {
  const covered = min(qty, short);
  return [qty.minus(covered), short.minus(covered)];
}

const pooled = (lots: readonly Lot[], lot: Lot): Lot =>
  lots.reduce(
    (pool, { qty, paid, fee }) => ({ qty: pool.qty.plus(qty), paid: plus(paid, pool.paid), fee: add(pool.fee, fee) }),
    lot,
  );

/**
 * Half of the last decimal that a quantity is shown with. After a reverse split of 1:3 a holder of 10 sees 3.333333333:
 * selling those is selling all, and leaves no residue.
 */
const INVISIBLE = '0.0000000005';

/** How many shares a sell sells beyond what is held; zero for one that sells all or less. */
export function surplusOf(position: Position, { qty }: Trade): Decimal {
  const surplus = qty.minus(position.held);
  return surplus.lte(INVISIBLE) ? ZERO : surplus;
}

/** Takes the shares sold from the lots, the method saying from which end. */
export function sold(
  position: Position,
  sell: Trade,
  method: CostMethod,
): { readonly position: Position; readonly sale: Sale } {
  const surplus = surplusOf(position, sell);
  const sellsAll = position.held.minus(sell.qty).lte(INVISIBLE);
  const [taken, left] = sellsAll ? [position.lots, []] : take(position.lots, sell.qty, method);
  const paid = surplus.isZero()
    ? sum(taken.map((lot) => lot.paid))
    : unknown('oversold', `sell ${sell.transaction_id} sold more ${sell.symbol} than was held`);
  const proceeds =
    sell.price === null
      ? unknown('trade_price_unknown', `sell ${sell.transaction_id} of ${sell.symbol} has no price`)
      : sell.price.times(sell.qty);
  const gross = minus(proceeds, paid);
  const fees = plus(sell.fee, sum(taken.map((lot) => lot.fee)));
  return {
    position: {
      symbol: position.symbol,
      lots: left,
      held: sellsAll ? ZERO : position.held.minus(sell.qty),
      short: add(position.short, surplus),
    },
    sale: {
      transaction_id: sell.transaction_id,
      symbol: sell.symbol,
      executed_at: sell.executed_at,
      qty: sell.qty,
      gross,
      net: minus(gross, fees),
    },
  };
}

/** Fewer than all. The lot at the edge is divided; what is taken of it and what is left add up to it exactly. */
function take(lots: readonly Lot[], qty: Decimal, method: CostMethod): readonly [readonly Lot[], readonly Lot[]] {
  const queue = method === 'lifo' ? lots.toReversed() : lots;
  const taken: Lot[] = [];
  const left: Lot[] = [];
  let wanted = qty;
  for (const lot of queue) {
    if (wanted.isZero()) {
      left.push(lot);
      continue;
    }
    const part = min(wanted, lot.qty);
    wanted = wanted.minus(part);
    if (part.eq(lot.qty)) taken.push(lot);
    else {
      const portion = {
        qty: part,
        paid: isKnown(lot.paid) ? share(lot.paid, part, lot.qty) : lot.paid,
        fee: share(lot.fee, part, lot.qty),
      };
      taken.push(portion);
      left.push({ qty: lot.qty.minus(part), paid: minus(lot.paid, portion.paid), fee: lot.fee.minus(portion.fee) });
    }
  }
  return [taken, method === 'lifo' ? left.reverse() : left];
}

/** More or fewer shares for the same money: costs are untouched. */
export function split(position: Position, { to, from }: Ratio): Position {
  const scaled = (qty: Decimal) => share(qty, to, from);
  const lots = position.lots.map((lot) => ({ ...lot, qty: scaled(lot.qty) }));
  const held = lots.reduce((sum, { qty }) => add(sum, qty), ZERO);
  return { symbol: position.symbol, lots, held, short: scaled(position.short) };
}

const min = (a: Decimal, b: Decimal): Decimal => (a.lt(b) ? a : b);
