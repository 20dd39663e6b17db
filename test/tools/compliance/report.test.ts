import { App, Stack, Validations } from 'aws-cdk-lib';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { parse } from 'csv-parse/sync';
import { type Assessment, assess } from '../../../tools/compliance/findings';
import { filesOf } from '../../../tools/compliance/formats';
import { openFindings, reportOf } from '../../../tools/compliance/report';

const REASON = 'It holds "the logs", and logs of logs would have no end';

/** A bucket whose missing access logs are acknowledged and whose missing policy is not, beside a queue. */
function assessed(): Assessment {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, 'Signal9-made-up', { env: { region: 'us-west-2' } });
  const bucket = new CfnBucket(stack, 'Logs');
  new CfnQueue(stack, 'Queue', { redrivePolicy: { deadLetterTargetArn: 'arn', maxReceiveCount: 3 } });
  Validations.of(bucket).acknowledge({ id: 'AwsSolutions-S1', reason: REASON });
  return assess(app, [new AwsSolutionsChecks(), new ServerlessChecks()]);
}

test('a finding is told of, acknowledged or not, and so is a rule that is followed', () => {
  const { acknowledged, findings, compliant } = assessed();
  const path = 'Signal9-made-up/Logs';
  expect(acknowledged).toEqual([{ path, id: 'AwsSolutions-S1', reason: REASON }]);
  const of = { path, pack: 'AwsSolutions', region: 'us-west-2', stack: 'Signal9-made-up', logicalId: 'Logs' };
  expect(findings).toContainEqual(expect.objectContaining({ ...of, id: 'AwsSolutions-S1', type: 'AWS::S3::Bucket' }));
  expect(findings).toContainEqual(expect.objectContaining({ ...of, id: 'AwsSolutions-S10' }));
  expect(compliant).toContainEqual(
    expect.objectContaining({ pack: 'Serverless', rule: 'Serverless-SQSRedrivePolicy' }),
  );
});

test('a rule that throws is a finding by its bare id', () => {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, 'Stack');
  const queue = new CfnQueue(stack, 'Queue');
  class Broken extends AwsSolutionsChecks {
    protected override checkResource(node: CfnQueue): void {
      const rule = () => {
        throw new Error('a parameter that is a reference');
      };
      this.applyRule({ ruleSuffixOverride: 'X1', info: 'broken', explanation: '', level: 0 as never, node, rule });
    }
  }
  expect(assess(app, [new Broken()]).findings).toEqual([
    expect.objectContaining({ id: 'AwsSolutions-X1', path: queue.node.path }),
  ]);
});

describe('the report', () => {
  const report = reportOf('dev', assessed());
  const rowOf = (rule: string) => report.rows.find((row) => row.rule === rule);

  test('gives each row its verdict and reason', () => {
    expect(rowOf('AwsSolutions-S1')).toMatchObject({ verdict: 'acknowledged', reason: REASON });
    expect(rowOf('AwsSolutions-S10')).toMatchObject({ verdict: 'open' });
    expect(rowOf('Serverless-SQSRedrivePolicy')).toMatchObject({ verdict: 'compliant', reason: '' });
  });

  test('adds up, per pack and per stack', () => {
    const count = (verdict: string) => report.rows.filter((row) => row.verdict === verdict).length;
    for (const totals of [report.packs, report.stacks])
      for (const verdict of ['compliant', 'acknowledged', 'open'] as const)
        expect(totals.reduce((sum, total) => sum + total[verdict], 0)).toBe(count(verdict));
    expect(report.packs.map(({ of }) => of)).toEqual(['AwsSolutions', 'Serverless']);
    expect(report.stacks.map(({ of }) => of)).toEqual(['Signal9-made-up']);
    expect(report.acknowledgements).toBe(1);
  });

  test('names each open finding in a line', () => {
    expect(openFindings(report)).toContainEqual(
      expect.stringMatching(/^dev: AwsSolutions-S10 Signal9-made-up\/Logs: /),
    );
    expect(openFindings(report).join('\n')).not.toContain('AwsSolutions-S1 ');
  });

  test('says the same as CSV, JSON and Markdown', () => {
    const files = filesOf([report]);
    const records = parse(files['compliance.csv']!, { columns: true });
    expect(records).toEqual(report.rows.map((row) => ({ environment: 'dev', ...row })));
    expect(JSON.parse(files['compliance.json']!)).toEqual({ environments: [report] });
    expect(files['compliance.md']).toContain(
      `| \`AwsSolutions-S1\` | \`Signal9-made-up/Logs\` | \`Logs\` | acknowledged |`,
    );
    expect(files['compliance.md']).not.toContain('SQSRedrivePolicy');
  });
});
