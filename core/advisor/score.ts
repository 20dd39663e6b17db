import { type FiscalYears } from './fiscal-years';
import { type Measure, type MeasureResult, type Status } from './measure';
import { type AnalysisSettings } from './settings';
import { type Standing } from './percentile';

/** A published score: several measures, and how they make one number. */
export interface ScoreResult extends MeasureResult {
  readonly parts: Readonly<Record<string, number | string | null>>;
  /** Piotroski only: how many of the nine tests could be computed. */
  readonly tests_available?: number;
  /** Parts that had no figures and stand at the paper's neutral value. */
  readonly assumed?: readonly string[];
}

export interface ScoreContext {
  readonly settings: AnalysisSettings;
  /** Where this company stands in the Magic Formula's ranking, when the caller ranked a universe. */
  readonly standing: Standing | null;
}

export interface Score {
  readonly title: string;
  readonly source: string;
  readonly formula: string;
  readonly bands: string;
  readonly parts: Readonly<Record<string, Measure>>;
  readonly evaluate: (years: FiscalYears, context: ScoreContext) => ScoreResult;
}

export type Parts<Name extends string> = Readonly<Record<Name, MeasureResult>>;

/** Evaluates a table of parts. */
export function evaluateParts<Name extends string>(
  parts: Readonly<Record<Name, Measure>>,
  years: FiscalYears,
): Parts<Name> {
  const results: Record<string, MeasureResult> = {};
  for (const [name, part] of Object.entries<Measure>(parts)) results[name] = part.evaluate(years);
  return results as Parts<Name>;
}

/** Each part's value by name. */
export function valuesOf<Name extends string>(parts: Parts<Name>): Record<Name, number | null> {
  const values: Record<string, number | null> = {};
  for (const [name, part] of Object.entries<MeasureResult>(parts)) values[name] = part.value;
  return values;
}

/** Inputs of all parts together, and what any of them missed. */
export function gathered(parts: Readonly<Record<string, MeasureResult>>): Pick<MeasureResult, 'inputs' | 'missing'> {
  const inputs: Record<string, number | null> = {};
  const missing = new Set<string>();
  for (const part of Object.values(parts)) {
    Object.assign(inputs, part.inputs);
    for (const name of part.missing) missing.add(name);
  }
  return { inputs, missing: [...missing] };
}

const GRAVEST_FIRST: readonly Status[] = ['not_applicable', 'missing', 'zero_denominator'];

/** Why a score whose parts are not all there has no value: the gravest status among them, and its reason. */
export function shortfall(parts: readonly MeasureResult[]): { status: Status; reason?: string } {
  for (const status of GRAVEST_FIRST) {
    const short = parts.filter((part) => part.status === status);
    if (short.length === 0) continue;
    const reason = short.find((part) => part.reason !== undefined)?.reason;
    return reason === undefined ? { status } : { status, reason };
  }
  return { status: 'ok' };
}
