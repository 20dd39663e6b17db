import { Decimal } from '../money/decimal';
import { type Amount, ZERO, isKnown, minus, sum, times, unknown } from './amount';
import type { DayFlow } from './flows';
import { growthOf } from './returns';
import type { DatedValue } from './values';

/** A day of the chart. */
export interface Point extends DatedValue {
  /** Since the first day. */
  readonly twr: Amount;
}

export interface Linked {
  readonly points: readonly Point[];
  /** Over all of them. */
  readonly twr: Amount;
  /** Days whose flows met no capital. */
  readonly leaves_out: readonly string[];
}

const ONE = new Decimal(1);

/**
 * Links the growth of every day to a time-weighted return: (value + outflow) ÷ (value before + inflow).
 *
 * Valuations are daily, so a day's flows need a time. What comes in is there from its begin, and what goes out until its
 * end: then no flow meets a portfolio without capital on its first day or its last. A day without a price is bridged,
 * unless money flowed on it or right after it: the value at the flow is not known then, nor any return from there on.
 * @param values oldest first, with a value on every day of a flow
 */
export function linked(values: readonly DatedValue[], flows: ReadonlyMap<string, DayFlow>): Linked {
  const points: Point[] = [];
  const leavesOut: string[] = [];
  let growth: Amount = ONE;
  let base = ZERO;
  let wasInvested = false;
  let before: Amount | null = null;

  for (const { date, value } of values) {
    const flow = before === null ? undefined : flows.get(date);
    if (before === null || flow !== undefined) growth = times(growth, obstacle(before ?? ZERO, value, flow));
    if (isKnown(growth) && isKnown(value)) {
      const period = { capital: base.plus(known(flow?.inflow)), result: value.plus(known(flow?.outflow)) };
      if (before !== null) {
        if (period.capital.isZero() && !period.result.isZero()) leavesOut.push(date);
        growth = times(growth, growthOf(period));
      }
      wasInvested ||= !period.capital.isZero() || (before === null && !value.isZero());
      base = value;
    }
    points.push({ date, value, twr: isKnown(value) ? minus(growth, ONE) : value });
    before = value;
  }
  const last = points.at(-1)?.twr ?? ZERO;
  const twr = isKnown(last) && !wasInvested ? unknown('no_capital', 'nothing was invested') : last;
  return { points, twr, leaves_out: leavesOut };
}

/** 1, or why a day cannot be linked: all that meets at a flow has to be known. */
function obstacle(before: Amount, value: Amount, flow: DayFlow | undefined): Amount {
  const met = sum([before, value, flow?.inflow ?? ZERO, flow?.outflow ?? ZERO]);
  return isKnown(met) ? ONE : met;
}

/** After `obstacle` every flow is known. */
const known = (amount: Amount | undefined): Decimal => (amount !== undefined && isKnown(amount) ? amount : ZERO);
