import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type FunctionDefinition, type FunctionId, functions } from '../../contract/functions';
import { bundleAll, bundleOf, bundleOptions, serviceBundle } from '../../lib/constructs/bundles';

const KB = 1024;
/** What only this test bundled; jest's workers are ended without the event that would clean up. */
const made: string[] = [];
afterAll(() => made.forEach((directory) => rmSync(directory, { recursive: true })));

describe.each(Object.entries(functions) as [FunctionId, FunctionDefinition][])('bundle of %s', (id, definition) => {
  const directory = bundleOf(id, {});
  const code = () => readFileSync(join(directory, 'index.mjs'), 'utf8');

  test('imports nothing at load but Node.js itself', () => {
    // Statements stand at the beginning of a line or after another; `import(…)` is on demand and may stay.
    const imported = [
      ...code().matchAll(/(?:^|[;}\n])\s*(?:import|export)\b[^;'"(]*?(?:from)?\s*["']([^"']+)["']/g),
    ].map(([, name = '']) => name);
    expect(imported.filter((name) => !builtinModules.includes(name.replace(/^node:/, '')))).toEqual([]);
  });

  test('exports the handler, with its source map beside it', () => {
    expect(code()).toMatch(/export\s*\{[^}]*\bhandler\b/);
    expect(existsSync(join(directory, 'index.mjs.map'))).toBe(true);
  });

  test('has its files beside it', () => {
    for (const file of definition.files ?? []) expect(existsSync(join(directory, basename(file)))).toBe(true);
  });

  if (definition.system === 'api' && !definition.ledger)
    test('is no larger than 450 KB', () =>
      expect(statSync(join(directory, 'index.mjs')).size).toBeLessThanOrEqual(450 * KB));

  const { ledger = false, portfolio = false } = definition;
  if (ledger || portfolio)
    test('is no larger than 1.6 MB with its SQL drivers', () =>
      expect(statSync(join(directory, 'index.mjs')).size).toBeLessThanOrEqual(1.6 * KB * KB));

  test('carries the drivers of the databases that it reaches, and no other', () => {
    expect({ mysql: code().includes('caching_sha2_password'), postgres: /scram-sha-256/i.test(code()) }).toEqual({
      mysql: ledger,
      postgres: portfolio,
    });
  });
});

describe('the bundle of the portfolio service', () => {
  const directory = serviceBundle({});
  const code = readFileSync(join(directory, 'index.mjs'), 'utf8');

  test('is a program with its source map, its unit and what keeps its log short', () => {
    for (const file of [
      'index.mjs',
      'index.mjs.map',
      'source-maps.cjs',
      'signal9-portfolio.service',
      'signal9-portfolio.logrotate',
    ])
      expect(existsSync(join(directory, file))).toBe(true);
  });

  test('leaves out nothing that the credentials of an instance come by', () => {
    for (const name of bundleOptions.external) expect(code).not.toContain(`import("${name}")`);
  });

  test('is no larger than 3 MB', () => expect(Buffer.byteLength(code)).toBeLessThanOrEqual(3 * KB * KB));
});

test('a stack trace speaks of the source', () => {
  const directory = mkdtempSync(join(tmpdir(), 'signal9-trace-'));
  const entry = join(directory, 'thrower.ts');
  writeFileSync(entry, "\nexport const handler = () => {\n  throw new Error('on line three');\n};\n");
  const definition = { ...functions['api-docs'], entry, files: [] };
  const bundled = bundleAll({ thrower: definition });
  made.push(bundled, directory);
  const bundle = join(bundled, 'thrower', 'index.mjs');
  const code = `const { handler } = await import(${JSON.stringify(bundle)}); try { handler(); } catch (error) { console.log(error.stack); }`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], { encoding: 'utf8' });
  expect(stdout).toMatch(/thrower\.ts:3:/);
});
