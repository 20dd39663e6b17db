import type { EventDetail } from '../../contract/events';

/** What was asked of the service, what it said, and what was done to it. Times are epoch milliseconds of the machine's. */
export interface Journal {
  readonly requests: Asked[];
  readonly looks: Look[];
  readonly outages: Outage[];
  readonly entries: Entry[];
  /** Booked trades that were handed to the recorder, each once here however often it was delivered. */
  readonly trades: EventDetail<'tradeBooked'>[];
  readonly deaths: Death[];
}

export const newJournal = (): Journal => ({
  ...{ requests: [], looks: [], outages: [], entries: [], trades: [], deaths: [] },
});

export type Route = 'add' | 'import' | 'holdings';

/** A request and its answer. */
export interface Asked {
  readonly process: string;
  readonly route: Route;
  readonly from: number;
  readonly to: number;
  /** 0: cut, or nobody there. */
  readonly status: number;
  readonly code: string | null;
  readonly retryAfter: string | null;
  /** Of holdings that were answered. */
  readonly prices?: readonly Shown[];
}
export interface Shown {
  readonly symbol: string;
  readonly price: string | null;
  readonly as_of: string | null;
  readonly stale: boolean | null;
}

/** A look at /health. */
export interface Look {
  readonly process: string;
  readonly from: number;
  readonly to: number;
  readonly status: number;
  readonly says: string | null;
  readonly checks: Readonly<Record<string, string>>;
}

export type Victim = 'cache' | 'database' | 'provider' | 'leader';

export interface Outage {
  readonly name: string;
  readonly victim: Victim;
  readonly from: number;
  /** Since when all that was to be said was said; of a leader: since when another one leads. null: not in time. */
  readonly said: number | null;
  /** Repair began. */
  readonly to: number;
  /** All is well again; null: not in time. */
  readonly recovered: number | null;
  /** The process that was killed. */
  readonly killed: string | null;
}

/** A transaction that a client wants recorded, known by its external_id. */
export interface Entry {
  readonly portfolio_id: string;
  readonly external_id: string;
  readonly source: 'manual' | 'import';
  readonly row: Row;
  outcome: 'unknown' | 'recorded' | 'refused';
  /** transaction_ids that were answered; a file's rows have none. */
  readonly ids: string[];
}
export interface Row {
  readonly type: string;
  readonly symbol: string | null;
  readonly qty: string | null;
  readonly price: string | null;
  readonly amount: string | null;
  readonly executed_at: string;
}

export interface Death {
  readonly pid: number;
  readonly at: number;
}
