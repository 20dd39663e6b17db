import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { compliancePacks } from '../../lib/compliance/packs';
import { loadConfig } from '../../lib/config';
import { buildApp } from '../../lib/platform';

/** Prod as somebody's configuration may make it has to satisfy the five packs too. */
describe('prod', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'signal9-variants-'));
  afterAll(() => rmSync(outdir, { recursive: true }));
  const prod = (overrides: object = {}) => loadConfig({ env: 'prod', region: 'us-east-1', overrides });

  test('in a young account, with a load balancer that faces the internet, has no finding that nobody explained', () => {
    const { certificateArns } = prod().domain!;
    const config = prod({ reservedConcurrency: 'none', portfolio: { service: { certificateArns } } });
    const app = new App({ outdir: join(outdir, 'young'), analyticsReporting: false });
    buildApp(app, config);
    // Findings that nobody acknowledged would throw here.
    app.synth();
    // And it is prod that was judged, by all its packs.
    for (const pack of compliancePacks(config))
      expect(pack.validateScope(app)).toEqual({ success: true, violations: [] });
  });

  test('with a function that nobody gave a reservation is refused, by its name', () => {
    const reservedConcurrency = { ...(prod().reservedConcurrency as Record<string, number>) };
    delete reservedConcurrency['news-sync'];
    const config = { ...prod(), reservedConcurrency };
    const app = new App({ outdir: join(outdir, 'forgotten'), analyticsReporting: false });
    buildApp(app, config);
    const found = compliancePacks(config).flatMap((pack) =>
      pack
        .validateScope(app)
        .violations.filter(({ ruleName }) => ruleName.endsWith('LambdaConcurrency'))
        .flatMap(({ violatingResources }) => violatingResources.map(({ constructPath }) => constructPath)),
    );
    const job = 'Signal9-prod-us-east-1-Compute/AdvisorDay/NewsSync/Job/Function/Resource';
    expect(found).toEqual([job, job]);
  });
});
