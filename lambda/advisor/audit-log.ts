import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type {
  AttributeValue as StreamValue,
  DynamoDBBatchResponse,
  DynamoDBRecord,
  DynamoDBStreamEvent,
} from 'aws-lambda';
import { onFirstCall } from '../adapters/aws';
import { canonical } from '../adapters/dynamo/fingerprint';
import { RANKING } from '../adapters/dynamo/rankings';
import type { AdvisorServices } from './services';

type Image = Readonly<Record<string, unknown>>;

/**
 * The audit log of data changes: which row of which table was added, changed or removed, when, and which attributes.
 * Values stay out: a profile is personal, and the log lives longer than a user's right to be forgotten allows.
 */
export const makeHandler =
  ({ log }: Pick<AdvisorServices, 'log'>) =>
  async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    for (const record of Records) {
      const { eventID, eventName, dynamodb } = record;
      // A place in a ranking follows from an analysis, whose own change is told.
      if (dynamodb?.Keys?.analysis_id?.S?.startsWith(RANKING)) continue;
      const before = image(dynamodb?.OldImage);
      const after = image(dynamodb?.NewImage);
      log.info('data changed', {
        event_id: eventID ?? '',
        table: tableOf(record),
        operation: eventName ?? 'UNKNOWN',
        change: {
          keys: image(dynamodb?.Keys),
          attributes: changed(before, after),
          at: new Date((dynamodb?.ApproximateCreationDateTime ?? 0) * 1000).toISOString(),
          by_expiry: record.userIdentity !== undefined,
        },
      });
    }
    return { batchItemFailures: [] };
  };

const image = (attributes: Readonly<Record<string, StreamValue>> | undefined): Image =>
  attributes === undefined ? {} : unmarshall(attributes as Record<string, AttributeValue>);

/** arn:aws:dynamodb:region:account:table/NAME/stream/… */
const tableOf = ({ eventSourceARN }: DynamoDBRecord): string => eventSourceARN?.split('/')[1] ?? '';

/** Names of the attributes that differ, in order. */
function changed(before: Image, after: Image): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => canonical(before[name]) !== canonical(after[name])).sort();
}

export const handler = onFirstCall('audit-log', (_environment, { log }) => makeHandler({ log }));
