import { compileSource, type Source, type Term } from './figures';
import { type FiscalYears } from './fiscal-years';

/**
 * A measure is one published formula: data (title, formula in words, where its figures come from) and one small function
 * of plain numbers. Whether the figures exist, may be divided and may be mixed is decided here, once, for all of them.
 */

export type Status = 'ok' | 'missing' | 'zero_denominator' | 'not_applicable';

/** What every score and ratio answers. `value` is a number exactly when `status` is ok. */
export interface MeasureResult {
  readonly value: number | null;
  readonly status: Status;
  readonly band?: string;
  /** Reference → the figure the provider gave, or null. */
  readonly inputs: Readonly<Record<string, number | null>>;
  /** References that had no figure. */
  readonly missing: readonly string[];
  /** Why there is no value, where `missing` does not say it. */
  readonly reason?: string;
}

/** A formula's answer where its figures exist but it has no meaning (debt to a negative equity, say). */
export interface NotMeaningful {
  readonly reason: string;
  readonly band?: string;
}

export interface Measure {
  readonly title: string;
  /** The formula in words. */
  readonly formula: string;
  /** References, as `figures.ts` reads them. */
  readonly inputs: readonly string[];
  /** Banks and insurers have no current assets, working capital or EBIT in the sense meant. */
  readonly except_financials: boolean;
  readonly better: 'higher' | 'lower';
  readonly evaluate: (years: FiscalYears) => MeasureResult;
}

interface MeasureDefinition<Inputs extends Readonly<Record<string, string>>> {
  readonly title: string;
  readonly formula: string;
  readonly inputs: Inputs;
  readonly except_financials?: boolean;
  /** @default 'higher' */
  readonly better?: 'higher' | 'lower';
  /** The arithmetic. Divide with {@link over}: a NaN is reported as `zero_denominator`. */
  readonly compute: (x: Readonly<Record<keyof Inputs, number>>) => number | NotMeaningful;
}

/** Quotient, or NaN over zero. NaN, unlike Infinity, survives every further step (1/∞ would be a plausible 0). */
export function over(numerator: number, denominator: number): number {
  return denominator === 0 ? Number.NaN : numerator / denominator;
}

/** Equal but for the last bits of a double: 0.1+0.2 and 0.3 tie, and a Z of 1.81 is 1.81 whichever way it was summed. */
export function tied(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));
}

/** a − b, and exactly 0 for a tie. */
export function change(a: number, b: number): number {
  return tied(a, b) ? 0 : a - b;
}

/** Mean of two years' closing figures. */
export function average(a: number, b: number): number {
  return (a + b) / 2;
}

export function notMeaningful(reason: string, band?: string): NotMeaningful {
  return band === undefined ? { reason } : { reason, band };
}

/** Builds a measure from its entry in a table. @throws Error at load when a reference is malformed. */
export function measure<const Inputs extends Readonly<Record<string, string>>>(
  definition: MeasureDefinition<Inputs>,
): Measure {
  const sources = Object.entries(definition.inputs).map(([key, reference]) => [key, compileSource(reference)] as const);
  const exceptFinancials = definition.except_financials ?? false;
  const key = {};
  const evaluateOnce = (years: FiscalYears): MeasureResult => {
    const { inputs, missing, used, x } = gather(sources, years);
    if (exceptFinancials && years.is_financial) {
      return { value: null, status: 'not_applicable', inputs, missing, reason: 'not defined for financial companies' };
    }
    if (missing.length > 0) return { value: null, status: 'missing', inputs, missing };
    const conflict = years.conflict(used);
    if (conflict !== null) return { value: null, status: 'missing', inputs, missing, reason: conflict };
    // `gather` filled every key of Inputs: nothing is missing.
    const computed = definition.compute(x as Record<keyof Inputs, number>);
    if (typeof computed !== 'number') return { value: null, status: 'not_applicable', inputs, missing, ...computed };
    if (!Number.isFinite(computed)) return { value: null, status: 'zero_denominator', inputs, missing };
    return { value: computed, status: 'ok', inputs, missing };
  };
  return {
    title: definition.title,
    formula: definition.formula,
    inputs: Object.values(definition.inputs),
    except_financials: exceptFinancials,
    better: definition.better ?? 'higher',
    evaluate: (years) => years.remember(key, () => evaluateOnce(years)),
  };
}

function gather(sources: readonly (readonly [string, Source])[], years: FiscalYears) {
  const inputs: Record<string, number | null> = {};
  const missing: string[] = [];
  const used: Term[] = [];
  const x: Record<string, number> = {};
  for (const [key, source] of sources) {
    const chosen = source.find((sum) => sum.every((term) => years.figure(term) !== null)) ?? source[0] ?? [];
    let sum = 0;
    for (const term of chosen) {
      const figure = years.figure(term);
      inputs[term.name] = figure;
      used.push(term);
      if (figure === null) missing.push(term.name);
      else sum += figure;
    }
    x[key] = sum;
  }
  return { inputs, missing, used, x };
}
