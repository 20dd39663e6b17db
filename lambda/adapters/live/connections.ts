/** A connection of the WebSocket API. */
export interface Connection {
  readonly connection_id: string;
  readonly user_id: string;
  /** When its token ends, epoch seconds: until then it may be told things. */
  readonly token_expires_at: number;
  /** When nothing that is kept of it is believed any more, epoch seconds: it cannot be open then. */
  readonly expires_at: number;
}

/** What a connection can watch. */
export type Topic =
  { readonly kind: 'portfolio'; readonly portfolio_id: string } | { readonly kind: 'symbol'; readonly symbol: string };

/** A connection that watches a topic. */
export interface Watcher extends Connection {
  readonly topic: Topic;
}

/**
 * Who is connected, and who watches what: DynamoDB in AWS, this process's memory on one machine. Rows end by TTL, so that
 * nothing is kept of a connection whose end nobody told; one that is past it and not yet gone is not believed.
 */
export interface Connections {
  open(connection: Connection): Promise<void>;
  find(connectionId: string, now: Date): Promise<Connection | null>;
  /** With all that it watched. Closing twice is closing once. */
  close(connectionId: string): Promise<void>;
  /** @returns 'too_many' where the connection would watch more than MAX_SYMBOLS or MAX_WATCHED_PORTFOLIOS; then nothing changed */
  watch(connection: Connection, topics: readonly Topic[]): Promise<'watching' | 'too_many'>;
  unwatch(connectionId: string, topics: readonly Topic[]): Promise<void>;
  /** Who watches any of these; a connection once a topic. */
  watchers(topics: readonly Topic[], now: Date): Promise<readonly Watcher[]>;
}

/** What is watched at all: read by the portfolio service's minute loop. */
export interface WatchedTopics {
  watched(now: Date): Promise<{ readonly portfolios: readonly string[]; readonly symbols: readonly string[] }>;
}

/** Sends to a connection. */
export interface Posts {
  /** @returns 'gone' where nobody is there any more; such a connection is to be forgotten */
  post(connectionId: string, message: string): Promise<'sent' | 'gone'>;
  /** Ends it; one that is gone already is fine. */
  end(connectionId: string): Promise<void>;
}
