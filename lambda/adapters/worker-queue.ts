import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { WorkerQueue } from './ports';

/** The longest cause that is kept beside a parked message. */
const CAUSE_CHARACTERS = 1000;

/** A worker's own queue and its dead-letter queue. */
export const sqsWorkerQueue = (
  client: Pick<SQSClient, 'send'>,
  queueUrl: string,
  deadLetterQueueUrl: string,
): WorkerQueue => ({
  async sendLater(body, delaySeconds) {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body, DelaySeconds: delaySeconds }));
  },
  async park(body, cause) {
    await client.send(
      new SendMessageCommand({
        QueueUrl: deadLetterQueueUrl,
        MessageBody: body,
        MessageAttributes: {
          cause: { DataType: 'String', StringValue: cause.slice(0, CAUSE_CHARACTERS) || 'unknown' },
        },
      }),
    );
  },
});
