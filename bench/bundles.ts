import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { buildSync } from 'esbuild';
import * as z from 'zod/mini';
import { type FunctionDefinition, functions } from '../contract/functions';
import { bundleAll, bundleOptions } from '../lib/constructs/bundles';
import { median } from './child';

/**
 * Size of every function's bundle, and the time its import takes in a fresh process (what Lambda calls init), beside a
 * bundle of nothing but a DynamoDB document client. Taken in turns, median of RUNS. `npx tsx bench/bundles.ts [runs]`
 */
const ROOT = join(__dirname, '..');
const RUNS = Number(process.argv[2] ?? 15);
const BARE = 'bare document client';

const work = mkdtempSync(join(tmpdir(), 'signal9-bench-bundles-'));
const bundled = bundleAll(functions);
mkdirSync(join(work, BARE));
writeFileSync(
  join(work, 'bare.ts'),
  `import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
   import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
   const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
   export const handler = async () => documents.config.region();`,
);
const { absWorkingDir: _, ...options } = bundleOptions;
buildSync({
  ...options,
  absWorkingDir: work,
  nodePaths: [join(ROOT, 'node_modules')],
  entryPoints: { [`${BARE}/index`]: 'bare.ts' },
  outdir: work,
});
cpSync(join(work, BARE), join(bundled, BARE), { recursive: true });

/** Any value that the function's own schema takes, for it parses its environment at load. */
function environmentOf(definition: FunctionDefinition | undefined): Record<string, string> {
  if (!definition) return {};
  const { shape } = definition.environment as z.ZodMiniObject;
  const candidates = ['INFO', '1', 'https://example.com', 'dev', 'America/New_York'];
  return Object.fromEntries(
    Object.entries(shape).map(([name, schema]) => {
      if (name === 'SIGNAL9_ENV') return [name, 'dev'];
      if (name === 'SIGNAL9_TIME_ZONE') return [name, 'America/New_York'];
      return [name, candidates.find((value) => z.safeParse(schema, value).success) ?? ''];
    }),
  );
}

const lambda = {
  PATH: process.env.PATH,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_LAMBDA_FUNCTION_NAME: 'bench',
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
};

/** Milliseconds that the import takes, by the child's own clock: starting Node.js is not the bundle's doing. */
function init(id: string, definition: FunctionDefinition | undefined): number {
  const entry = join(bundled, id, 'index.mjs');
  const code = `const t=performance.now();const m=await import(${JSON.stringify(entry)});if(typeof m.handler!=='function')throw new Error('no handler');process.stdout.write(String(performance.now()-t));process.exit(0)`;
  const child = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    encoding: 'utf8',
    env: { ...lambda, ...environmentOf(definition) },
  });
  if (child.status !== 0) throw new Error(`${id}: ${child.stderr}`);
  return Number(child.stdout);
}

const entries: [string, FunctionDefinition | undefined][] = [[BARE, undefined], ...Object.entries(functions)];
const times = new Map<string, number[]>(entries.map(([id]) => [id, []]));
for (let run = 0; run < RUNS; run++) for (const [id, definition] of entries) times.get(id)?.push(init(id, definition));

const bare = median(times.get(BARE) ?? []);
console.log(
  `bundle, minified KB (with what lies beside it), init in ms (median of ${String(RUNS)}) and × of the bare client`,
);
for (const [id] of entries) {
  const size = statSync(join(bundled, id, 'index.mjs')).size / 1024;
  const beside = spawnSync('du', ['-sk', join(bundled, id)], { encoding: 'utf8' }).stdout.split('\t')[0] ?? '';
  const ms = median(times.get(id) ?? []);
  console.log(
    `${id.padEnd(24)} ${size.toFixed(0).padStart(5)} KB  (du ${beside.padStart(5)})  ${ms.toFixed(1).padStart(6)} ms  ×${(ms / bare).toFixed(2)}`,
  );
}
rmSync(work, { recursive: true, force: true });
