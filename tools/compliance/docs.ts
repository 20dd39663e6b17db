import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { code, table, withGenerated } from '../markdown';
import { type Acknowledged } from './findings';
import { totalsOf } from './formats';
import { type EnvironmentReport, grouped } from './report';

export const DOCUMENT = join(__dirname, '..', '..', 'docs', 'compliance.md');

export interface Documented {
  readonly report: EnvironmentReport;
  readonly acknowledged: readonly Acknowledged[];
}

/** docs/compliance.md as it should be, its written part as it is. */
export const documentOf = (environments: readonly Documented[]): string =>
  withGenerated(readFileSync(DOCUMENT, 'utf8'), generated(environments));

export const writeDocument = (environments: readonly Documented[]): void =>
  writeFileSync(DOCUMENT, documentOf(environments));

function generated(environments: readonly Documented[]): string {
  return [
    '## Totals',
    ...environments.flatMap(({ report }) => [`### ${report.environment}`, totalsOf(report)]),
    '## Acknowledgements',
    'By rule and reason, and how many each environment has.',
    acknowledgementsOf(environments),
  ].join('\n\n');
}

type Excused = Acknowledged & { readonly environment: string; readonly pack: string; readonly rule: string };

function acknowledgementsOf(environments: readonly Documented[]): string {
  const all = environments.flatMap(({ report, acknowledged }) =>
    acknowledged.map((one): Excused => ({ ...one, environment: report.environment, ...partsOf(one.id) })),
  );
  const names = environments.map(({ report }) => report.environment);
  const groups = [...grouped(all, ({ rule, reason }) => `${rule} ${reason}`)].sort(([a], [b]) => (a < b ? -1 : 1));
  return table(
    ['rule', 'packs', ...names, 'reason'],
    groups.map(([, members]) => [
      code(members[0]?.rule ?? ''),
      [...new Set(members.map(({ pack }) => pack))].sort().join(', '),
      ...names.map((name) => members.filter(({ environment }) => environment === name).length),
      members[0]?.reason ?? '',
    ]),
  );
}

/** `AwsSolutions-IAM5[Resource::*]` → the pack AwsSolutions, the rule IAM5. */
function partsOf(id: string): { readonly pack: string; readonly rule: string } {
  const [pack = '', rule = ''] = id.replace(/\[.*$/s, '').split('-');
  return { pack, rule };
}
