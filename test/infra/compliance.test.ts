import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { addCompliancePacks } from '../../lib/compliance/packs';
import { compliance, ENVIRONMENTS, validationReport } from './synthesised';

describe.each(ENVIRONMENTS)('compliance of %s', (name) => {
  const { acknowledged, findings } = compliance(name);
  const covers = (acknowledgement: { path: string; id: string }, finding: { path: string; id: string }) =>
    acknowledgement.id === finding.id && `${finding.path}/`.startsWith(`${acknowledgement.path}/`);

  test('no finding is unacknowledged', () => {
    expect(findings.filter((finding) => !acknowledged.some((a) => covers(a, finding)))).toEqual([]);
  });

  test('no acknowledgement is without a finding', () => {
    expect(acknowledged.filter((a) => !findings.some((finding) => covers(a, finding)))).toEqual([]);
  });

  test('each acknowledgement names one finding of one pack, and a reason', () => {
    for (const { id, reason } of acknowledged) {
      expect(id).toMatch(/^AwsSolutions-[A-Z]+\d+(\[(Action|Resource)::.+\])?$/);
      expect(reason.length).toBeGreaterThan(40);
    }
  });

  test('the validation report is clean', () => {
    const reports = validationReport(name).pluginReports as {
      pluginName: string;
      conclusion: string;
      violations: unknown[];
    }[];
    expect(reports).not.toEqual([]);
    for (const { pluginName, conclusion, violations } of reports)
      expect({ pluginName, conclusion, violations }).toEqual({ pluginName, conclusion: 'success', violations: [] });
  });
});

test('a finding that nobody acknowledged stops a synthesis', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'signal9-gate-'));
  try {
    const app = new App({ outdir, analyticsReporting: false });
    new Bucket(new Stack(app, 'Careless'), 'Bucket');
    addCompliancePacks(app, { env: 'dev' });
    expect(() => app.synth()).toThrow(/AwsSolutions-S1/);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
});
