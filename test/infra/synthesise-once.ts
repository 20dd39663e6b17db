import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compliancePacks } from '../../lib/compliance/packs';
import { assess } from '../../tools/compliance/findings';
import { synthesise } from '../../tools/synthesise';
import { collectDropped } from './keys/dropped-statements';
import { SYNTHESISED } from './synthesised';

/**
 * Synthesises every environment once, before the tests of project `infra`: the templates go to a directory that the
 * tests read, with what only the construct tree knows beside them: acknowledgements, the findings without them, and what CDK dropped.
 */
export default function synthesiseOnce(): void {
  const directory = mkdtempSync(join(tmpdir(), 'signal9-infra-'));
  for (const [name, context] of Object.entries(SYNTHESISED)) {
    const outdir = join(directory, name);
    const dropped = collectDropped(() => {
      const { app, config } = synthesise(context, outdir);
      writeFileSync(join(outdir, 'compliance.json'), JSON.stringify(assess(app, compliancePacks(config))));
    });
    writeFileSync(join(outdir, 'dropped.json'), JSON.stringify(dropped));
  }
  process.env.SIGNAL9_SYNTHESISED = directory;
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
}
