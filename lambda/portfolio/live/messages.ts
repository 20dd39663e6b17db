import type { EventDetail } from '../../../contract/events';
import type { LiveQuote, LiveValuation, ServerMessage } from '../../../contract/schemas/live';
import type { Connection, Watcher } from '../../adapters/live/connections';
import type { News } from './news';

/** What one connection is to be told. */
export interface Telling {
  readonly connection: Connection;
  readonly messages: readonly ServerMessage[];
}

/**
 * Who is told what: of a portfolio only its owner's connections, whoever else may have come to watch it; of quotes one
 * message a connection, with those that it watches.
 */
export function tellingsOf(news: News, watchers: readonly Watcher[]): Telling[] {
  const tellings = new Map<string, { connection: Connection; messages: ServerMessage[]; quotes: LiveQuote[] }>();
  const trades = [...news.trades.values()];
  for (const { topic, ...connection } of watchers) {
    const known = tellings.get(connection.connection_id);
    const telling = known ?? { connection, messages: [], quotes: [] };
    if (!known) tellings.set(connection.connection_id, telling);
    const isOwn = ({ user_id }: { readonly user_id: string }) => user_id === connection.user_id;
    if (topic.kind === 'portfolio') {
      const valuation = news.valuations.get(topic.portfolio_id);
      const own = trades.filter((trade) => trade.portfolio_id === topic.portfolio_id && isOwn(trade));
      telling.messages.push(...own.map(tradeMessage));
      if (valuation && isOwn(valuation)) telling.messages.push(valuationMessage(valuation));
    } else {
      const quote = news.quotes.get(topic.symbol);
      const analysis = news.analyses.get(topic.symbol);
      if (quote) telling.quotes.push(quote);
      if (analysis) telling.messages.push({ type: 'analysis', ...analysis });
    }
  }
  return [...tellings.values()].flatMap(({ connection, messages, quotes }) => {
    const all = quotes.length > 0 ? [...messages, { type: 'quote', quotes } as const] : messages;
    return all.length > 0 ? [{ connection, messages: all }] : [];
  });
}

function valuationMessage({ user_id: _, ...valuation }: LiveValuation): ServerMessage {
  return { type: 'valuation', ...valuation };
}

function tradeMessage(trade: EventDetail<'tradeBooked'>): ServerMessage {
  const { user_id: _, execution_id: __, booked_at: ___, ...shown } = trade;
  return { type: 'trade', ...shown };
}
