/**
 * What each environment costs a month while nobody uses it, from its templates: writes the tables of docs/deploy.md.
 * `npx tsx tools/running-cost/main.ts`; test/infra/running-cost.test.ts fails when they are out of date.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { helpAsked } from '../../local/help';
import { ENVIRONMENT_NAMES, ownConfiguration, synthesise } from '../synthesise';
import { withTables } from './document';
import { quantities, type Quantities, type Template } from './quantities';

const ROOT = join(__dirname, '..', '..');
const FILE = join(ROOT, 'docs', 'deploy.md');
const own = ownConfiguration();
/** The document of this repository is about its presets. */
const TARGET = Object.keys(own).length === 0 ? FILE : join(ROOT, 'build', 'running-cost.md');

function costOf(env: string): Quantities {
  const outdir = mkdtempSync(join(tmpdir(), 'signal9-running-cost-'));
  try {
    // Compliance has a command of its own.
    const { app } = synthesise({ env, region: 'us-east-1', ...own }, outdir, false);
    return quantities(app.synth().stacks.map(({ template }) => template as Template));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  if (helpAsked('usage: npx tsx tools/running-cost/main.ts   writes the tables of docs/deploy.md')) return;
  const costs = Object.fromEntries(ENVIRONMENT_NAMES.map((env) => [env, costOf(env)]));
  const document = withTables(readFileSync(FILE, 'utf8'), costs);
  mkdirSync(dirname(TARGET), { recursive: true });
  writeFileSync(TARGET, await format(document, { ...(await resolveConfig(FILE)), parser: 'markdown' }));
}

void main();
