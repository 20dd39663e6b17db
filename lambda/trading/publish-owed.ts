import { errorFields } from '../adapters/log-fields';
import type { Ledger, OwedEvent } from '../adapters/ledger/ledger';
import type { Clock, EventPublisher } from '../adapters/ports';
import type { TradingServices } from './services';

type Outbox = Pick<Ledger, 'owed' | 'owedBy' | 'published'>;

/** Whoever booked an order publishes its events himself; what is older than this was forgotten. */
const OWN_PUBLISHING_MS = 10_000;
/** Events a bite: PutEvents takes ten at a time. */
export const BITE = 50;

/** What is owed: by one order, or by any and for some time. */
export const owedEvents = (ledger: Outbox, clock: Clock, tradeId?: string): Promise<readonly OwedEvent[]> =>
  tradeId === undefined
    ? ledger.owed(new Date(clock().getTime() - OWN_PUBLISHING_MS).toISOString(), BITE)
    : ledger.owedBy(tradeId);

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
 * Publishes what the ledger owes the bus: the events of one order, or a bite of those that were forgotten.
 * @returns how many
 * @throws where the bus or the ledger does; everything is owed still then
 */
export async function publishOwed(
  ledger: Outbox,
  bus: EventPublisher,
  clock: Clock,
  tradeId?: string,
): Promise<number> {
  const owed = await owedEvents(ledger, clock, tradeId);
  await publish(ledger, bus, clock, owed);
  return owed.length;
}

/**
 * The same after bookings, which stand whether the bus takes the events or not: the sweeper publishes them otherwise.
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
