import { textOf } from '../../../tools/diff/text';
import { parseWaivers } from '../../../tools/diff/waivers';
import { difference, NOW, stackOf } from './side';

const WAIVER = {
  stack: 'Signal9-*-Data',
  resource: 'Users',
  change: 'replace',
  reason: 'The table has been empty since users moved to the pool in June',
  expires: '2026-12-31',
};
const file = (...waivers: object[]) => parseWaivers(JSON.stringify({ waivers }), NOW);

describe('a waiver file', () => {
  test('takes complete waivers', () => {
    expect(file(WAIVER)).toEqual([WAIVER]);
    expect(file()).toEqual([]);
  });

  test.each([
    ['a missing field', { ...WAIVER, stack: undefined }, 'waivers.json: waivers.0.stack: '],
    ['an unknown field', { ...WAIVER, until: 'later' }, 'waivers.json: waivers.0: Unrecognized key: "until"'],
    ['a pattern of resources', { ...WAIVER, resource: 'Users*' }, 'waivers.0.resource: must be one logical id'],
    ['any stack', { ...WAIVER, stack: '*' }, 'waivers.0.stack: must be a name of stacks'],
    ['any stack of an environment', { ...WAIVER, stack: 'Signal9-dev-*' }, 'waivers.0.stack: must be a name of stacks'],
    ['an unknown change', { ...WAIVER, change: 'anything' }, 'waivers.0.change: '],
    ['a reason without substance', { ...WAIVER, reason: 'Because we have to do this.' }, 'waivers.0.reason: must say'],
    ['a reason of one long word', { ...WAIVER, reason: 'x'.repeat(40) }, 'waivers.0.reason: must say'],
    ['a reason of blanks', { ...WAIVER, reason: ' '.repeat(40) }, 'waivers.0.reason: must say'],
    ['no day', { ...WAIVER, expires: 'soon' }, 'waivers.0.expires: must be a day such as 2026-12-31'],
    ['a day that is none', { ...WAIVER, expires: '2026-02-30' }, 'waivers.0.expires: must be a day'],
    ['91 days', { ...WAIVER, expires: '2027-02-20' }, 'waivers.0.expires: must be no later than 2027-02-19, 90 days'],
  ])('refuses %s in one line that names the field', (_, waiver, message) => {
    expect(() => file(waiver)).toThrow(message);
    expect(() => file(waiver)).not.toThrow('\n');
  });

  test('counts the waivers from 0, and takes the ninetieth day', () => {
    expect(() => file(WAIVER, { ...WAIVER, reason: '' })).toThrow('waivers.1.reason');
    expect(file({ ...WAIVER, expires: '2027-02-19' })).toHaveLength(1);
  });

  test.each(['', '[]', '{"waiver":[]}', 'waivers'])('is refused as a whole when it is %j', (text) => {
    expect(() => parseWaivers(text, NOW)).toThrow(/^waivers\.json/);
  });
});

const table = (TableName: string) => ({ Users: { Type: 'AWS::DynamoDB::Table', Properties: { TableName } } });
const renamed = (...waivers: object[]) =>
  difference([stackOf(table('users'))], [stackOf(table('people'))], file(...waivers));

describe('the gate', () => {
  test('refuses a destructive change without a waiver', () => {
    expect(renamed().refused).toBe(true);
    expect(textOf(renamed())).toContain('Refused: 1 destructive change without a waiver');
  });

  test('lets pass what a waiver names, and says its reason', () => {
    const report = renamed(WAIVER);
    expect(report.refused).toBe(false);
    expect(textOf(report)).toContain(`waived until 2026-12-31: ${WAIVER.reason}  replace  Users`);
  });

  test.each([
    ['stack', { stack: 'Signal9-prod-*-Data' }],
    ['a part of a stack’s name', { stack: 'Signal9-dev-us-east-1-Dat' }],
    ['resource', { resource: 'Assets' }],
    ['change', { change: 'remove' }],
  ])('refuses what a waiver names by another %s, and says that the waiver was not needed', (_, other) => {
    const report = renamed({ ...WAIVER, ...other });
    expect(report.refused).toBe(true);
    expect(textOf(report)).toContain('is not needed here (until 2026-12-31)');
  });

  test('refuses when one of two changes is waived', () => {
    const both = (name: string) => ({
      ...table(name),
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: name } },
    });
    const report = difference([stackOf(both('a'))], [stackOf(both('b'))], file(WAIVER));
    expect(report.verdict.changes.map(({ waiver }) => waiver !== undefined)).toEqual([true, false]);
    expect(report.refused).toBe(true);
  });

  test('counts a waiver on its last day, and not on the next', () => {
    expect(renamed({ ...WAIVER, expires: '2026-11-21' }).refused).toBe(false);
    const late = renamed({ ...WAIVER, expires: '2026-11-20' });
    expect(late.refused).toBe(true);
    expect(textOf(late)).toContain('REFUSED: the waiver expired on 2026-11-20');
    expect(textOf(late)).toContain('expired on 2026-11-20 and does not count');
  });

  test('says that an unused waiver was not needed, and passes', () => {
    const report = difference([stackOf(table('users'))], [stackOf(table('users'))], file(WAIVER));
    expect(report.refused).toBe(false);
    expect(textOf(report)).toContain('Passed: nothing changes');
    expect(textOf(report)).toContain('is not needed here');
  });
});
