import { type RuleResult } from './rules';

export type Grade = 'A' | 'B' | 'C' | 'D' | 'F';

export interface Rating {
  /** 0…100, to two decimals; null below the least coverage. */
  readonly score: number | null;
  readonly grade: Grade | null;
  /** Weight of the rules that could be computed ÷ weight of those that apply, 0…1. */
  readonly coverage: number;
}

/** Least score of each grade, best first. */
export const GRADES: readonly (readonly [Grade, number])[] = [
  ['A', 80],
  ['B', 65],
  ['C', 50],
  ['D', 35],
  ['F', 0],
];

export function gradeOf(score: number): Grade {
  return GRADES.find(([, least]) => score >= least)?.[0] ?? 'F';
}

/**
 * The weighted mean of the rules that could be computed. A rule that does not apply to the company (working capital of a
 * bank) leaves both sums; one whose figures are missing lowers the coverage, never the score.
 */
export function rate(rules: readonly RuleResult[], minimumCoverage: number): Rating {
  let applicable = 0;
  let computed = 0;
  let points = 0;
  for (const rule of rules) {
    if (rule.outcome === 'not_applicable') continue;
    applicable += rule.weight;
    if (rule.outcome === 'missing') continue;
    computed += rule.weight;
    points += rule.points;
  }
  const coverage = applicable === 0 ? 0 : computed / applicable;
  if (computed === 0 || coverage < minimumCoverage) return { score: null, grade: null, coverage };
  const score = Math.round((10_000 * points) / computed) / 100;
  return { score, grade: gradeOf(score), coverage };
}
