/** Writes docs/permissions.md from the templates, without an account. `npm run permissions` */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EnvironmentName, ENVIRONMENTS, synthesise } from '../synthesise';
import { readStacks } from '../templates';
import { DOCUMENT, documentOf } from './document';
import { type Statement, statementsOf } from './statements';

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), 'signal9-permissions-'));
  try {
    writeFileSync(DOCUMENT, documentOf(statementsFor('prod', folder), statementsFor('dev', folder)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of the environment's first region. */
function statementsFor(name: EnvironmentName, folder: string): Statement[] {
  const outdir = join(folder, name);
  // Compliance has a command of its own.
  const { config } = synthesise(ENVIRONMENTS[name], outdir, false);
  const [region] = config.regions;
  if (region === undefined) throw new Error(`${name} has no region`);
  return statementsOf(readStacks(outdir, config.env, region));
}

main();
