import { Decimal } from '../money/decimal';
import { type Amount, ZERO, isKnown, minus, over, plus, times, unknown } from './amount';
import { daysBetween } from './calendar';
import { type CashFlow, xirr } from './xirr';

const ONE = new Decimal(1);

/** Time in which nothing flowed but at its two ends. */
export interface SubPeriod {
  /** Value at its begin and what flowed in then. */
  readonly capital: Decimal;
  /** Value at its end and what flowed out then. */
  readonly result: Decimal;
}

/** result ÷ capital. Where nothing was invested there is no growth to speak of, and it is 1. */
export function growthOf({ capital, result }: SubPeriod): Amount {
  if (capital.isZero()) return ONE;
  if (capital.isNegative()) return unknown('capital_not_positive', 'the portfolio was worth less than nothing');
  if (result.isNegative()) return unknown('loss_exceeds_capital', 'more was lost than was invested');
  return result.div(capital);
}

/** Time-weighted return: Π result ÷ capital − 1. Blind to when and how much was paid in (CFA Institute, GIPS). */
export function timeWeighted(periods: readonly SubPeriod[]): Amount {
  if (periods.every(({ capital }) => capital.isZero())) return unknown('no_capital', 'nothing was invested');
  return minus(periods.map(growthOf).reduce(times, ONE), ONE);
}

const DAYS_OF_A_YEAR = 365;

/** A return as a yearly one. The GIPS standards of the CFA Institute forbid it for less than a year. */
export function annualized(total: Amount, days: number): Amount {
  if (!isKnown(total)) return total;
  if (days < DAYS_OF_A_YEAR) return unknown('shorter_than_a_year', `${days} days are not annualised`);
  return total.plus(ONE).pow(ONE.times(DAYS_OF_A_YEAR).div(days)).minus(ONE);
}

/** A period of money: what it began and ended with, and what flowed in between. */
export interface MoneyPeriod {
  readonly from: string;
  readonly to: string;
  readonly start: Amount;
  readonly end: Amount;
  /** After `from`, until `to`. Positive is paid in. */
  readonly flows: readonly { readonly date: string; readonly amount: Amount }[];
}

export const netFlows = ({ flows }: MoneyPeriod): Amount => flows.map(({ amount }) => amount).reduce(plus, ZERO);

/** (E − B − F) ÷ (B + Σ w·F), w being the part of the period that a flow was there for. Not annualised. */
export function modifiedDietz(period: MoneyPeriod): Amount {
  const { from, to, start, end, flows } = period;
  const days = daysBetween(from, to);
  const weighted = flows.map(({ date, amount }) => {
    // A period of one day has no parts: what flowed in was there all day.
    const weight = days === 0 ? ONE : ONE.times(daysBetween(date, to)).div(days);
    return times(amount, weight);
  });
  const average = weighted.reduce(plus, start);
  if (isKnown(average) && average.isNegative())
    return unknown('capital_not_positive', 'the average capital is below zero');
  return over(minus(minus(end, start), netFlows(period)), average, unknown('no_capital', 'nothing was invested'));
}

/**
 * Money-weighted return: XIRR of the start as paid in, the flows, and the end as got out. A yearly rate, however short the
 * period. Where nothing was ever got out and nothing is left, all is lost: −1, which no rate above −1 could say.
 */
export function moneyWeighted({ from, to, start, end, flows }: MoneyPeriod): Amount {
  const all = [{ date: from, amount: start }, ...flows, { date: to, amount: minus(ZERO, end) }];
  const known: CashFlow[] = [];
  for (const { date, amount } of all) {
    if (!isKnown(amount)) return amount;
    if (!amount.isZero()) known.push({ date, amount: amount.neg() });
  }
  if (known.length === 0) return unknown('no_capital', 'nothing was invested');
  const isLost = isKnown(end) && end.isZero() && known.every(({ date, amount }) => amount.isNegative() && date < to);
  return isLost ? ONE.neg() : xirr(known);
}
