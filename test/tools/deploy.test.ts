import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { changedCopy } from '../deploy/changed-copy';
import { columnOf, complaints, readRecord, table } from '../deploy/columns';
import { judge } from '../deploy/conformance';
import { UPDATE } from '../deploy/lifecycle';
import { refuseTakenPorts } from '../deploy/platform';

/** What `npm run verify:deploy` judges by, without an emulator. */
describe('the columns of resource types', () => {
  const recorded = { 'AWS::SQS::Queue': 'made', 'AWS::EC2::EIP': 'stub', 'AWS::RDS::DBProxy': 'server' } as const;

  test('are as recorded', () => {
    expect(complaints(recorded, recorded)).toEqual([]);
    expect(Object.entries(readRecord()).filter(([type, column]) => columnOf(type) !== column)).toEqual([]);
  });

  test.each([
    ['moves', { ...recorded, 'AWS::EC2::EIP': 'made' } as const, 'AWS::EC2::EIP was stub, and is made'],
    [
      'is new',
      { ...recorded, 'AWS::New::Type': 'stub' } as const,
      'AWS::New::Type is new (stub), and not in the record',
    ],
    [
      'is gone',
      { 'AWS::SQS::Queue': 'made', 'AWS::EC2::EIP': 'stub' } as const,
      'AWS::RDS::DBProxy is in the record, and in no stack',
    ],
  ])('are complained of when a type %s', (_, found, complaint) => {
    expect(complaints(recorded, found)).toEqual([complaint]);
  });

  test.each([
    'AWS::Lambda::Function',
    'AWS::DynamoDB::Table',
    'AWS::SQS::Queue',
    'AWS::Events::Rule',
    'AWS::Events::EventBus',
    'AWS::Scheduler::Schedule',
    'AWS::ApiGateway::RestApi',
    'AWS::ApiGatewayV2::Api',
    'AWS::Cognito::UserPool',
    'AWS::S3::Bucket',
    'AWS::SecretsManager::Secret',
  ])('never have %s among the stubs, record or no record', (type) => {
    expect(complaints({ [type]: 'stub' }, { [type]: 'stub' })).toEqual([`${type} must not be a stub`]);
    expect(readRecord()[type]).toBe('made');
  });

  test('are counted by stack', () => {
    const lines = table({ Data: ['AWS::RDS::DBCluster', 'AWS::DynamoDB::Table'], Network: ['AWS::EC2::FlowLog'] });
    expect(lines.map((line) => line.trim().split(/\s+/))).toEqual([
      ['stack', 'made', 'server', 'stub'],
      ['Data', '1', '1', '0'],
      ['Network', '0', '0', '1'],
      ['all', '1', '1', '1'],
    ]);
  });
});

describe('the verdict on conformance', () => {
  const known = [{ cases: /^a 403/, failure: /\b401\b/, why: 'the emulator says 401' }];

  test('takes the failures that are known, and counts them', () => {
    const results = [
      { name: 'a 403, one', failure: '401' },
      { name: 'a 403, two', failure: '401' },
      { name: 'b 200', failure: null },
    ];
    expect(judge(results, known)).toEqual({
      passed: 1,
      excepted: ['2 excepted: the emulator says 401'],
      complaints: [],
    });
  });

  test.each([
    [
      'another failure',
      [
        { name: 'a 403', failure: '401' },
        { name: 'b 200', failure: '500' },
      ],
      'b 200: 500',
    ],
    [
      'a known case that fails otherwise',
      [{ name: 'a 403', failure: 'expected 403, not 200' }],
      'a 403: expected 403, not 200',
    ],
    ['a known failure that passes', [{ name: 'a 403', failure: null }], 'a 403 passes, and is excepted'],
    ['an exception of no case', [{ name: 'b 200', failure: null }], '^a 403 is excepted, and there is no such case'],
  ])('complains of %s', (_, results, complaint) => {
    expect(judge(results, known).complaints).toEqual([complaint]);
  });
});

describe('a port that is needed', () => {
  test('is refused where another program listens, with its number and whose it is', async () => {
    const other = net.createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(refuseTakenPorts({ 'the cache': port })).rejects.toThrow(`port ${port} (the cache)`);
    await new Promise((resolve) => other.close(resolve));
    await expect(refuseTakenPorts({ 'the cache': port })).resolves.toBeUndefined();
  });
});

describe('the changed copy', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 's9-changed-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('has the update’s edits, each of which finds its place', () => {
    const copy = changedCopy(folder, UPDATE);
    for (const { file, to } of UPDATE) expect(readFileSync(path.join(copy, file), 'utf8')).toContain(to);
  });

  test('is not made of an edit that finds no place', () => {
    const lost = [{ file: 'cdk.json', from: 'nowhere to be found', to: '' }];
    const another = mkdtempSync(path.join(folder, 'lost-'));
    expect(() => changedCopy(another, lost)).toThrow('cdk.json does not have "nowhere to be found" exactly once');
  });
});
