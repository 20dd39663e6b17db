import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { acknowledgeRule } from '../../lib/compliance/acknowledge';
import { addCompliancePacks, compliancePacks, packsOf } from '../../lib/compliance/packs';
import { loadConfig } from '../../lib/config';
import { PlatformStack } from '../../lib/platform-stack';
import { covers, isOfCheckov } from '../../tools/compliance/findings';
import { type Recorded, recordOf } from '../../tools/compliance/recorded';
import acknowledgements from './acknowledgements.json';
import {
  type Acknowledged,
  compliance,
  ENVIRONMENTS,
  type Finding,
  SYNTHESISED,
  validationReport,
} from './synthesised';

const FIVE = ['AwsSolutions', 'Serverless', 'NIST.800.53.R5', 'PCI.DSS.321', 'HIPAA.Security'];
const TWO = ['AwsSolutions', 'Serverless'];

const recorded: Recorded = acknowledgements;

/** One pack, one rule, and of a rule that finds several things the thing. */
const GRANULAR =
  /^((AwsSolutions-(?!IAM[45])[A-Z]+\d+)|(Checkov-CKV_AWS_\d+)|(AwsSolutions-IAM[45]\[(Action|Resource|Policy)::.+\])|((Serverless|NIST\.800\.53\.R5|PCI\.DSS\.321|HIPAA\.Security)-[A-Za-z0-9]+))$/;

/** What an auditor would refuse, whatever it says: a whole stack or the app, many findings at once, no reason. */
const careless = (acknowledged: readonly Acknowledged[]): Acknowledged[] =>
  acknowledged.filter(
    ({ path, id, reason }) => path.split('/').length < 2 || !GRANULAR.test(id) || reason.length <= 40,
  );

/** Those of no finding, which excuse nothing, and those of several, which excuse more than what they were written for. */
const misplaced = (acknowledged: readonly Acknowledged[], findings: readonly Finding[]): Acknowledged[] =>
  acknowledged.filter((a) => findings.filter((finding) => covers(a, finding)).length !== 1);

describe.each(ENVIRONMENTS)('compliance of %s', (name) => {
  const { acknowledged, findings } = compliance(name);

  test('no finding is unacknowledged', () => {
    expect(findings.filter((finding) => !acknowledged.some((a) => covers(a, finding)))).toEqual([]);
  });

  test('each acknowledgement is of one finding of one resource', () => {
    // Those of Checkov's checks are held against its findings by `npm run checkov`, which needs Python.
    const ofPacks = acknowledged.filter((one) => !isOfCheckov(one));
    expect(misplaced(ofPacks, findings)).toEqual([]);
  });

  test('each acknowledgement names one finding of one pack on a construct below a stack, and a reason', () => {
    expect(careless(acknowledged)).toEqual([]);
  });

  test('there are as many acknowledgements as test/infra/acknowledgements.json says', () => {
    // Fewer is good, and is written down; more is for a reviewer to see.
    const now = recordOf(name, acknowledged);
    expect(now).toEqual(Object.fromEntries(Object.keys(now).map((key) => [key, recorded[key]])));
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

test('prod is judged by five packs, everything else by two', () => {
  expect(packsOf({ env: 'prod' })).toEqual(FIVE);
  for (const { env } of Object.values(SYNTHESISED).filter((context) => context.env !== 'prod'))
    expect(packsOf({ env })).toEqual(TWO);
  for (const env of ['prod', 'dev'])
    expect(compliancePacks({ env }).map(({ readPackName }) => readPackName)).toEqual(packsOf({ env }));
});

test('every environment has its number of acknowledgements written down', () => {
  expect(Object.keys(recorded).sort()).toEqual(ENVIRONMENTS.flatMap((name) => Object.keys(recordOf(name, []))).sort());
});

test.each([
  ['on a stack', { path: 'Signal9-dev-us-east-1-Data', id: 'AwsSolutions-S1' }],
  ['on the app', { path: '', id: 'AwsSolutions-S1' }],
  ['of every wildcard at once', { path: 'Stack/Role', id: 'AwsSolutions-IAM5' }],
  ['of a rule in every pack', { path: 'Stack/Fn', id: 'LambdaDLQ' }],
  ['of a whole pack', { path: 'Stack/Fn', id: 'Serverless-*' }],
])('an acknowledgement %s is noticed', (_, found) => {
  const reason = 'A reason that is long enough to be one, but does not make this right';
  expect(careless([{ ...found, reason }])).toHaveLength(1);
  expect(careless([{ path: 'Stack/Role', id: 'AwsSolutions-IAM5[Resource::*]', reason }])).toEqual([]);
  expect(careless([{ path: 'Stack/Role', id: 'AwsSolutions-IAM5[Resource::*]', reason: 'ok' }])).toHaveLength(1);
});

test('an acknowledgement on what holds several findings, or none, is noticed', () => {
  const on = (path: string) => ({ path, id: 'AwsSolutions-S1', reason: 'The logs would have no end' });
  const findings = [on('Stack/Buckets/One'), on('Stack/Buckets/Two')];
  const wide = on('Stack/Buckets');
  const unused = on('Stack/Queue');
  expect(misplaced([wide, on('Stack/Buckets/One'), unused], findings)).toEqual([wide, unused]);
});

describe('with a construct that nobody thought about', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'signal9-gate-'));
  afterAll(() => rmSync(outdir, { recursive: true, force: true }));

  test.each([
    ['dev', TWO],
    ['prod', FIVE],
  ])('a synthesis of %s stops, at the word of each of its packs and no other', (env, packs) => {
    const app = new App({ outdir: join(outdir, env), analyticsReporting: false });
    const stack = new Stack(app, 'Careless');
    new Bucket(stack, 'Bucket');
    new Queue(stack, 'Queue');
    addCompliancePacks(app, { env });
    let said = '';
    try {
      app.synth();
    } catch (error) {
      said = String(error);
    }
    expect(FIVE.filter((pack) => said.includes(`${pack}-`))).toEqual(packs);
  });

  test.each([
    ['prod', 3],
    ['dev', 0],
  ])('a rule is acknowledged in %s for each pack that has it there: %d', (env, count) => {
    class OneStack extends PlatformStack {
      constructor(app: App) {
        super(app, 'Storage', 'one bucket', { config: loadConfig({ env }), region: 'us-east-1' });
      }
    }
    const bucket = new Bucket(new OneStack(new App()), 'Bucket');
    acknowledgeRule(bucket, 'S3BucketReplicationEnabled', 'Because this is a test and nobody would miss the bucket');
    expect(bucket.node.metadata.flatMap(({ data }) => Object.keys(data as object))).toHaveLength(count);
  });
});
