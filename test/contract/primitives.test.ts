import {
  assetReference,
  booleanParameter,
  currency,
  date,
  decimal,
  instant,
  integerParameter,
  isUuid,
  symbol,
  ulid,
  uuid,
} from '../../contract/schemas/primitives';

test.each([
  ['date', date(), ['2026-05-17', '2024-02-29'], ['2026-02-29', '2026-13-01', '2026-5-1', '2026-05-17T00:00:00Z', '']],
  [
    'instant',
    instant(),
    ['2026-05-17T12:00:00Z', '2026-05-17T12:00:00.123+02:00'],
    ['2026-05-17', '2026-05-17T25:00:00Z', '2026-05-17T12:00:00', 'now'],
  ],
  ['decimal', decimal(), ['0', '-12.50', '100000000000000000.000000001'], ['1e3', '.5', '1.', '', 'NaN', '1,000']],
  ['symbol', symbol(), ['A', 'brk.b', 'BRK/B', 'ABC-WT'], ['', '.A', 'A B', 'A.', '1A', 'TOOLONGASYMBOL']],
  ['currency', currency(), ['USD'], ['usd', 'US', 'DOLLAR']],
  ['uuid', uuid(), ['b0b6dd9d-8b9b-48a9-ba46-b9d54906e415'], ['b0b6dd9d8b9b48a9ba46b9d54906e415', 'IBM']],
  ['ulid', ulid(), ['01KRV5C8M0T7W3ZQ5H2XJ9BNEA'], ['01KRV5C8M0T7W3ZQ5H2XJ9BNEI', '8ZZZZZZZZZZZZZZZZZZZZZZZZZ', '']],
  ['asset reference', assetReference(), ['IBM', 'b0b6dd9d-8b9b-48a9-ba46-b9d54906e415'], ['', '%', 'me@x']],
])('%s', (_, schema, good, bad) => {
  for (const text of good) expect([text, schema.safeParse(text).success]).toEqual([text, true]);
  for (const text of bad) expect([text, schema.safeParse(text).success]).toEqual([text, false]);
});

test('numbers and truths arrive as text', () => {
  expect(integerParameter(1, 200).parse('007')).toBe(7);
  for (const text of ['0', '201', '1.5', '-1', '1e2', ' 1', ''])
    expect(integerParameter(1, 200).safeParse(text).success).toBe(false);
  expect([booleanParameter().parse('true'), booleanParameter().parse('false')]).toEqual([true, false]);
  expect(booleanParameter().safeParse('TRUE').success).toBe(false);
  expect([isUuid('IBM'), isUuid('B0B6DD9D-8B9B-48A9-BA46-B9D54906E415')]).toEqual([false, true]);
});
