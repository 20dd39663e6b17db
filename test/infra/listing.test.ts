import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUNDLING_STACKS } from 'aws-cdk-lib/cx-api';
import * as bundles from '../../lib/constructs/bundles';
import { synthesise } from '../../tools/synthesise';

/** `cdk ls` asks for the code of no stack: whoever bundles all the same makes it wait for seconds (ADR 37). */
test('a list of the stacks bundles nothing', () => {
  const bundled = [jest.spyOn(bundles, 'bundleOf'), jest.spyOn(bundles, 'serviceBundle')];
  const outdir = mkdtempSync(join(tmpdir(), 'signal9-listing-'));
  try {
    const { app } = synthesise({}, outdir, false, { [BUNDLING_STACKS]: [] });
    expect(app.synth().stacks).toHaveLength(7);
  } finally {
    rmSync(outdir, { recursive: true });
  }
  for (const spy of bundled) expect(spy).not.toHaveBeenCalled();
});
