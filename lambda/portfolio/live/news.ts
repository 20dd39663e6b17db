import type { EventDetail } from '../../../contract/events';
import type { LiveQuote, LiveValuation } from '../../../contract/schemas/live';
import type { Topic } from '../../adapters/live/connections';
import { deliveryAmong, type DeliveryAmong } from '../../queue-worker';

/** What the queue `live` carries (contract/events.ts). */
const TOLD = ['valuationUpdated', 'quotesUpdated', 'analysisCompleted', 'tradeBooked', 'tokenExpired'] as const;
export type Told = DeliveryAmong<(typeof TOLD)[number]>;

/** @throws PoisonMessage */
export const toldBy = (body: string): Told => deliveryAmong(TOLD, body);

/** What there is to tell, each thing once and as it is newest. */
export interface News {
  /** By portfolio_id. */
  readonly valuations: ReadonlyMap<string, LiveValuation>;
  /** By symbol. */
  readonly quotes: ReadonlyMap<string, LiveQuote>;
  /** By symbol. */
  readonly analyses: ReadonlyMap<string, EventDetail<'analysisCompleted'>>;
  /** By execution_id. */
  readonly trades: ReadonlyMap<string, EventDetail<'tradeBooked'>>;
  /** connection_ids. */
  readonly expired: ReadonlySet<string>;
}

/** Of several values of one thing only the newest is news, in whatever order they came. */
export function newsOf(told: readonly Told[]): News {
  const valuations = new Map<string, LiveValuation>();
  const quotes = new Map<string, LiveQuote>();
  const analyses = new Map<string, { readonly time: string; readonly detail: EventDetail<'analysisCompleted'> }>();
  const trades = new Map<string, EventDetail<'tradeBooked'>>();
  const expired = new Set<string>();
  for (const one of told) {
    if (one.event === 'valuationUpdated') keepNewest(valuations, one.detail.portfolio_id, one.detail, asOf);
    else if (one.event === 'quotesUpdated') {
      for (const quote of one.detail.quotes) keepNewest(quotes, quote.symbol, quote, asOf);
    } else if (one.event === 'analysisCompleted') {
      keepNewest(analyses, one.detail.symbol, { time: one.event_time, detail: one.detail }, ({ time }) => time);
    } else if (one.event === 'tradeBooked') trades.set(one.detail.execution_id, one.detail);
    else expired.add(one.detail.connection_id);
  }
  return {
    valuations,
    quotes,
    analyses: new Map([...analyses].map(([symbol, { detail }]) => [symbol, detail])),
    trades,
    expired,
  };
}

const asOf = ({ as_of }: { readonly as_of: string }) => as_of;

function keepNewest<T>(kept: Map<string, T>, key: string, value: T, timeOf: (value: T) => string): void {
  const before = kept.get(key);
  if (before === undefined || Date.parse(timeOf(value)) >= Date.parse(timeOf(before))) kept.set(key, value);
}

/** Whose watchers are to be told. */
export function topicsOf({ valuations, quotes, analyses, trades }: News): Topic[] {
  const named = [...trades.values()].flatMap(({ portfolio_id }) => portfolio_id ?? []);
  return [
    ...[...new Set([...valuations.keys(), ...named])].map(
      (portfolio_id) => ({ kind: 'portfolio', portfolio_id }) as const,
    ),
    ...[...new Set([...quotes.keys(), ...analyses.keys()])].map((symbol) => ({ kind: 'symbol', symbol }) as const),
  ];
}
