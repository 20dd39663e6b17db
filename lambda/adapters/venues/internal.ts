import { ulid } from 'ulid';
import type { Decision } from '../../../core/trading/decide';
import type { Fill } from '../../../core/trading/order';
import type { Outcome } from '../ledger/ledger';
import type { Venue } from './venue';

/** The platform charges nothing for an order. */
const NO_FEE = '0';

/** A fill by the platform itself. @param executed_at RFC 3339 */
export const fillAt = (qty: string, price: string, executed_at: string): Fill => ({
  execution_id: ulid(Date.parse(executed_at)),
  qty,
  price,
  fee: NO_FEE,
  executed_at,
});

/** The platform fills orders itself, whole and at the quote; what waits is the order-matcher's. */
export const internalVenue = (): Venue => ({
  name: 'internal',
  outcome: (decision, { quantity }, quote, now) => outcomeOf(decision, quantity, quote, now),
  place: async (order) => order,
  follow: async (order) => order,
});

function outcomeOf(decision: Decision, qty: string, quote: { readonly price: string } | null, now: string): Outcome {
  if (decision === 'wait') return { status: 'accepted' };
  if (decision !== 'fill') return { status: 'canceled', reason: decision.cancel };
  // decide() fills at no unknown price.
  if (quote === null) throw new Error('an order cannot be filled without a quote');
  return { status: 'filled', fill: fillAt(qty, quote.price, now) };
}
