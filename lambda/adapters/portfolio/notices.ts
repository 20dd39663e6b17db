import * as z from 'zod/mini';
import { symbol, ulid } from '../../../contract/schemas/primitives';
import { CHANGES, PORTFOLIO_WATCHED, SYMBOLS_WATCHED } from './locks';
import type { LeadProps } from './portfolios';

/** All that a leader is told by other sessions. */
export const LISTEN = [CHANGES, PORTFOLIO_WATCHED, SYMBOLS_WATCHED].map((channel) => `listen ${channel}`).join('; ');

export interface Notice {
  readonly channel: string;
  readonly payload?: string | undefined;
}

const portfolioId = ulid();
const symbols = z.array(symbol());

/** What a notification asks to be called. @throws Error for a payload that is not what its channel carries */
export function heard({ channel, payload = '' }: Notice, to: LeadProps): () => void {
  try {
    switch (channel) {
      case CHANGES: {
        const id = portfolioId.parse(payload);
        return () => to.onPortfolioChanged(id);
      }
      case PORTFOLIO_WATCHED: {
        const id = portfolioId.parse(payload);
        return () => to.onPortfolioWatched(id);
      }
      case SYMBOLS_WATCHED: {
        const some = symbols.parse(JSON.parse(payload));
        return () => to.onSymbolsWatched(some);
      }
      default:
        throw new Error('nobody listens on it');
    }
  } catch (error) {
    throw new Error(`a notification on ${channel} is not understood`, { cause: error });
  }
}
