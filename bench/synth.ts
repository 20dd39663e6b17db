import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { functions } from '../contract/functions';
import { median, timed } from './child';

/**
 * Cold `cdk synth` of the whole app in dev, beside the same app bundled by one esbuild a function, and that with the
 * set-up of `cdk init` (the compiler type-checks, as ts-node does). All in one run, taken in turns, median of RUNS.
 * `npx tsx bench/synth.ts [runs]`
 */
const ROOT = join(__dirname, '..');
const RUNS = Number(process.argv[2] ?? 3);

const APPS = {
  'signal9: tsx, one esbuild for all': 'node --import tsx bin/signal9.ts',
  'tsx, one esbuild a function': 'node --import tsx bench/one-esbuild-a-function.ts',
  'ts-node-like, one esbuild a function': 'node bench/ts-node-like.cjs bench/one-esbuild-a-function.ts',
} as const;

const seconds: Record<string, number[]> = {};
for (let run = 0; run < RUNS; run++)
  for (const [name, app] of Object.entries(APPS)) {
    const outdir = mkdtempSync(join(tmpdir(), 'signal9-bench-synth-'));
    const args = ['synth', '--quiet', '--app', app, '--output', outdir, '--no-notices'];
    (seconds[name] ??= []).push(
      timed(join(ROOT, 'node_modules/.bin/cdk'), args, { cwd: ROOT, env: { ...process.env, CI: 'true' } }),
    );
    rmSync(outdir, { recursive: true, force: true });
  }

const ours = median(Object.values(seconds)[0] ?? []);
console.log(`cold cdk synth, dev, ${String(Object.keys(functions).length)} functions, median of ${String(RUNS)}`);
for (const [name, values] of Object.entries(seconds)) {
  const value = median(values);
  console.log(`${name.padEnd(40)} ${value.toFixed(1).padStart(6)} s   ×${(value / ours).toFixed(2)}`);
}
