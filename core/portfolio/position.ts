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

/** How many shares there are, whatever they cost. */
export interface Balance {
  readonly symbol: string;
  /** Shares of all lots: they may be many, and every sell asks. */
  readonly held: Decimal;
  /** Shares sold beyond what was held; zero but for booked trades that contradict what else is known. */
  readonly short: Decimal;
}

export interface Position extends Balance {
  /** In the order of buying. */
  readonly lots: readonly Lot[];
}

/**
 * A position that one replay writes to, and nobody else holds: copied at every step, the lots of a long book would take
 * time with the square of their number.
 */
export interface OpenPosition extends Balance {
  held: Decimal;
  short: Decimal;
  /** In the order of buying; those before `first` are sold. */
  lots: Lot[];
  first: number;
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

export const emptyPosition = (symbol: string): OpenPosition => ({
  symbol,
  held: ZERO,
  short: ZERO,
  lots: [],
  first: 0,
});

/** The lots that are left. */
export const lotsOf = ({ lots, first }: OpenPosition): readonly Lot[] => lots.slice(first);

/** Shares held; negative where more were sold. */
export const qtyOf = ({ held, short }: Balance): Decimal => (short.isZero() ? held : held.minus(short));

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
export function buy(position: OpenPosition, trade: Trade, method: CostMethod): void {
  const [qty, short] = position.short.isZero() ? [trade.qty, ZERO] : covering(trade.qty, position.short);
  position.short = short;
  if (qty.isZero()) return;
  const paid =
    trade.price === null
      ? unknown('trade_price_unknown', `buy ${trade.transaction_id} of ${trade.symbol} has no price`)
      : trade.price.times(qty);
  const lot = { qty, paid, fee: share(trade.fee, qty, trade.qty) };
  if (method === 'average') position.lots = [pooled(position.lots, lot)];
  else position.lots.push(lot);
  position.held = add(position.held, qty);
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
export function surplusOf({ held }: Balance, { qty }: Trade): Decimal {
  const surplus = qty.minus(held);
  return surplus.lte(INVISIBLE) ? ZERO : surplus;
}

/** Takes the shares sold from the lots, the method saying from which end. */
export function sell(position: OpenPosition, trade: Trade, method: CostMethod): Sale {
  const { transaction_id, symbol, executed_at, qty } = trade;
  const surplus = surplusOf(position, trade);
  const left = position.held.minus(qty);
  const sellsAll = left.lte(INVISIBLE);
  const taken = sellsAll ? takeAll(position) : take(position, qty, method);
  position.held = sellsAll ? ZERO : left;
  position.short = add(position.short, surplus);
  const paid = surplus.isZero()
    ? sum(taken.map((lot) => lot.paid))
    : unknown('oversold', `sell ${transaction_id} sold more ${symbol} than was held`);
  const proceeds =
    trade.price === null
      ? unknown('trade_price_unknown', `sell ${transaction_id} of ${symbol} has no price`)
      : trade.price.times(qty);
  const gross = minus(proceeds, paid);
  const fees = plus(trade.fee, sum(taken.map((lot) => lot.fee)));
  return { transaction_id, symbol, executed_at, qty, gross, net: minus(gross, fees) };
}

function takeAll(position: OpenPosition): readonly Lot[] {
  const taken = lotsOf(position);
  position.lots = [];
  position.first = 0;
  return taken;
}

/** Fewer than all. The lot at the edge is divided; what is taken of it and what is left add up to it exactly. */
function take(position: OpenPosition, qty: Decimal, method: CostMethod): readonly Lot[] {
  const { lots } = position;
  const taken: Lot[] = [];
  let wanted = qty;
  while (!wanted.isZero() && lots.length > position.first) {
    const at = method === 'lifo' ? lots.length - 1 : position.first;
    const lot = lots[at];
    if (!lot) break;
    const part = min(wanted, lot.qty);
    wanted = wanted.minus(part);
    if (part.eq(lot.qty)) {
      taken.push(lot);
      if (method === 'lifo') lots.pop();
      else position.first += 1;
      continue;
    }
    const portion = {
      qty: part,
      paid: isKnown(lot.paid) ? share(lot.paid, part, lot.qty) : lot.paid,
      fee: share(lot.fee, part, lot.qty),
    };
    taken.push(portion);
    lots[at] = { qty: lot.qty.minus(part), paid: minus(lot.paid, portion.paid), fee: lot.fee.minus(portion.fee) };
  }
  return taken;
}

/** More or fewer shares for the same money: costs are untouched. */
export function split(position: OpenPosition, { to, from }: Ratio): void {
  const scaled = (qty: Decimal) => share(qty, to, from);
  position.lots = lotsOf(position).map((lot) => ({ ...lot, qty: scaled(lot.qty) }));
  position.first = 0;
  position.held = position.lots.reduce((all, { qty }) => add(all, qty), ZERO);
  position.short = scaled(position.short);
}

const min = (a: Decimal, b: Decimal): Decimal => (a.lt(b) ? a : b);
