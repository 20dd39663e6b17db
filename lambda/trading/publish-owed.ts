import { errorFields } from '../adapters/log-fields';
import type { Ledger, OwedEvent } from '../adapters/ledger/ledger';
import type { Clock, EventPublisher } from '../adapters/ports';
import type { TradingServices } from './services';

type Outbox = Pick<Ledger, 'owed' | 'owedBy' | 'published'>;

/** Whoever booked an order publishes its events himself; what is older than this was forgotten. */
const OWN_PUBLISHING_MS = 10_000;
/** Events a bite: PutEvents takes ten at a time. */
export const BITE = 50;

/** A bite of what has been owed for some time. */
export const forgottenEvents = (ledger: Outbox, clock: Clock): Promise<readonly OwedEvent[]> =>
  ledger.owed(new Date(clock().getTime() - OWN_PUBLISHING_MS).toISOString(), BITE);

/** Puts events on the bus and crosses them off: at least once each, in the order of writing. @throws where the bus refuses */
export async function publish(
  ledger: Outbox,
  bus: EventPublisher,
  clock: Clock,
  owed: readonly OwedEvent[],
): Promise<void> {
  if (owed.length === 0) return;
  await bus.publish(owed.map(({ detail }) => ({ event: 'tradeBooked' as const, detail })));
  await ledger.published(
    owed.map(({ event_id }) => event_id),
    clock().toISOString(),
  );
}

/**
 * Publishes the events of bookings, which stand whether the bus takes the events or not: the sweeper publishes them otherwise.
 * The events of many orders go in one.
 */
export async function tellOf(
  tradeIds: readonly string[],
  { ledger, bus, clock, log }: Pick<TradingServices, 'ledger' | 'bus' | 'clock' | 'log'>,
): Promise<void> {
  try {
    const owed: OwedEvent[] = [];
    for (const tradeId of tradeIds) owed.push(...(await ledger.owedBy(tradeId)));
    await publish(ledger, bus, clock, owed);
  } catch (error) {
    const [trade_id] = tradeIds;
    log.warn('booked trades are not told yet; the sweeper tells them', {
      ...(trade_id !== undefined && { trade_id }),
      counts: { orders: tradeIds.length },
      ...errorFields(error),
    });
  }
}
