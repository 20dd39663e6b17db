import { createHash } from 'node:crypto';
import type { SQSEvent } from 'aws-lambda';
import type { Message } from './message-store';

/** What Lambda's poller hands to a worker. */
export function sqsEvent(queue: string, batch: readonly Message[]): SQSEvent {
  return {
    Records: batch.map((message) => ({
      messageId: message.message_id,
      receiptHandle: `${message.message_id}#${message.receive_count}`,
      body: message.body,
      attributes: {
        ApproximateReceiveCount: String(message.receive_count),
        SentTimestamp: String(message.sent_at),
        SenderId: 'events.amazonaws.com',
        ApproximateFirstReceiveTimestamp: String(message.first_received_at ?? message.sent_at),
      },
      messageAttributes: {},
      md5OfBody: createHash('md5').update(message.body).digest('hex'),
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:local:000000000000:${queue}`,
      awsRegion: 'local',
    })),
  };
}
