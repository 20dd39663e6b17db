import type { Decision } from '../../../core/trading/decide';
import type { Order, OrderRequest, VenueName } from '../../../core/trading/order';
import type { Outcome } from '../ledger/ledger';

/** Who fills orders. Every method is safe to call again after a crash at any line. */
export interface Venue {
  readonly name: VenueName;

  /** What becomes of a new order in the transaction that writes it. @param now RFC 3339, the time of booking */
  outcome(
    decision: Decision,
    order: Pick<OrderRequest, 'quantity'>,
    quote: { readonly price: string } | null,
    now: string,
  ): Outcome;

  /**
   * Hands an order over, after the commit that wrote it. A venue that cannot be reached leaves it `pending_new` for
   * `follow`; that is no error, for the order is booked.
   * @returns the order as the ledger has it afterwards
   */
  place(order: Order): Promise<Order>;

  /**
   * Brings an open order up to date with what the venue says of it.
   * @returns the order as the ledger has it afterwards
   * @throws ProviderError where the venue cannot be asked
   */
  follow(order: Order): Promise<Order>;
}
