import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { functions } from '../contract/functions';
import { median, timed } from './child';

/**
 * `cdk synth` of the whole app in dev, cold (nothing bundled or judged before) and warm (the same again), and `cdk ls`,
 * beside the same app bundled by one esbuild a function, and that with the set-up of `cdk init` (the compiler type-checks,
 * as ts-node does). All in one run, taken in turns, median of RUNS. `npx tsx bench/synth.ts [runs]`
 */
const ROOT = join(__dirname, '..');
const RUNS = Number(process.argv[2] ?? 3);

const CACHE = join(ROOT, 'node_modules', '.cache', 'signal9');

const USUAL = 'ts-node-like, one esbuild a function';
const OURS = 'node --require tsx/cjs bin/signal9.ts';
/** By name: what runs, whether it may find what the one before it has left, and the command. */
const CASES = {
  'signal9, cold': { app: OURS, warm: false, command: 'synth' },
  'signal9, warm': { app: OURS, warm: true, command: 'synth' },
  'signal9, cdk ls': { app: OURS, warm: false, command: 'ls' },
  'tsx, one esbuild a function': {
    app: 'node --import tsx bench/one-esbuild-a-function.ts',
    warm: false,
    command: 'synth',
  },
  [USUAL]: { app: 'node bench/ts-node-like.cjs bench/one-esbuild-a-function.ts', warm: false, command: 'synth' },
} as const;

const seconds: Record<string, number[]> = {};
for (let run = 0; run < RUNS; run++)
  for (const [name, { app, warm, command }] of Object.entries(CASES)) {
    if (!warm) rmSync(CACHE, { recursive: true, force: true });
    const outdir = mkdtempSync(join(tmpdir(), 'signal9-bench-synth-'));
    const args = [
      command,
      ...(command === 'synth' ? ['--quiet'] : []),
      '--app',
      app,
      '--output',
      outdir,
      '--no-notices',
    ];
    (seconds[name] ??= []).push(
      timed(join(ROOT, 'node_modules/.bin/cdk'), args, { cwd: ROOT, env: { ...process.env, CI: 'true' } }),
    );
    rmSync(outdir, { recursive: true, force: true });
  }

const usual = median(seconds[USUAL] ?? []);
console.log(
  `dev, ${String(Object.keys(functions).length)} functions, median of ${String(RUNS)}; × is how much quicker than the last`,
);
for (const [name, values] of Object.entries(seconds)) {
  const value = median(values);
  console.log(`${name.padEnd(40)} ${value.toFixed(1).padStart(6)} s   ×${(usual / value).toFixed(2)}`);
}
