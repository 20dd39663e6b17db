import { stringify } from 'csv-stringify/sync';
import { code, table } from '../markdown';
import { type EnvironmentReport, type Row, type Total, VERDICTS } from './report';

const COLUMNS = ['region', 'stack', 'pack', 'rule', 'resource', 'logicalId', 'type', 'verdict', 'reason'] as const;
type Column = (typeof COLUMNS)[number];

/** The files of the report by their names; each says the same, Markdown leaves out the rules that are followed. */
export function filesOf(reports: readonly EnvironmentReport[]): Readonly<Record<string, string>> {
  return {
    'compliance.json': `${JSON.stringify({ environments: reports }, undefined, 2)}\n`,
    'compliance.csv': csv(reports),
    'compliance.md': markdown(reports),
  };
}

function csv(reports: readonly EnvironmentReport[]): string {
  const records = reports.flatMap(({ environment, rows }) => rows.map((row) => ({ environment, ...row })));
  return stringify(records, { header: true, columns: ['environment', ...COLUMNS] });
}

function markdown(reports: readonly EnvironmentReport[]): string {
  return [
    '# Compliance',
    ...reports.flatMap((report) => [`## ${report.environment}`, totalsOf(report), findingsOf(report)]),
    '',
  ].join('\n\n');
}

/** What an environment's packs and stacks come to. */
export function totalsOf({ acknowledgements, ofCheckov, packs, stacks }: EnvironmentReport): string {
  const head = ['rules that apply', ...VERDICTS];
  const line = (total: Total) => [total.of, total.rules, ...VERDICTS.map((verdict) => total[verdict])];
  return [
    `${acknowledgements} acknowledgements, ${ofCheckov} of them of Checkov's checks.`,
    table(['pack', ...head], packs.map(line)),
    table(['stack', ...head], stacks.map(line)),
  ].join('\n\n');
}

function findingsOf({ rows }: EnvironmentReport): string {
  const columns = COLUMNS.filter((column) => column !== 'region' && column !== 'pack' && column !== 'type');
  const findings = rows.filter(({ verdict }) => verdict !== 'compliant');
  const shown = (row: Row) => (column: Column) =>
    /rule|resource|logicalId/.test(column) ? code(row[column]) : row[column];
  return table(
    columns,
    findings.map((row) => columns.map(shown(row))),
  );
}
