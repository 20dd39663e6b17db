import { textOf } from '../../../tools/diff/text';
import { difference, lostIn, stackOf } from './side';

const table = (TableName: string) => ({ Type: 'AWS::DynamoDB::Table', Properties: { TableName } });
const queue = { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 30 } };

describe('a resource that moves', () => {
  test('to another logical id is removed and made anew, and said to move', () => {
    const report = difference([stackOf({ Old: table('users') })], [stackOf({ New: table('users') })]);
    expect(lostIn(report)).toEqual([['remove', 'its items: deleted']]);
    expect(textOf(report)).toContain('seems to move to Signal9-dev-us-east-1-Data New, where it is made anew');
    expect(textOf(report)).toContain('seems to move from Signal9-dev-us-east-1-Data Old');
  });

  test('to another stack, by its properties but for the tags', () => {
    const tagged = (of: string) => ({
      ...queue,
      Properties: { ...queue.Properties, Tags: [{ Key: 'stack', Value: of }] },
    });
    const report = difference(
      [stackOf({ Q: tagged('Data') }), stackOf({}, { part: 'Compute' })],
      [stackOf({}), stackOf({ Q: tagged('Compute') }, { part: 'Compute' })],
    );
    expect(textOf(report)).toContain('seems to move to Signal9-dev-us-east-1-Compute Q');
  });

  test('is not guessed where two would fit, or in another region', () => {
    const two = difference([stackOf({ A: queue })], [stackOf({ B: queue, C: queue })]);
    expect(textOf(two)).not.toContain('seems to move');
    const elsewhere = difference(
      [stackOf({ A: queue }), stackOf({}, { region: 'us-east-2' })],
      [stackOf({}), stackOf({ A: queue }, { region: 'us-east-2' })],
    );
    expect(textOf(elsewhere)).not.toContain('seems to move');
  });
});

describe('an export that another stack imports', () => {
  const NAME = 'Signal9-dev-us-east-1-Data:Users';
  const exporting = (TableName: string, Value: unknown = { Ref: 'Users' }) =>
    stackOf({ Users: table(TableName) }, { outputs: { Out: { Value, Export: { Name: NAME } } } });
  const importing = (region = 'us-east-1') =>
    stackOf(
      { Job: { Type: 'AWS::Lambda::Function', Properties: { Handler: { 'Fn::ImportValue': NAME } } } },
      { part: 'Compute', region },
    );
  const without = stackOf({ Users: table('users') });
  const bare = stackOf({}, { part: 'Compute' });
  const section = (base: Parameters<typeof difference>[0], head: Parameters<typeof difference>[1]) =>
    /Exports in use\n {2}(.*)/.exec(textOf(difference(base, head)))?.[1];

  test('goes', () => {
    expect(section([exporting('users'), importing()], [without, bare])).toBe(
      `goes  ${NAME}  Signal9-dev-us-east-1-Compute  [Signal9-dev-us-east-1-Data: dev]`,
    );
  });

  test('gets another value, by itself or by a replacement', () => {
    const base = [exporting('users'), importing()];
    expect(section(base, [exporting('users', 'literal'), importing()])).toMatch(/^gets another value/);
    expect(section(base, [exporting('people'), importing()])).toMatch(/^gets another value/);
    expect(section(base, base)).toBeUndefined();
  });

  test('and one that nobody imports, or only in another region, may go', () => {
    expect(section([exporting('users'), bare], [without, bare])).toBeUndefined();
    expect(section([exporting('users'), importing('us-east-2')], [without, importing('us-east-2')])).toBeUndefined();
  });
});
