import { RETAINED_TYPES, stateOf } from '../../../tools/diff/stateful';
import { difference, lostBetween, lostIn, stackOf } from './side';

const table = (properties: object, policies: object = { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' }) => ({
  Users: { Type: 'AWS::DynamoDB::Table', Properties: properties, ...policies },
});
const KEPT = { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' };
const named = { TableName: 'users' };

describe('is destructive', () => {
  test('a property that replaces a table', () => {
    expect(lostBetween(table(named), table({ TableName: 'people' }))).toEqual([
      ['replace', 'TableName replaces it; its items: deleted'],
    ]);
  });

  test('a property that may replace a database', () => {
    const database = (Engine: string) => ({
      Db: { Type: 'AWS::RDS::DBInstance', Properties: { Engine }, UpdateReplacePolicy: 'Snapshot' },
    });
    expect(lostBetween(database('postgres'), database('aurora-postgresql'))).toEqual([
      ['replace', 'Engine may replace it; the databases, or an instance that serves them: deleted after a snapshot'],
    ]);
  });

  test.each([
    ['AWS::DynamoDB::Table', 'LocalSecondaryIndexes', [], [{ IndexName: 'by-day' }]],
    ['AWS::SecretsManager::Secret', 'GenerateSecretString', { PasswordLength: 30 }, { PasswordLength: 40 }],
    ['AWS::SecretsManager::Secret', 'SecretString', '{"key":""}', '{"key":"","id":""}'],
  ])('what the library takes for an update: of %s, %s', (Type, name, before, after) => {
    const of = (value: unknown) => ({ One: { Type, Properties: { [name]: value } } });
    expect(lostBetween(of(before), of(after))).toEqual([
      ['replace', expect.stringMatching(`^${name} may replace it; `) as string],
    ]);
    expect(lostBetween(of(before), of(before))).toEqual([]);
  });

  test('a replacement that follows from another one', () => {
    const both = (name: string) => ({
      Vault: { Type: 'AWS::Backup::BackupVault', Properties: { BackupVaultName: name } },
      Copy: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: { Ref: 'Vault' } } },
    });
    expect(lostBetween(both('one'), both('two')).map(([, detail]) => detail)).toEqual([
      'BackupVaultName replaces it; the recovery points: deleted',
      'LogGroupName replaces it; its log events: deleted',
    ]);
  });

  test('a removal, whether its data is deleted or left behind', () => {
    expect(lostBetween(table(named), {})).toEqual([['remove', 'its items: deleted']]);
    expect(lostBetween(table(named, KEPT), {})).toEqual([['remove', 'its items: left behind, managed by nothing']]);
  });

  test('a condition under which it would not exist, and not one that it had', () => {
    const under = (Condition: string) => ({ Users: { ...table(named).Users, Condition } });
    expect(lostBetween(table(named), under('Large'))).toEqual([
      ['remove', 'only where Large holds does it stay; its items: deleted'],
    ]);
    expect(lostBetween(under('Large'), under('Large'))).toEqual([]);
    expect(lostBetween(under('Large'), table(named))).toEqual([]);
  });

  test('another type under the same logical id', () => {
    expect(lostBetween(table(named), { Users: { Type: 'AWS::SNS::Topic' } })).toEqual([
      ['replace', 'its type becomes AWS::SNS::Topic; its items: deleted'],
    ]);
  });

  test('a policy that keeps less, and not one that keeps as much', () => {
    expect(lostBetween(table(named, KEPT), table(named, { ...KEPT, DeletionPolicy: 'Delete' }))).toEqual([
      ['unretain', 'DeletionPolicy from RetainExceptOnCreate to Delete; its items'],
    ]);
    expect(lostBetween(table(named, KEPT), table(named, { ...KEPT, UpdateReplacePolicy: 'Snapshot' }))).toEqual([
      ['unretain', 'UpdateReplacePolicy from Retain to Snapshot; its items'],
    ]);
    expect(lostBetween(table(named, { ...KEPT, DeletionPolicy: 'Retain' }), table(named, KEPT))).toEqual([]);
    expect(lostBetween(table(named), table(named, KEPT))).toEqual([]);
  });

  test('a cluster without a policy is snapshot by default, so that Delete keeps less', () => {
    const cluster = (policies: object) => ({ Ledger: { Type: 'AWS::RDS::DBCluster', Properties: {}, ...policies } });
    expect(lostBetween(cluster({}), cluster({ DeletionPolicy: 'Delete' }))).toEqual([
      ['unretain', 'DeletionPolicy from Snapshot to Delete; the databases'],
    ]);
  });

  test.each([
    ['AWS::DynamoDB::Table', 'DeletionProtectionEnabled', true, false],
    ['AWS::RDS::DBCluster', 'DeletionProtection', true, undefined],
    ['AWS::Cognito::UserPool', 'DeletionProtection', 'ACTIVE', 'INACTIVE'],
  ])('deletion protection of %s switched off, and not on', (Type, name, on, off) => {
    const [protectedOne, open] = [on, off].map((value) => ({ It: { Type, Properties: { [name]: value } } }));
    expect(lostBetween(protectedOne!, open!).map(([change]) => change)).toEqual(['unprotect']);
    expect(lostBetween(open!, protectedOne!)).toEqual([]);
  });

  test('termination protection of a stack switched off', () => {
    const [on, off] = [stackOf(table(named), { protected: true }), stackOf(table(named))];
    expect(lostIn(difference([on], [off]))).toEqual([['unprotect', 'termination protection is switched off']]);
    expect(difference([off], [on]).refused).toBe(false);
  });

  test('each stateful resource of a stack that goes', () => {
    const stack = stackOf({ ...table(named), Topic: { Type: 'AWS::SNS::Topic' } });
    expect(lostIn(difference([stack], []))).toEqual([['remove', 'its items: deleted']]);
  });
});

describe('is not destructive', () => {
  test('a property that is updated in place', () => {
    expect(lostBetween(table(named), table({ ...named, BillingMode: 'PAY_PER_REQUEST' }))).toEqual([]);
  });

  test('a replacement or removal of what can be made again', () => {
    const rule = (Name: string) => ({ Rule: { Type: 'AWS::Events::Rule', Properties: { Name } } });
    expect(lostBetween(rule('one'), rule('two'))).toEqual([]);
    expect(lostBetween(rule('one'), {})).toEqual([]);
  });

  test('an addition', () => {
    expect(lostBetween({}, table(named, KEPT))).toEqual([]);
  });
});

test('what remembers is known by its type, or by a policy that keeps it', () => {
  for (const Type of [
    ...RETAINED_TYPES,
    'AWS::SQS::Queue',
    'AWS::ElastiCache::ServerlessCache',
    'AWS::Events::Archive',
  ])
    expect([Type, stateOf({ Type })]).not.toEqual([Type, undefined]);
  expect(stateOf({ Type: 'AWS::EFS::FileSystem' })).toBeUndefined();
  expect(stateOf({ Type: 'AWS::EFS::FileSystem', UpdateReplacePolicy: 'Retain' })).toBeDefined();
  expect(stateOf({ Type: 'AWS::EFS::FileSystem', DeletionPolicy: 'Snapshot' })).toBeDefined();
  expect(stateOf({ Type: 'AWS::SNS::Topic', DeletionPolicy: 'Delete' })).toBeUndefined();
});
