import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { helpAsked } from '../../local/help';
import { parseRequest, USAGE } from './arguments';
import { DiffFailure } from './failure';
import { markdownOf } from './markdown';
import { reportOf } from './report';
import { synthesiseBoth } from './sides';
import { textOf } from './text';
import { parseWaivers } from './waivers';

/**
 * `npm run diff -- <base-ref>`: what the working tree would change in AWS, stack by stack, without an account.
 * Exit 0: nothing destructive, or all of it waived; 1: something destructive that no waiver names; 2: nothing to compare.
 */
const ROOT = join(__dirname, '..', '..');
const WAIVERS = join(ROOT, 'waivers.json');

async function main(argv: readonly string[], now: Date): Promise<number> {
  if (helpAsked(USAGE, argv)) return 0;
  const { base, environments, markdown } = parseRequest(argv);
  // Before the minute that a synthesis takes.
  const waivers = existsSync(WAIVERS) ? parseWaivers(readFileSync(WAIVERS, 'utf8'), now) : [];
  const report = reportOf(base, await synthesiseBoth(ROOT, base, environments), waivers, now);
  process.stdout.write(markdown ? markdownOf(report) : textOf(report));
  return report.refused ? 1 : 0;
}

main(process.argv.slice(2), new Date()).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    if (!(error instanceof DiffFailure)) throw error;
    console.error(`diff: ${error.message}`);
    process.exitCode = 2;
  },
);
