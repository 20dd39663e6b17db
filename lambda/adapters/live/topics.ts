import { MAX_SYMBOLS, MAX_WATCHED_PORTFOLIOS } from '../../../contract/schemas/live';
import type { Topic } from './connections';

/** How a topic is spelt as a key: portfolio#<id> or symbol#<symbol>. */
export const topicKey = (topic: Topic): string =>
  topic.kind === 'portfolio' ? `portfolio#${topic.portfolio_id}` : `symbol#${topic.symbol}`;

/** @returns null for the key of something else, such as a connection's own row */
export function topicOf(key: string): Topic | null {
  const at = key.indexOf('#');
  const kind = key.slice(0, at);
  const name = key.slice(at + 1);
  if (kind === 'portfolio') return { kind, portfolio_id: name };
  return kind === 'symbol' ? { kind, symbol: name } : null;
}

/** Whether these are more than one connection may watch. @param keys each once */
export function areTooMany(keys: Iterable<string>): boolean {
  const counts = { portfolio: 0, symbol: 0 };
  for (const key of keys) {
    const topic = topicOf(key);
    if (topic) counts[topic.kind] += 1;
  }
  return counts.portfolio > MAX_WATCHED_PORTFOLIOS || counts.symbol > MAX_SYMBOLS;
}

/** Topics by their kinds, each once. */
export function namesOf(keys: Iterable<string>) {
  const portfolios = new Set<string>();
  const symbols = new Set<string>();
  for (const key of keys) {
    const topic = topicOf(key);
    if (topic?.kind === 'portfolio') portfolios.add(topic.portfolio_id);
    if (topic?.kind === 'symbol') symbols.add(topic.symbol);
  }
  return { portfolios: [...portfolios], symbols: [...symbols] };
}
