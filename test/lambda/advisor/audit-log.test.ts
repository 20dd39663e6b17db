import type { DynamoDBRecord } from 'aws-lambda';
import { makeHandler } from '../../../lambda/advisor/audit-log';
import type { LogFields } from '../../../lambda/adapters/ports';

const lines: { message: string; fields: LogFields | undefined }[] = [];
const log = {
  debug: jest.fn(),
  warn: jest.fn(),
  error: jest.fn(),
  info: (message: string, fields?: LogFields) => void lines.push({ message, fields }),
};
const eventSourceARN = 'arn:aws:dynamodb:us-east-1:111122223333:table/signal9-dev-users/stream/2026-05-17T00:00:00.000';

const change = async (record: Partial<DynamoDBRecord>) => {
  lines.length = 0;
  const answer = await makeHandler({ log })({ Records: [{ eventID: 'e1', eventSourceARN, ...record }] });
  expect(answer).toEqual({ batchItemFailures: [] });
  return lines[0]!.fields!;
};

test('a change names the row and the attributes that differ, and no value', async () => {
  const fields = await change({
    eventName: 'MODIFY',
    dynamodb: {
      ApproximateCreationDateTime: 1_779_000_000,
      Keys: { user_id: { S: 'u1' } },
      OldImage: { user_id: { S: 'u1' }, email: { S: 'before@example.com' }, tags: { L: [{ S: 'a' }] } },
      NewImage: {
        user_id: { S: 'u1' },
        email: { S: 'after@example.com' },
        tags: { L: [{ S: 'a' }] },
        name: { S: 'New' },
      },
    },
  });
  expect(fields).toEqual({
    event_id: 'e1',
    table: 'signal9-dev-users',
    operation: 'MODIFY',
    change: {
      keys: { user_id: 'u1' },
      attributes: ['email', 'name'],
      at: '2026-05-17T06:40:00.000Z',
      by_expiry: false,
    },
  });
  expect(JSON.stringify(fields)).not.toContain('@example.com');
});

test('a removal by expiry says so', async () => {
  const fields = await change({
    eventName: 'REMOVE',
    userIdentity: { principalId: 'dynamodb.amazonaws.com', type: 'Service' },
    dynamodb: { Keys: { user_id: { S: 'u2' } }, OldImage: { user_id: { S: 'u2' } } },
  } as unknown as DynamoDBRecord);
  expect(fields).toMatchObject({ operation: 'REMOVE', change: { attributes: ['user_id'], by_expiry: true } });
});

test('a record with nothing in it is told all the same', async () => {
  const fields = await change({
    eventID: undefined,
    eventName: undefined,
    eventSourceARN: undefined,
  });
  expect(fields).toMatchObject({ event_id: '', table: '', operation: 'UNKNOWN' });
});

test('a place in a ranking is passed over: it follows from an analysis', async () => {
  lines.length = 0;
  const keysOf = (analysis_id: string) => ({ Keys: { analysis_id: { S: analysis_id }, asset_id: { S: 'a' } } });
  await makeHandler({ log })({
    Records: [
      { eventSourceARN, eventName: 'INSERT', dynamodb: keysOf('ranking#roe') },
      { eventSourceARN, eventName: 'INSERT', dynamodb: keysOf('01KRV5C8M0T7W3ZQ5H2XJ9BNEA') },
    ],
  });
  expect(lines).toHaveLength(1);
});
