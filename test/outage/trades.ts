import { setTimeout as sleep } from 'node:timers/promises';
import { ulid } from 'ulid';
import type { EventDetail } from '../../contract/events';
import { between, oneOf } from '../fault/random';
import type { Journal } from './journal';
import { SYMBOLS } from './market';

type Booked = EventDetail<'tradeBooked'>;
export type Stream = Pick<Booked, 'user_id' | 'portfolio_id'>;

export interface FeedProps {
  readonly streams: readonly Stream[];
  readonly journal: Journal;
  readonly random: () => number;
  readonly clock: () => Date;
  readonly deliver: (events: readonly Booked[]) => void;
}

const EVERY_MS = 250;
const HELD_BACK = 0.25;
const TWICE = 0.2;

/** Books trades, numbered in each stream, and delivers them: some late, behind later ones, and some twice. */
export async function feed(
  { streams, journal, random, clock, deliver }: FeedProps,
  isOver: () => boolean,
): Promise<void> {
  const last = new Map<Stream, number>();
  let later: Booked[] = [];
  while (!isOver()) {
    const booked = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
      const stream = oneOf(random, streams);
      const sequence = (last.get(stream) ?? 0) + 1;
      last.set(stream, sequence);
      return bookedTrade(stream, sequence, random, clock());
    });
    journal.trades.push(...booked);
    const held = new Set(booked.filter(() => random() < HELD_BACK));
    deliver([...booked.filter((one) => !held.has(one)), ...later].sort(() => random() - 0.5));
    later = [...held, ...booked.filter(() => random() < TWICE)];
    await sleep(EVERY_MS);
  }
  deliver(later);
}

function bookedTrade({ user_id, portfolio_id }: Stream, sequence: number, random: () => number, now: Date): Booked {
  const at = now.toISOString();
  return {
    trade_id: `TRADE-${ulid(now.getTime())}`,
    execution_id: ulid(now.getTime()),
    ...{ sequence, user_id, portfolio_id, symbol: oneOf(random, SYMBOLS), side: random() < 0.7 ? 'buy' : 'sell' },
    quantity: String(1 + Math.floor(random() * 9)),
    price: between(random, 1, 300).toFixed(2),
    fee: random() < 0.5 ? '0' : '0.35',
    ...{ currency: 'USD', executed_at: at, booked_at: at },
  };
}
