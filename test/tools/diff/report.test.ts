import { markdownOf } from '../../../tools/diff/markdown';
import { textOf } from '../../../tools/diff/text';
import { difference, stackOf, textBetween } from './side';

const fn = (properties: object) => ({ Job: { Type: 'AWS::Lambda::Function', Properties: properties } });

describe('resources', () => {
  test('added, removed, changed and replaced are told apart, and what changes from what to what', () => {
    const rule = (Name: string) => ({ Type: 'AWS::Events::Rule', Properties: { Name, State: Name } });
    const text = textBetween({ Gone: rule('g'), Rule: rule('ENABLED') }, { Rule: rule('DISABLED'), New: rule('n') });
    expect(text).toContain('  removed  Gone  AWS::Events::Rule  [dev]');
    expect(text).toContain('  added  New  AWS::Events::Rule  [dev]');
    expect(text).toContain('  replaced  Rule  AWS::Events::Rule  [dev]');
    expect(text).toContain('      Name: ENABLED → DISABLED (replaces)');
    expect(text).toContain('      State: ENABLED → DISABLED\n');
  });

  test('a value is told where it is, however deep, and references as references', () => {
    const text = textBetween(
      fn({ Environment: { Variables: { LEVEL: 'INFO', TABLE: { Ref: 'One' } } }, Timeout: 3 }),
      fn({ Environment: { Variables: { LEVEL: 'WARN', TABLE: { 'Fn::GetAtt': ['Two', 'Arn'] } } }, MemorySize: 128 }),
    );
    expect(text).toContain('Environment.Variables.LEVEL: INFO → WARN');
    expect(text).toContain('Environment.Variables.TABLE: ${One} → ${Two.Arn}');
    expect(text).toContain('Timeout: - 3');
    expect(text).toContain('MemorySize: + 128');
  });

  test('of a list only the elements that came and went', () => {
    const text = textBetween(fn({ Layers: ['a', 'b', 'c'] }), fn({ Layers: ['b', 'c', 'd'] }));
    expect(text.match(/Layers.*/g)).toEqual(['Layers[]: - a', 'Layers[]: + d']);
    expect(textBetween(fn({ Layers: ['a', 'b'] }), fn({ Layers: ['b', 'a'] }))).toContain('Layers: order');
  });

  test('a long value is cut around what differs', () => {
    const text = textBetween(
      fn({ Description: `${'x'.repeat(500)}old` }),
      fn({ Description: `${'x'.repeat(500)}new` }),
    );
    expect(text).toMatch(/Description: …x{40}old → …x{40}new\n/);
  });

  test('metadata that only tools read is no change, other metadata is', () => {
    const noted = (Metadata: object) => ({ Job: { Type: 'AWS::Lambda::Function', Properties: {}, Metadata } });
    const notes = { cdk_nag: { rules_to_suppress: [] }, 'aws:cdk:path': 'a/b', 'aws:asset:path': 'x' };
    expect(textBetween(noted({}), noted(notes))).toContain('Passed: nothing changes');
    expect(textBetween(noted(notes), noted({ ...notes, 'AWS::CloudFormation::Init': {} }))).toContain('Metadata');
  });
});

