import { textOf } from '../../../tools/diff/text';
import { difference, stackOf, textBetween } from './side';

const policy = (...Statement: object[]) => ({
  Policy: { Type: 'AWS::IAM::ManagedPolicy', Properties: { Roles: [{ Ref: 'Role' }], PolicyDocument: { Statement } } },
});
const ARN = { 'Fn::GetAtt': ['News', 'Arn'] };
const read = { Effect: 'Allow', Action: ['dynamodb:GetItem', 'dynamodb:Query'], Resource: ARN };

test('a statement more, and one less', () => {
  const more = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' };
  const added = textBetween(policy(read), policy(read, more));
  expect(added).toContain(
    'IAM statements\n  +  Allow  AWS:${Role}  sqs:SendMessage  *  [Signal9-dev-us-east-1-Data: dev]\n',
  );
  expect(textBetween(policy(read, more), policy(read))).toContain('  -  Allow  AWS:${Role}  sqs:SendMessage  *  [');
});

test('an action more in a statement is told by itself', () => {
  const text = textBetween(policy(read), policy({ ...read, Action: [...read.Action, 'dynamodb:DeleteItem'] }));
  expect(text).toContain('  ~  Allow  AWS:${Role}  ${News.Arn}  [');
  expect(text.match(/action .*/g)).toEqual([
    'action + dynamodb:DeleteItem',
    'action dynamodb:GetItem',
    'action dynamodb:Query',
  ]);
});

test('an effect that turns is two statements, never a changed one', () => {
  const text = textBetween(policy(read), policy({ ...read, Effect: 'Deny' }));
  expect(text).toMatch(/ {2}- {2}Allow/);
  expect(text).toMatch(/ {2}\+ {2}Deny/);
});

test('a condition that goes', () => {
  const Condition = { Bool: { 'aws:SecureTransport': 'true' } };
  expect(textBetween(policy({ ...read, Condition }), policy(read))).toMatch(/ {2}~ {2}Allow .* - .*SecureTransport/);
});

test('managed policies attached and detached', () => {
  const role = (...ManagedPolicyArns: string[]) => ({
    Role: { Type: 'AWS::IAM::Role', Properties: { ManagedPolicyArns } },
  });
  const text = textBetween(
    role('arn:aws:iam::aws:policy/ReadOnlyAccess'),
    role('arn:aws:iam::aws:policy/AdministratorAccess'),
  );
  expect(text).toContain('Managed policies\n  -  ${Role}  arn:aws:iam::aws:policy/ReadOnlyAccess  [');
  expect(text).toContain('  +  ${Role}  arn:aws:iam::aws:policy/AdministratorAccess  [');
});

describe('policies of resources', () => {
  const statement = { Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'x:Do', Resource: '*' };
  test.each([
    ['a key', 'AWS::KMS::Key', 'KeyPolicy', {}],
    ['a queue', 'AWS::SQS::QueuePolicy', 'PolicyDocument', { Queues: [{ Ref: 'It' }] }],
    ['a bucket', 'AWS::S3::BucketPolicy', 'PolicyDocument', { Bucket: { Ref: 'It' } }],
    ['a topic', 'AWS::SNS::TopicPolicy', 'PolicyDocument', { Topics: [{ Ref: 'It' }] }],
    ['a secret', 'AWS::SecretsManager::ResourcePolicy', 'ResourcePolicy', { SecretId: { Ref: 'It' } }],
    ['a backup vault', 'AWS::Backup::BackupVault', 'AccessPolicy', {}],
    ['who may take a role', 'AWS::IAM::Role', 'AssumeRolePolicyDocument', {}],
    ['an endpoint', 'AWS::EC2::VPCEndpoint', 'PolicyDocument', {}],
  ])('%s', (_, Type, property, rest) => {
    const with_ = (...Statement: object[]) => ({ It: { Type, Properties: { ...rest, [property]: { Statement } } } });
    expect(textBetween(with_(), with_(statement))).toMatch(
      /IAM statements\n {2}\+ {2}Allow {2}AWS:111122223333 {2}x:Do/,
    );
  });

  test('a function that others may call', () => {
    const permission = (Principal: string) => ({
      It: {
        Type: 'AWS::Lambda::Permission',
        Properties: { Action: 'lambda:InvokeFunction', FunctionName: { Ref: 'F' }, Principal },
      },
    });
    expect(textBetween({}, permission('events.amazonaws.com'))).toContain('+  Allow  Service:events.amazonaws.com');
  });
});

describe('security groups', () => {
  const rule = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIp: '0.0.0.0/0' };
  const group = (...SecurityGroupIngress: object[]) => ({
    Group: { Type: 'AWS::EC2::SecurityGroup', Properties: { SecurityGroupIngress } },
  });

  test('a port opened, and closed', () => {
    const opened = textBetween(group(), group(rule));
    expect(opened).toContain('Security groups\n  +  ${Group.GroupId}  ingress  TCP 22  Everyone (IPv4)  [');
    expect(textBetween(group(rule), group())).toContain('  -  ${Group.GroupId}  ingress  TCP 22  Everyone (IPv4)  [');
  });

  test('a rule that is a resource of its own', () => {
    const egress = {
      Rule: {
        Type: 'AWS::EC2::SecurityGroupEgress',
        Properties: {
          GroupId: { Ref: 'A' },
          IpProtocol: 'tcp',
          FromPort: 443,
          ToPort: 443,
          DestinationSecurityGroupId: { Ref: 'B' },
        },
      },
    };
    expect(textBetween({}, egress)).toContain('  +  ${A}  egress  TCP 443  ${B}  [');
  });

  test('of a whole new stack are told too', () => {
    expect(textOf(difference([], [stackOf({ ...group(rule), ...policy(read) })]))).toMatch(
      /IAM statements\n[^]*Security groups\n {2}\+/,
    );
  });
});
