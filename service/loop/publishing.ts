import { errorFields } from '../../lambda/adapters/log-fields';
import { limiter } from '../../lambda/adapters/market/limits';
import type { EventPublisher, Log, PublishedEvent } from '../../lambda/adapters/ports';

/** PutEvents takes ten events and 256 KB a call; some are kept back for what the call adds to each. */
const EVENTS_A_CALL = 10;
const BYTES_A_CALL = 240_000;
const CALLS_AT_ONCE = 4;

/**
 * Puts many events on the bus, several calls at once. What is published here speaks of the moment: a call that fails is
 * logged, keeps no other waiting, and is not repeated, for the next minute says it anew.
 * @param isStill asked before each call; where it says no, the rest stays unsaid
 * @returns how many were accepted
 */
export async function publishPassing(
  { bus, log }: { readonly bus: EventPublisher; readonly log: Log },
  events: readonly PublishedEvent[],
  isStill: () => boolean,
): Promise<number> {
  const inTurn = limiter(CALLS_AT_ONCE);
  const accepted = await Promise.all(
    callsOf(events).map((some) =>
      inTurn(async () => {
        if (!isStill()) return 0;
        try {
          await bus.publish(some);
          return some.length;
        } catch (thrown) {
          log.warn('events were not published', { counts: { events: some.length }, ...errorFields(thrown) });
          return 0;
        }
      }),
    ),
  );
  return accepted.reduce((sum, count) => sum + count, 0);
}

/** Events in the order given, as many a call as it takes. */
export function callsOf(events: readonly PublishedEvent[]): PublishedEvent[][] {
  const calls: PublishedEvent[][] = [];
  let bytes = 0;
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify(event.detail));
    const call = calls.at(-1);
    if (!call || call.length >= EVENTS_A_CALL || bytes + size > BYTES_A_CALL) {
      calls.push([event]);
      bytes = size;
    } else {
      call.push(event);
      bytes += size;
    }
  }
  return calls;
}
