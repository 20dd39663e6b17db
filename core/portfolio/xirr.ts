import { Decimal } from '../money/decimal';
import { type Amount, ZERO, unknown } from './amount';
import { daysBetween } from './calendar';

/** Money between an investor and a portfolio: negative is paid in, positive is got out. */
export interface CashFlow {
  /** `YYYY-MM-DD` */
  readonly date: string;
  readonly amount: Decimal;
}

/** One date's flows: their time in the period, 0…1, and their sum, at most 1. */
interface Term {
  readonly time: number;
  readonly amount: number;
}

const DAYS_OF_A_YEAR = 365;
const FIRST_GUESS = 0.1;
const NEWTON_STEPS = 50;
/** Logarithms of the growth over the whole period: beyond e^±64 of the money Newton's steps mean nothing. */
const FARTHEST_BY_NEWTON = 64;
/** Late money that is lost or won in a day gets there: its rate, over a whole period of years, is enormous. */
const FARTHEST = 1e6;
const SCAN_STEP = 1 / 16;
const SCAN_GROWTH = 1.125;

/**
 * The yearly rate r at which Σ amount ÷ (1 + r)^(days ÷ 365) is zero, as Excel's XIRR has it. Flows of one day are one.
 *
 * The root is sought in v = ln(1 + r) × years, the growth of the whole period, where every r of (−1, ∞) lies at a finite
 * place: by Newton's method from 10 % a year, and where that leads nowhere by bisection of the sign change nearest to 0.
 * Of several roots it is thus always the same one. A rate is no money: it is sought in doubles, and one that is nearer to
 * −1 than doubles tell apart is −1.
 * @returns unknown where flows do not differ in sign, are of one day, or have no root
 */
export function xirr(flows: readonly CashFlow[]): Amount {
  const days = byDay(flows);
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined || first.date === last.date)
    return unknown('no_time_passed', 'all flows are of one day');
  if (days.every(({ amount }) => amount.gt(0)) || days.every(({ amount }) => amount.lt(0)))
    return unknown('same_sign_flows', 'money flows in one direction only');

  const span = daysBetween(first.date, last.date);
  const largest = days.reduce((most, { amount }) => (amount.abs().gt(most) ? amount.abs() : most), ZERO);
  const terms = days.map(({ date, amount }) => ({
    time: daysBetween(first.date, date) / span,
    amount: amount.div(largest).toNumber(),
  }));
  const years = span / DAYS_OF_A_YEAR;
  const growth = newton(terms, Math.log1p(FIRST_GUESS) * years) ?? bisection(terms);
  const rate = growth === null ? Number.NaN : Math.expm1(growth / years);
  return Number.isFinite(rate) ? new Decimal(rate) : unknown('no_convergence', 'no rate explains these flows');
}

function byDay(flows: readonly CashFlow[]): readonly CashFlow[] {
  const sums = new Map<string, Decimal>();
  for (const { date, amount } of flows) sums.set(date, (sums.get(date) ?? ZERO).plus(amount));
  return [...sums]
    .filter(([, amount]) => !amount.isZero())
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([date, amount]) => ({ date, amount }));
}

const presentValue = (terms: readonly Term[], v: number): number =>
  terms.reduce((sum, { time, amount }) => sum + amount * Math.exp(-v * time), 0);
const slope = (terms: readonly Term[], v: number): number =>
  terms.reduce((sum, { time, amount }) => sum - amount * time * Math.exp(-v * time), 0);

/** A step smaller than doubles can tell apart has arrived, if the value there is zero but for rounding. */
function newton(terms: readonly Term[], guess: number): number | null {
  let v = guess;
  for (let i = 0; i < NEWTON_STEPS; i++) {
    const step = presentValue(terms, v) / slope(terms, v);
    v -= step;
    if (!(Math.abs(v) <= FARTHEST_BY_NEWTON)) return null;
    if (Math.abs(step) <= 1e-14 * Math.max(1, Math.abs(v))) return isRoot(terms, v) ? v : null;
  }
  return null;
}

const isRoot = (terms: readonly Term[], v: number): boolean =>
  Math.abs(presentValue(terms, v)) <=
  1e-12 * terms.reduce((sum, { time, amount }) => sum + Math.abs(amount) * Math.exp(-v * time), 0);

/** Whether the present value is above zero. Below v = 0 it is told as of the end, so that no power overflows. */
const isAbove = (terms: readonly Term[], v: number): boolean =>
  terms.reduce((sum, { time, amount }) => sum + amount * Math.exp(v < 0 ? v * (1 - time) : -v * time), 0) > 0;

/** Looks outwards from 0 in cells that widen where rates are beyond any that are seen. */
function bisection(terms: readonly Term[]): number | null {
  const changes = (a: number, b: number) => isAbove(terms, a) !== isAbove(terms, b);
  for (let near = 0; near < FARTHEST;) {
    const far = Math.max(near + SCAN_STEP, near < FARTHEST_BY_NEWTON ? 0 : near * SCAN_GROWTH);
    if (changes(near, far)) return between(near, far);
    if (changes(-far, -near)) return between(-far, -near);
    near = far;
  }
  return null;

  function between(low: number, high: number): number {
    let [a, b] = [low, high];
    for (;;) {
      const middle = (a + b) / 2;
      if (middle === a || middle === b) return middle;
      if (changes(a, middle)) b = middle;
      else a = middle;
    }
  }
}