describe('code', () => {
  const [one, other, third] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string];
  const job = (hash: string) => fn({ Code: { S3Bucket: 'assets', S3Key: `${hash}.zip` } });
  const between = (before: string, after: string) =>
    textOf(
      difference([stackOf(job(one), { code: { [one]: before } })], [stackOf(job(other), { code: { [other]: after } })]),
    );

  test('that is the same under another hash is no change', () => {
    expect(between(third, third)).toContain('Passed: nothing changes');
  });

  test('that changed is one word', () => {
    const text = between(one, third);
    expect(text).toContain('  changed  Job  AWS::Lambda::Function  [dev]\n      code\n');
    expect(text).not.toContain('S3Key');
  });

  test('of several functions is told once, and a permission on the asset is not', () => {
    const policy = (hash: string) => ({
      Read: {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: {
          Roles: [{ Ref: 'Role' }],
          PolicyDocument: {
            Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::b/${hash}.zip` }],
          },
        },
      },
    });
    const many = (hash: string) => ({ ...job(hash), Again: job(hash).Job, ...policy(hash) });
    const text = textOf(
      difference([stackOf(many(one), { code: { [one]: one } })], [stackOf(many(other), { code: { [other]: other } })]),
    );
    expect(text).toContain('      Job, Again\n      code\n');
    expect(text).not.toContain('IAM statements');
  });
});

describe('places', () => {
  const everywhere = (name: string) =>
    [
      ['dev', 'us-east-1'],
      ['prod', 'us-east-1'],
      ['prod', 'us-east-2'],
      ['prod', 'us-west-2'],
    ].map(([environment = '', region = '']) =>
      stackOf(fn({ FunctionName: `signal9-${environment}-${name}`, Handler: name }), { environment, region }),
    );

  test('what is the same but for their names is told once', () => {
    const text = textOf(difference(everywhere('old'), everywhere('new')));
    expect(text.match(/ Job {2}/g)).toHaveLength(1);
    expect(text).toContain('Signal9-*-*-Data\n  replaced  Job  AWS::Lambda::Function  [dev, prod (3 regions)]');
    expect(text).toContain('FunctionName: signal9-<env>-old → signal9-<env>-new (replaces)');
  });

  test('what is in some regions only names them', () => {
    const [dev, east, ...rest] = everywhere('old');
    const text = textOf(difference([dev!, east!, ...rest], [dev!, east!, ...everywhere('new').slice(2)]));
    expect(text).toContain('Signal9-prod-*-Data\n');
    expect(text).toContain('[prod (us-east-2, us-west-2)]');
    expect(text).toContain('FunctionName: signal9-prod-old → signal9-prod-new');
  });

  test('a whole stack added or removed is told by its types', () => {
    const stack = stackOf({ ...fn({}), Other: fn({}).Job });
    expect(textOf(difference([], [stack]))).toContain(
      'Signal9-dev-us-east-1-Data\n  added  AWS::Lambda::Function ×2  [dev]',
    );
    expect(textOf(difference([stack], []))).toContain('removed: `cdk deploy` leaves it as it is');
  });
});

describe('Markdown', () => {
  const many = (count: number, suffix: string) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [
        `Rule${at}`,
        {
          Type: 'AWS::Events::Rule',
          Properties: { Description: `a | b \`${suffix}\` @team <b> ${at}${' far'.repeat(30)}` },
        },
      ]),
    );
  const table = { Users: { Type: 'AWS::DynamoDB::Table', Properties: {} } };
  const report = (count: number) =>
    difference([stackOf({ ...many(count, 'x'), ...table })], [stackOf(many(count, 'y'))]);

  test('tells the verdict before the tables', () => {
    const markdown = markdownOf(report(1));
    expect(markdown.indexOf('**Refused: 1 destructive change')).toBeLessThan(markdown.indexOf('### Destructive'));
    expect(markdown).toContain(
      '| `Signal9-dev-us-east-1-Data` | dev | REFUSED | remove | `Users (AWS::DynamoDB::Table)` |',
    );
  });

  test('lets no value end its cell or its code', () => {
    const row = markdownOf(report(1))
      .split('\n')
      .find((line) => line.includes('`Rule0`'))!;
    expect(row.split(/(?<!\\)\|/)).toHaveLength(7);
    expect(row).toContain('`` Description: a \\| b `x` @team <b> 0');
  });

  test('fits into a comment, keeps its tables whole, and says what was cut', () => {
    const markdown = markdownOf(report(300));
    expect(Buffer.byteLength(markdown)).toBeLessThan(65_536);
    expect(markdown).toContain('REFUSED');
    expect(markdown.match(/<details>/g)).toHaveLength(markdown.match(/<\/details>/g)!.length);
    expect(markdown).toMatch(/Too long for a comment\. Left out: Signal9-dev-us-east-1-Data, resources \(\d+ of 301\)/);
    expect(markdownOf(report(3))).not.toContain('Too long');
  });
});
