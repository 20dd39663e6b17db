/**
 * Asks the compliance packs of every environment without an account, and writes what they say. `npm run compliance`
 *
 *   --env <name>     only this one of dev, staging and prod
 *   --out <folder>   for compliance.md, .csv and .json; build/compliance by default
 *   --docs           writes the generated part of docs/compliance.md too
 *   --base <commit>  fails where more acknowledgements are recorded than were there
 *
 * Exits 1 when a finding is open.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compliancePacks } from '../../lib/compliance/packs';
import { helpAsked } from '../../local/help';
import {
  ENVIRONMENT_NAMES,
  type EnvironmentName,
  ENVIRONMENTS,
  type OwnConfiguration,
  ownConfiguration,
  synthesise,
} from '../synthesise';
import { type Documented, writeDocument } from './docs';
import { assess } from './findings';
import { filesOf } from './formats';
import { parseRecord, RECORD, recordedAt, risen } from './recorded';
import { type EnvironmentReport, openFindings, reportOf } from './report';

const ROOT = join(__dirname, '..', '..');
const USAGE = `usage: npm run compliance -- [--env <name>] [--out <folder>] [--docs] [--base <commit>]
  --env <name>     only this one of ${ENVIRONMENT_NAMES.join(', ')}
  --out <folder>   for compliance.md, .csv and .json; build/compliance by default
  --docs           writes the generated part of docs/compliance.md too, of the presets alone
  --base <commit>  fails where more acknowledgements are recorded than were there`;

function main(): void {
  if (helpAsked(USAGE)) return;
  const { env, out, docs, base } = argumentsOf(process.argv.slice(2));
  const complaints = base === undefined ? [] : sinceBase(base);
  // docs/compliance.md is about the presets.
  const own = docs ? {} : ownConfiguration();
  const environments = assessed(env === undefined ? ENVIRONMENT_NAMES : [env], own);
  const reports = environments.map(({ report }) => report);
  mkdirSync(out, { recursive: true });
  for (const [file, text] of Object.entries(filesOf(reports))) writeFileSync(join(out, file), text);
  if (docs) writeDocument(environments);
  for (const report of reports) console.log(summary(report));
  console.log(`written: ${out}`);
  complaints.push(...reports.flatMap(openFindings));
  for (const complaint of complaints) console.error(complaint);
  if (complaints.length > 0) process.exitCode = 1;
}

function argumentsOf(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      env: { type: 'string' },
      out: { type: 'string', default: join(ROOT, 'build', 'compliance') },
      docs: { type: 'boolean', default: false },
      base: { type: 'string' },
    },
  });
  const env = ENVIRONMENT_NAMES.find((name) => name === values.env);
  if (values.env !== undefined && env === undefined)
    throw new Error(`--env ${values.env} must be one of ${ENVIRONMENT_NAMES.join(', ')}`);
  if (values.docs && env !== undefined) throw new Error('--docs is about every environment: leave --env out');
  return { ...values, env };
}

function sinceBase(base: string): string[] {
  const before = recordedAt(base);
  if (before) return risen(before, parseRecord(readFileSync(join(ROOT, RECORD), 'utf8')));
  console.log(`${base} has no ${RECORD}: nothing to compare`);
  return [];
}

function assessed(names: readonly EnvironmentName[], own: OwnConfiguration): Documented[] {
  const folder = mkdtempSync(join(tmpdir(), 'signal9-compliance-'));
  try {
    return names.map((name) => {
      // An open finding is to be reported, not thrown.
      const { app, config } = synthesise({ ...ENVIRONMENTS[name], ...own }, join(folder, name), false);
      const assessment = assess(app, compliancePacks(config));
      return { report: reportOf(name, assessment), acknowledged: assessment.acknowledged };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function summary({ environment, acknowledgements, packs }: EnvironmentReport): string {
  const lines = packs.map(
    ({ of, rules, compliant, acknowledged, open }) =>
      `  ${of}: ${rules} rules, ${compliant} compliant, ${acknowledged} acknowledged, ${open} open`,
  );
  return [`${environment}: ${acknowledgements} acknowledgements`, ...lines].join('\n');
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
