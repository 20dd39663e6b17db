import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { complaintsOf, judge, unseen } from '../../../tools/checkov/judge';
import { parseOutput } from '../../../tools/checkov/run';

// Of Checkov 3.3.30 over the templates of dev, cut to a few of its checks. `npm run checkov` runs the program itself.
const recorded = readFileSync(join(__dirname, 'recorded.json'), 'utf8');
const output = parseOutput(recorded);
const pathOf = (stack: string, logicalId: string) => `${stack}/${logicalId}/Resource`;

const DATA = 'Signal9-dev-us-east-1-Data';
const DATABASE = `${DATA}/PortfolioDatabase00821D12`;
const CLUSTER = `${DATA}/LedgerClusterB694961F/Resource`;
const LOGS = 'Signal9-dev-us-east-1-Storage/BucketsAccessLogsBucket428365C1';
const reason = 'A reason that is long enough to be one';
const acknowledged = (path: string, check: number) => ({ path, id: `Checkov-CKV_AWS_${check}`, reason });

test('a failed check is open until its construct, or what that is a part of, acknowledges it', () => {
  const found = judge('dev', output, [acknowledged(DATABASE, 157)], pathOf);
  expect(found).toMatchObject({ passed: 2, acknowledged: 1, misplaced: [] });
  expect(complaintsOf(found)).toEqual([
    `dev: Checkov-CKV_AWS_162 ${CLUSTER}: Ensure RDS cluster has IAM authentication enabled`,
    `dev: Checkov-CKV_AWS_18 ${LOGS}/Resource: Ensure the S3 bucket has access logging enabled`,
  ]);
});

test('an acknowledgement of nothing, and one of more than a resource, is named', () => {
  const all = [acknowledged(DATABASE, 157), acknowledged(CLUSTER, 162), acknowledged(LOGS, 18)];
  expect(complaintsOf(judge('dev', output, all, pathOf))).toEqual([]);
  expect(complaintsOf(judge('dev', output, [...all, acknowledged(DATABASE, 18)], pathOf))).toEqual([
    `dev: Checkov-CKV_AWS_18 is acknowledged on ${DATABASE}, which does not fail it exactly once`,
  ]);
  const twice = structuredClone(output);
  const logs = twice.results.failed_checks.find(({ check_id }) => check_id === 'CKV_AWS_18')!;
  twice.results.failed_checks.push({ ...logs, resource: 'AWS::S3::Bucket.Other' });
  const wide = [all[0]!, all[1]!, acknowledged('Signal9-dev-us-east-1-Storage', 18)];
  expect(judge('dev', twice, wide, pathOf).misplaced).toEqual([wide[2]]);
});

test("other rule sets' acknowledgements, and other environments' templates, are not asked", () => {
  const ofNag = { path: LOGS, id: 'AwsSolutions-S1', reason };
  expect(judge('dev', output, [ofNag], pathOf).misplaced).toEqual([]);
  expect(judge('prod', output, [], pathOf)).toMatchObject({ passed: 0, acknowledged: 0, open: [] });
});

test('templates that Checkov could not read are no clean templates', () => {
  const { summary, ...rest } = JSON.parse(recorded) as { summary: Record<string, unknown> };
  const broken = JSON.stringify({ ...rest, summary: { ...summary, parsing_errors: 2 } });
  expect(() => parseOutput(broken)).toThrow('Checkov could not read 2 of the templates');
  // What it prints where it was given no template at all.
  expect(() => parseOutput('{"passed": 0, "failed": 0}')).toThrow(/results/);
});

test('a check that a template tells it to skip is refused', () => {
  const skipping = JSON.parse(recorded) as { results: Record<string, unknown[]> };
  skipping.results.skipped_checks = skipping.results.failed_checks!.slice(0, 1);
  expect(() => parseOutput(JSON.stringify(skipping))).toThrow(/^CKV_AWS_\d+ is skipped on AWS::.*: acknowledge it/);
});

test('a template that it says nothing of was not looked at', () => {
  const [{ file_path } = { file_path: '' }] = output.results.failed_checks;
  expect(unseen([file_path, '/dev/Signal9-dev-us-east-1-Other.template.json'], output)).toEqual([
    '/dev/Signal9-dev-us-east-1-Other.template.json',
  ]);
});
