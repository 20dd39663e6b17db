import { errorFields } from '../../lambda/adapters/log-fields';
import { limiter } from '../../lambda/adapters/market/limits';
import type { EventPublisher, Log, PublishedEvent } from '../../lambda/adapters/ports';

/** PutEvents takes ten events and 256 KB a call; some are kept back for what the call adds to each. */
const EVENTS_A_CALL = 10;
const BYTES_A_CALL = 240_000;
const CALLS_AT_ONCE = 4;

/** Events that a call's bus refuses one by one before the rest of the call is given up: it is the bus then, no event. */
const REFUSALS = 2;

export interface Saying {
  /** Asked before each call; where it says no, the rest stays unsaid. */
  readonly isStill: () => boolean;
  /** Asked of each event as its call begins: whether nothing newer was said meanwhile. @default always */
  readonly isNews?: (event: PublishedEvent) => boolean;
}

/**
 * Puts many events on the bus, several calls at once. What is published here speaks of the moment: of a call that fails
 * each event is tried once by itself, and what fails then is logged and left, for the next minute says it anew.
 * @returns how many were accepted
 */
export async function publishPassing(
  { bus, log }: { readonly bus: EventPublisher; readonly log: Log },
  events: readonly PublishedEvent[],
  { isStill, isNews = () => true }: Saying,
): Promise<number> {
  const inTurn = limiter(CALLS_AT_ONCE);

  async function isAccepted(some: readonly PublishedEvent[]): Promise<boolean> {
    try {
      await bus.publish(some);
      return true;
    } catch (thrown) {
      log.warn('events were not published', { counts: { events: some.length }, ...errorFields(thrown) });
      return false;
    }
  }

  async function say(call: readonly PublishedEvent[]): Promise<number> {
    const some = isStill() ? call.filter(isNews) : [];
    if (some.length === 0) return 0;
    if (await isAccepted(some)) return some.length;
    let accepted = 0;
    let refused = 0;
    for (const event of some.length > 1 ? some : []) {
      if (!isStill() || refused === REFUSALS) break;
      if (!isNews(event)) continue;
      if (await isAccepted([event])) accepted += 1;
      else refused += 1;
    }
    return accepted;
  }

  const accepted = await Promise.all(callsOf(events).map((call) => inTurn(() => say(call))));
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
