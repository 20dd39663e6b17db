import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import Module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FunctionId, functions } from '../contract/functions';
import * as bundles from '../lib/constructs/bundles';

/**
 * For the benchmark only: the same app, but every function bundled by a process of its own, spawned as NodejsFunction
 * does it (`npx --no-install esbuild --bundle …`). Run as the app: loads bin/signal9.ts with this in place of lib/constructs/bundles.ts.
 */
const ROOT = join(__dirname, '..');
const outdir = mkdtempSync(join(tmpdir(), 'signal9-bench-'));
process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));

const { banner, external, sourcesContent, outExtension, absWorkingDir: _, mainFields, ...rest } = bundles.bundleOptions;
const flags = [
  ...Object.entries(rest).map(([name, value]) => (value === true ? `--${kebab(name)}` : `--${kebab(name)}=${value}`)),
  ...external.map((name) => `--external:${name}`),
  `--main-fields=${mainFields.join(',')}`,
  `--sources-content=${String(sourcesContent)}`,
  `--out-extension:.js=${outExtension['.js']}`,
  `--banner:js=${banner.js}`,
];

function bundleOf(id: FunctionId): string {
  const target = join(outdir, id);
  const args = ['--no-install', 'esbuild', functions[id].entry, `--outfile=${target}/index.mjs`, ...flags];
  const { status, stderr } = spawnSync('npx', args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return target;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

type Load = (request: string, parent: unknown, isMain: boolean) => unknown;
const loader = Module as unknown as { _load: Load };
const load = loader._load;
loader._load = (request, parent, isMain) =>
  request.endsWith('/bundles') ? { ...bundles, bundleOf } : load(request, parent, isMain);
// Only now, so that the app gets what is above.
// eslint-disable-next-line @typescript-eslint/no-require-imports
require('../bin/signal9');
