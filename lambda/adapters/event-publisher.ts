import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { busName, events } from '../../contract/events';
import { chunksOf } from './chunks';
import type { EventPublisher } from './ports';

/** PutEvents takes ten entries a call. */
const ENTRIES = 10;

/** Puts events on the platform's bus, each parsed by the contract before it leaves. */
export const eventBridgePublisher = (client: Pick<EventBridgeClient, 'send'>, env: string): EventPublisher => ({
  async publish(published) {
    for (const part of chunksOf(published, ENTRIES)) {
      const { FailedEntryCount, Entries } = await client.send(
        new PutEventsCommand({
          Entries: part.map(({ event, detail }) => ({
            EventBusName: busName(env),
            Source: events[event].source,
            DetailType: events[event].detailType,
            Detail: JSON.stringify(events[event].detail.parse(detail)),
          })),
        }),
      );
      if (FailedEntryCount) {
        const failed = Entries?.find(({ ErrorCode }) => ErrorCode !== undefined);
        throw new Error(
          `the bus refused ${FailedEntryCount} of ${part.length} events: ${failed?.ErrorCode ?? 'unknown'}`,
        );
      }
    }
  },
});
