import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { helpAsked } from '../local/help';

/** What we claim of speed, as ratios of one run: each benchmark in a process of its own, one after the other. `npm run bench` */
const BENCHMARKS = ['bundles', 'synth', 'reads', 'trades', 'portfolios', 'live'] as const;
const USAGE = `usage: npm run bench -- [${BENCHMARKS.join('|')}]…   all by default`;

function main(argv: readonly string[]): number {
  if (helpAsked(USAGE, argv)) return 0;
  const unknown = argv.find((name) => !BENCHMARKS.some((known) => known === name));
  if (unknown !== undefined) {
    console.error(`there is no benchmark ${JSON.stringify(unknown)}; ${USAGE}`);
    return 2;
  }
  for (const name of argv.length > 0 ? argv : BENCHMARKS) {
    const program = ['--import', 'tsx', join(__dirname, `${name}.ts`)];
    const { status } = spawnSync(process.execPath, program, { stdio: 'inherit' });
    if (status !== 0) return status ?? 1;
  }
  return 0;
}

process.exitCode = main(process.argv.slice(2));
