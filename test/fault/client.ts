import { setTimeout as sleep } from 'node:timers/promises';

/** What a client asked for under a key, and every answer that it got. */
export interface Asked {
  readonly key: string;
  readonly body: TradeRequest;
  readonly replies: Reply[];
}
export interface Reply {
  readonly status: number;
  readonly text: string;
}
export interface TradeRequest {
  readonly symbol: string;
  readonly quantity: string;
  readonly side: 'buy' | 'sell';
  readonly type: 'market' | 'limit';
  readonly time_in_force: 'day' | 'ioc';
  readonly limit_price?: string;
  readonly portfolio_id?: string;
}

export interface Client {
  /** Sends until it is answered, whatever dies in between. */
  trade(asked: Asked): Promise<Reply>;
  /** Everything ever asked, in the order of asking. */
  readonly book: Asked[];
  readonly counts: Counts;
}
export interface Counts {
  /** Requests sent. */
  requests: number;
  /** Cut connections and refused ones. */
  cut: number;
  /** By status, those that mean "ask again". */
  readonly failures: Map<number, number>;
  inFlight: number;
  longestMs: number;
}

/** Far longer than a restart takes: who waits longer than this was forgotten. */
const GIVE_UP_MS = 90_000;
const ONE_REQUEST_MS = 20_000;

export function createClient(url: string, token: string, random: () => number): Client {
  const book: Asked[] = [];
  const counts: Counts = { requests: 0, cut: 0, failures: new Map(), inFlight: 0, longestMs: 0 };

  /** @returns null where the answer says nothing about the trade */
  async function once({ key, body }: Asked): Promise<Reply | null> {
    counts.requests += 1;
    counts.inFlight += 1;
    // Either place of a key is as good.
    const inHeader = random() < 0.7;
    try {
      const response = await fetch(`${url}/trade`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          ...(inHeader && { 'idempotency-key': key }),
        },
        body: JSON.stringify(inHeader ? body : { ...body, client_order_id: key }),
        signal: AbortSignal.timeout(ONE_REQUEST_MS),
      });
      const reply = { status: response.status, text: await response.text() };
      if (reply.status < 500 && reply.status !== 429) return reply;
      counts.failures.set(reply.status, (counts.failures.get(reply.status) ?? 0) + 1);
      return null;
    } catch {
      counts.cut += 1;
      return null;
    } finally {
      counts.inFlight -= 1;
    }
  }

  return {
    book,
    counts,
    async trade(asked) {
      const began = Date.now();
      for (let pause = 50; Date.now() - began < GIVE_UP_MS; pause = Math.min(pause * 2, 400)) {
        const reply = await once(asked);
        if (reply) {
          asked.replies.push(reply);
          counts.longestMs = Math.max(counts.longestMs, Date.now() - began);
          return reply;
        }
        await sleep(pause * (0.5 + random()));
      }
      throw new Error(`no answer to ${asked.key} in ${GIVE_UP_MS / 1000} s`);
    },
  };
}
