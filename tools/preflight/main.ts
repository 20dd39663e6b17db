import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError, loadConfig, refuseExamples } from '../../lib/config';
import { helpAsked } from '../../local/help';
import { ownConfiguration, synthesise } from '../synthesise';
import { readStacks } from '../templates';
import { DEFAULT_QUALIFIER } from './account';
import { AwsRefusal, AwsUnreachable, awsCli } from './aws';
import type { Finding } from './check';
import { preflight, type Result } from './preflight';

const USAGE = `usage: npm run preflight -- [environment]   dev by default
Asks an account, by read-only calls, whether an environment would deploy there.

  --region <list>      other regions than the preset's, such as us-east-1,us-west-2
  --overrides <json>   laid over the preset, as cdk -c overrides=… does
  --qualifier <id>     of the bootstrap stack; hnb659fds by default
  --json               the findings as JSON

Needs the AWS CLI 2 and credentials that may read (the policy ReadOnlyAccess). Exit 1: something would fail, each with the
command that fixes it. Exit 2: AWS could not be asked, or left something unknown.`;

async function main(args: string[]): Promise<number> {
  if (helpAsked(USAGE, args)) return 0;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      region: { type: 'string' },
      overrides: { type: 'string' },
      qualifier: { type: 'string', default: DEFAULT_QUALIFIER },
      json: { type: 'boolean', default: false },
    },
  });
  const { region, overrides, qualifier } = values;
  const env = positionals[0] ?? 'dev';
  const context = { ...ownConfiguration(), env, ...(region && { region }), ...(overrides && { overrides }) };
  const config = loadConfig(context);
  // Nothing of them is in any account.
  refuseExamples(config);
  const outdir = mkdtempSync(join(tmpdir(), 'signal9-preflight-'));
  try {
    // Compliance has a command of its own.
    synthesise(context, outdir, false);
    const stacks = new Map(config.regions.map((name) => [name, readStacks(outdir, config.env, name)]));
    const results = await preflight({ aws: awsCli(process.env.SIGNAL9_AWS), config, stacks, qualifier });
    process.stdout.write(values.json ? `${JSON.stringify(results, null, 2)}\n` : textOf(results));
    return exitCodeOf(results);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** 1 where something would fail, 2 where that is not known, so that `npm run preflight && npx cdk deploy` is safe. */
export function exitCodeOf(results: readonly Result[]): 0 | 1 | 2 {
  const has = (status: Finding['status']) => results.some(({ finding }) => finding.status === status);
  return has('problem') ? 1 : has('unknown') ? 2 : 0;
}

const MARKS = { ok: 'ok     ', problem: 'PROBLEM', note: 'note   ', unknown: 'unknown' } as const;

/** A line for each finding, below it the command that fixes it, and last how many there are of each kind. */
export function textOf(results: readonly Result[]): string {
  const lines = results.flatMap(({ region, title, finding: { status, message, fix } }) => [
    `${MARKS[status]}  ${region}  ${title}: ${message}`,
    ...(fix === undefined ? [] : [`           $ ${fix}`]),
  ]);
  const counted = (['ok', 'problem', 'note', 'unknown'] as const).map(
    (status) => `${results.filter(({ finding }) => finding.status === status).length} ${status}`,
  );
  return [...lines, counted.join(', '), ''].join('\n');
}

if (require.main === module)
  main(process.argv.slice(2)).then(
    (code) => (process.exitCode = code),
    (error: unknown) => {
      const isTold = error instanceof ConfigError || error instanceof AwsUnreachable || error instanceof AwsRefusal;
      console.error(`preflight: ${isTold ? error.message : String(error)}`);
      process.exitCode = 2;
    },
  );
