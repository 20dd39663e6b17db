import type { ClosedStatus, Fill, NewOrder, Order, VenueName } from '../../../core/trading/order';
import { Unavailable } from '../unavailable';

/** A key of the caller's and a digest of what it was used for; the same key with another digest is a conflict. */
export interface RequestKey {
  /** At most 128 characters. */
  readonly key: string;
  /** SHA-256 of the request's canonical form, hex. */
  readonly digest: string;
  /** RFC 3339; afterwards the key may be used anew. */
  readonly expires_at: string;
}

/** What was answered to the first request under a key. */
export interface FirstAnswer {
  readonly digest: string;
  readonly trade_id: string;
  /** The order as it stood when it was booked; what the first caller was shown. */
  readonly order: Order;
}

/** What becomes of a new order in the transaction that writes it. */
export type Outcome =
  | { readonly status: 'filled'; readonly fill: Fill }
  /** Waits for the market or its limit; `pending_new` waits for the venue's word. */
  | { readonly status: 'accepted' | 'pending_new' }
  | { readonly status: 'canceled'; readonly reason: string };

export type Booking =
  | { readonly result: 'booked'; readonly order: Order }
  /** The key was used before, perhaps a moment ago: nothing was written. */
  | { readonly result: 'repeated'; readonly first: FirstAnswer }
  /** The portfolio is another's. */
  | { readonly result: 'no_portfolio' }
  /** The portfolio does not hold so many that are not promised to other orders. */
  | { readonly result: 'oversell'; readonly available: string };

/** A row of the outbox: an event that the ledger owes the bus. `detail` is `tradeBooked`'s. */
export interface OwedEvent {
  /** ULID, in the order of writing; every delivery of the event carries it. */
  readonly event_id: string;
  readonly detail: TradeBookedDetail;
}

/** contract/events.ts `tradeBooked`; one an execution. */
export interface TradeBookedDetail {
  readonly trade_id: string;
  readonly execution_id: string;
  /** 1, 2, 3 … without gaps within a portfolio; within its user for trades of no portfolio. */
  readonly sequence: number;
  readonly user_id: string;
  readonly portfolio_id: string | null;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly quantity: string;
  readonly price: string;
  readonly fee: string;
  readonly currency: string;
  readonly executed_at: string;
  readonly booked_at: string;
}

/** contract/events.ts `positionsChanged`: what a portfolio holds after something that was no trade. */
export interface PositionReport {
  readonly portfolio_id: string;
  readonly user_id: string;
  readonly symbol: string;
  readonly qty: string;
  /** The portfolio's own numbering of its reports; an older one than the last taken is ignored. */
  readonly sequence: number;
  /** `tradeBooked.sequence` up to which `qty` contains the portfolio's trades; 0 for none. */
  readonly trade_sequence: number;
}

export interface TradeFilter {
  readonly symbol?: string;
  readonly side?: 'buy' | 'sell';
  /** RFC 3339, on submitted_at, inclusive. */
  readonly from?: string;
  /** RFC 3339, on submitted_at, inclusive. */
  readonly to?: string;
}

/** Newest first by trade_id (a ULID, so by submission). */
export interface TradePage {
  readonly orders: readonly Order[];
  /** True where more follow behind the last. */
  readonly more: boolean;
}

/**
 * The ledger does not answer: it resumes, fails over or is away, and comes back by itself. Nothing was done for whoever is
 * told so.
 */
export class LedgerUnavailable extends Unavailable {
  override readonly name = 'LedgerUnavailable';
  /** About what a ledger that pauses needs to resume (ADR 32). */
  override readonly retryAfterSeconds = 15;
}

/** What every pseudonym begins with, and no `sub` of Cognito's, which is a UUID. */
export const PSEUDONYM = 'gone-';

/**
 * The ledger: every method is one transaction and safe to call again after a crash at any line. Times come from the
 * caller. Deadlocks and serialization failures are retried inside, a bounded number of times.
 */
export interface Ledger {
  /** What a caller's key was answered with; null for an unknown or expired one. Read from the writer. */
  answered(userId: string, key: string, now: string): Promise<FirstAnswer | null>;

  /**
   * Writes the order, its execution, the event that tells of it and the key it came under, or nothing.
   * A sell that names a portfolio is checked against the portfolio's position, locked in this transaction; what rests
   * unfilled is reserved. Two bookings under one key at the same moment make one order.
   * @param request null where the caller gave no key
   */
  book(order: NewOrder, outcome: Outcome, request: RequestKey | null, now: string): Promise<Booking>;

