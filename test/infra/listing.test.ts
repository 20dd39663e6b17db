import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { BUNDLING_STACKS, FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT } from 'aws-cdk-lib/cx-api';
import { loadConfig } from '../../lib/config';
import * as bundles from '../../lib/constructs/bundles';
import { buildApp } from '../../lib/platform';

/** `cdk ls` asks for the code of no stack: whoever bundles all the same makes it wait for seconds (ADR 37). */
test('a list of the stacks bundles nothing', () => {
  const bundled = [jest.spyOn(bundles, 'bundleOf'), jest.spyOn(bundles, 'serviceBundle')];
  const outdir = mkdtempSync(join(tmpdir(), 'signal9-listing-'));
  try {
    const context = { [BUNDLING_STACKS]: [], [FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT]: false };
    const app = new App({ outdir, context, analyticsReporting: false });
    buildApp(app, loadConfig({}));
    expect(app.synth().stacks).toHaveLength(7);
  } finally {
    rmSync(outdir, { recursive: true });
  }
  for (const spy of bundled) expect(spy).not.toHaveBeenCalled();
});
