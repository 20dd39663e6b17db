import { type Acknowledged, type Assessment, covers, type Finding, isOfCheckov } from './findings';

export const VERDICTS = ['compliant', 'acknowledged', 'open'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What one rule says of one resource. */
export interface Row {
  readonly region: string;
  readonly stack: string;
  readonly pack: string;
  /** The granular id of a finding, the id of the rule that is followed otherwise. */
  readonly rule: string;
  /** The resource's construct path. */
  readonly resource: string;
  readonly logicalId: string;
  readonly type: string;
  readonly verdict: Verdict;
  /** Of an acknowledged finding why it is right; of an open one what the rule asks for; of a followed rule nothing. */
  readonly reason: string;
}

export interface Total extends Readonly<Record<Verdict, number>> {
  /** Of a pack or of a stack. */
  readonly of: string;
  /** How many rules had something to say. */
  readonly rules: number;
}

export interface EnvironmentReport {
  readonly environment: string;
  /** Distinct pairs of a construct and a finding's id; findings are more, for a construct may have several parts. */
  readonly acknowledgements: number;
  /** How many of them are of Checkov's checks, of which there are no rows here. */
  readonly ofCheckov: number;
  readonly packs: readonly Total[];
  readonly stacks: readonly Total[];
  readonly rows: readonly Row[];
}

export function reportOf(environment: string, assessment: Assessment): EnvironmentReport {
  const { acknowledged, findings, compliant } = assessment;
  const rows: Row[] = [
    ...findings.map(({ id, info, path, ...finding }) => {
      const reason = closest(acknowledged, { id, path })?.reason;
      const verdict: Verdict = reason === undefined ? 'open' : 'acknowledged';
      return { ...finding, rule: id, resource: path, verdict, reason: reason ?? info };
    }),
    ...compliant.map(({ path, ...followed }) => ({
      ...followed,
      resource: path,
      verdict: 'compliant' as const,
      reason: '',
    })),
  ];
  return {
    environment,
    acknowledgements: countOf(acknowledged),
    ofCheckov: countOf(acknowledged.filter(isOfCheckov)),
    packs: totals(rows, ({ pack }) => pack),
    stacks: totals(rows, ({ stack }) => stack),
    rows,
  };
}

/** The acknowledgements that an environment has: distinct pairs of construct and id. */
export const countOf = (acknowledged: readonly Acknowledged[]): number =>
  new Set(acknowledged.map(({ path, id }) => `${path} ${id}`)).size;

/** That of the innermost construct, as CDK takes it. */
function closest(acknowledged: readonly Acknowledged[], finding: Pick<Finding, 'id' | 'path'>) {
  const covering = acknowledged.filter((candidate) => covers(candidate, finding));
  return covering.sort((a, b) => b.path.length - a.path.length)[0];
}

function totals(rows: readonly Row[], group: (row: Row) => string): Total[] {
  const groups = [...grouped(rows, group)].sort(([a], [b]) => a.localeCompare(b));
  return groups.map(([of, members]) => {
    const count = (verdict: Verdict) => members.filter((row) => row.verdict === verdict).length;
    const rules = new Set(members.map(({ rule }) => rule.replace(/\[.*$/s, ''))).size;
    return { of, rules, compliant: count('compliant'), acknowledged: count('acknowledged'), open: count('open') };
  });
}

/** In the order in which the keys are met. */
export function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const members = groups.get(key(item));
    if (members) members.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

/** One line for each open finding. */
export const openFindings = ({ environment, rows }: EnvironmentReport): string[] =>
  rows
    .filter(({ verdict }) => verdict === 'open')
    .map(({ rule, resource, reason }) => `${environment}: ${rule} ${resource}: ${reason}`);