  /**
   * Adds a fill of the platform's own to an open order.
   * @returns the order after it; null where it is closed or unknown, its day was over at the time of the fill, or it has
   *   less left than the fill brings
   */
  fill(tradeId: string, fill: Fill, now: string): Promise<Order | null>;

  /**
   * Brings an order of a venue to what the venue says has been filled in total: books the difference as one execution
   * whose price makes the mean come out, nothing where the ledger has it already.
   */
  fillUpTo(
    tradeId: string,
    total: { readonly filled_qty: string; readonly filled_avg_price: string; readonly executed_at: string },
    executionId: string,
    now: string,
  ): Promise<Order | null>;

  /** Closes an open order and gives back what it reserved. @returns null where it is closed already or unknown */
  close(tradeId: string, status: Exclude<ClosedStatus, 'filled'>, reason: string, now: string): Promise<Order | null>;

  /** The venue took the order: `pending_new` becomes `accepted`, and its id is kept. @returns null where it is closed or unknown */
  acknowledge(tradeId: string, venueOrderId: string, now: string): Promise<Order | null>;

  /**
   * Gives an open order that the venue has not taken another name there.
   * @returns the order; as it is where the venue has taken it; null where it is closed or unknown
   */
  renameAtVenue(tradeId: string, venueClientOrderId: string, now: string): Promise<Order | null>;

  /** Open orders of a venue, oldest first, behind `after`. Read from the writer. */
  open(venue: VenueName, limit: number, after?: string): Promise<readonly Order[]>;

  /** A user's open orders, oldest first, from the writer. */
  openOf(userId: string): Promise<readonly Order[]>;

  /** When the next of a venue's open orders expires, RFC 3339; null where none of them does. Read from the writer. */
  nextExpiry(venue: VenueName): Promise<string | null>;

  /** Open orders whose `expires_at` has come, oldest first. */
  expired(venue: VenueName, now: string, limit: number): Promise<readonly Order[]>;

  /** One of the user's orders: from the reader where it has ended there, else from the writer. @returns null also for another's */
  get(userId: string, tradeId: string): Promise<Order | null>;

  /** An order whoever's it is, from the writer: for the platform's own work. */
  find(tradeId: string): Promise<Order | null>;

  /**
   * The user's orders, newest first. From the reader; a first page also asks the writer for what was submitted since
   * `recentSince`, so that a caller sees the trade just booked.
   * @param before trade_id of the last one seen
   */
  list(
    userId: string,
    filter: TradeFilter,
    page: { readonly limit: number; readonly before?: string; readonly recentSince: string },
  ): Promise<TradePage>;

  /** Events not yet known to be published, oldest first, written at or before `until`. */
  owed(until: string, limit: number): Promise<readonly OwedEvent[]>;
  /** The events that one order owes. */
  owedBy(tradeId: string): Promise<readonly OwedEvent[]>;
  published(eventIds: readonly string[], now: string): Promise<void>;
  /**
   * What was booked in a stream under the numbers from..to, both included, in their order, from the writer: for whoever
   * misses some of it. The trades of somebody who left are a pseudonym's.
   */
  bookedBetween(
    stream: Pick<TradeBookedDetail, 'user_id' | 'portfolio_id'>,
    from: number,
    to: number,
    limit: number,
  ): Promise<readonly TradeBookedDetail[]>;

  /** Takes a report of a position. Idempotent, whatever order reports come in. @returns whether it was news */
  report(report: PositionReport, now: string): Promise<boolean>;

  /** Orders that ended in [from, to), in the order in which they did, behind `after`, from the reader: for the export. */
  closedBetween(from: string, to: string, limit: number, after?: string): Promise<readonly Order[]>;

  /**
   * Replaces the user's id wherever it stands, and the user's own words: keys and names of orders. Once for each removal:
   * a second delivery of it leaves alone what somebody who came back has traded since.
   * @param pseudonym begins with PSEUDONYM
   * @returns orders changed
   */
  pseudonymise(userId: string, pseudonym: string, removedAt: string, now: string): Promise<number>;

  /**
   * Removes the orders of people who left that ended before a time, with their executions and events, in bounded bites.
   * @returns orders removed
   */
  forget(endedBefore: string): Promise<number>;

  /** Removes keys that have expired and published events older than `before`, in bounded bites. @returns rows removed */
  tidy(now: string, before: string): Promise<{ readonly keys: number; readonly events: number }>;
}
