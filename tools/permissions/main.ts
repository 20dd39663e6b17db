/** Writes docs/permissions.md from the templates, without an account. `npm run permissions` */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { helpAsked } from '../../local/help';
import { type EnvironmentName, ENVIRONMENTS, ownConfiguration, synthesise } from '../synthesise';
import { readStacks } from '../templates';
import { DOCUMENT, documentOf } from './document';
import { type Statement, statementsOf } from './statements';

const BUILD = join(__dirname, '..', '..', 'build');
const own = ownConfiguration();

function main(): void {
  if (
    helpAsked(
      'usage: npm run permissions   writes docs/permissions.md of the presets; with a signal9.config.ts build/permissions.md',
    )
  )
    return;
  const folder = mkdtempSync(join(tmpdir(), 'signal9-permissions-'));
  try {
    writeFileSync(target(), documentOf(statementsFor('prod', folder), statementsFor('dev', folder)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The document of this repository is about its presets. */
function target(): string {
  if (Object.keys(own).length === 0) return DOCUMENT;
  mkdirSync(BUILD, { recursive: true });
  return join(BUILD, 'permissions.md');
}

/** Of the environment's first region. */
function statementsFor(name: EnvironmentName, folder: string): Statement[] {
  const outdir = join(folder, name);
  // Compliance has a command of its own.
  const { config } = synthesise({ ...ENVIRONMENTS[name], ...own }, outdir, false);
  const [region] = config.regions;
  if (region === undefined) throw new Error(`${name} has no region`);
  return statementsOf(readStacks(outdir, config.env, region));
}

main();
