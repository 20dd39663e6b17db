import { parseRecord, recordedAt, recordOf, risen } from '../../../tools/compliance/recorded';

test('a number that rose is named, as is one that is gone; one that fell or is new is not', () => {
  const before = { dev: 80, staging: 81, prod: 200, old: 1 };
  expect(risen(before, { dev: 80, staging: 79, prod: 201, another: 5 })).toEqual([
    'prod: acknowledgements rose from 200 to 201',
    'old: 1 acknowledgements were recorded, now there is no number',
  ]);
  expect(risen(before, before)).toEqual([]);
});

test('a rule set that is new has a number of its own, and makes none rise', () => {
  const reason = 'A reason';
  const acknowledged = [
    { path: 'Stack/Bucket', id: 'AwsSolutions-S1', reason },
    { path: 'Stack/Bucket', id: 'Checkov-CKV_AWS_18', reason },
    { path: 'Stack/Bucket', id: 'Checkov-CKV_AWS_18', reason },
  ];
  const now = recordOf('dev', acknowledged);
  expect(now).toEqual({ dev: 1, 'dev Checkov': 1 });
  expect(risen({ dev: 1 }, now)).toEqual([]);
  expect(risen({ dev: 1, 'dev Checkov': 0 }, now)).toEqual(['dev Checkov: acknowledgements rose from 0 to 1']);
});

test('a base that is no commit is refused by name', () => {
  expect(() => recordedAt('no-such-branch')).toThrow('--base no-such-branch: there is no such commit');
  expect(() => recordedAt('--all')).toThrow('--base --all: there is no such commit');
});

test('a record is whole numbers by environment', () => {
  expect(parseRecord('{"dev": 80}')).toEqual({ dev: 80 });
  expect(() => parseRecord('{"dev": "80"}')).toThrow(/dev/);
});
