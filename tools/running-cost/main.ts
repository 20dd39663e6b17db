/**
 * What each environment costs a month while nobody uses it, from its templates: writes the tables of docs/deploy.md.
 * `npx tsx tools/running-cost/main.ts`; test/infra/running-cost.test.ts fails when they are out of date.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ENVIRONMENT_NAMES, synthesise } from '../synthesise';
import { withTables } from './document';
import { quantities, type Quantities, type Template } from './quantities';

const ROOT = join(__dirname, '..', '..');
const FILE = join(ROOT, 'docs', 'deploy.md');

function costOf(env: string): Quantities {
  const outdir = mkdtempSync(join(tmpdir(), 'signal9-running-cost-'));
  try {
    // Compliance has a command of its own.
    const { app } = synthesise({ env, region: 'us-east-1' }, outdir, false);
    return quantities(app.synth().stacks.map(({ template }) => template as Template));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const costs = Object.fromEntries(ENVIRONMENT_NAMES.map((env) => [env, costOf(env)]));
  const document = withTables(readFileSync(FILE, 'utf8'), costs);
  writeFileSync(FILE, await format(document, { ...(await resolveConfig(FILE)), parser: 'markdown' }));
}

void main();
