import { MAX_QUOTES_AN_EVENT } from '../../contract/schemas/live';
import { replay, splitsOf } from '../../core/portfolio';
import { errorFields } from '../../lambda/adapters/log-fields';
import { chunksOf } from '../../lambda/adapters/market/limits';
import type { PortfolioState } from '../../lambda/adapters/portfolio/portfolios';
import { heldSymbols, transactionsOf } from '../portfolio/replayed';
import { type Replayed, valued, type Valued } from '../portfolio/valued';
import type { PortfolioServices } from '../services';
import { mapInBreaths } from './breaths';
import { publishPassing } from './publishing';
import type { Topics } from './watching';

type ValuingServices = Pick<PortfolioServices, 'store' | 'market' | 'bus' | 'clock' | 'log' | 'timeZone'>;

/** Portfolios a page: three queries, and what they hold is in memory at once. */
const STATES_A_PAGE = 200;

export interface Pass extends Topics {
  /** Prices that were heard longer ago than this are asked for anew. @default as the market's data say */
  readonly freshMs?: number;
  /** Asked between its steps; where it says no, the pass ends. */
  readonly isStill: () => boolean;
}

/**
 * Values portfolios, keeps the day's values, and says them and the symbols' quotes to whoever listens. Few queries, however
 * many portfolios they are: theirs by pages, every symbol's price once.
 * @throws where the store does not answer
 */
export async function valueAndTell(services: ValuingServices, pass: Pass): Promise<void> {
  const { store, market, clock, log } = services;
  const { portfolios, symbols, freshMs, isStill } = pass;
  const started = clock();
  if (!isStill() || portfolios.length + symbols.length === 0) return;

  let [valuations, events] = [0, 0];
  // Page by page, so that no more than a page is in memory. Prices that one page asked for are fresh for the next.
  for (const page of chunksOf(portfolios, STATES_A_PAGE)) {
    if (!isStill()) return;
    const values = await valuesOf(services, page, freshMs);
    const told = values.map(({ live }) => ({ event: 'valuationUpdated' as const, detail: live }));
    events += await publishPassing(services, told, isStill);
    if (!isStill()) return;
    await store.snapshot(values.map(({ snapshot }) => snapshot));
    valuations += values.length;
  }
  if (!isStill()) return;
  const quotes = await market.quotes(symbols, freshMs);
  const told = chunksOf(
    symbols.flatMap((symbol) => quotes.get(symbol) ?? []),
    MAX_QUOTES_AN_EVENT,
  );
  events += await publishPassing(
    services,
    told.map((some) => ({ event: 'quotesUpdated' as const, detail: { quotes: some } })),
    isStill,
  );
  log.info('portfolios were valued', {
    counts: { portfolios: valuations, quotes: quotes.size, events },
    duration_ms: clock().getTime() - started.getTime(),
  });
}

async function valuesOf(
  { store, market, clock, log, timeZone }: ValuingServices,
  among: readonly string[],
  freshMs: number | undefined,
): Promise<readonly Valued[]> {
  const states = await store.states({ limit: among.length, among });
  const replayed = (await mapInBreaths(states, (state) => replayedOrNone(state, log))).flat();
  const quotes = await market.quotes([...new Set(replayed.flatMap(({ ledger }) => heldSymbols(ledger)))], freshMs);
  const now = clock();
  return mapInBreaths(replayed, (one): Valued => valued(one, quotes, now, timeZone));
}

/** One that cannot be replayed keeps no other from being valued. */
function replayedOrNone(state: PortfolioState, log: ValuingServices['log']): Replayed[] {
  try {
    const { portfolio } = state;
    const transactions = transactionsOf(state.transactions);
    return [{ portfolio, ledger: replay(transactions, portfolio.cost_basis), splits: splitsOf(transactions) }];
  } catch (thrown) {
    log.error('a portfolio cannot be valued', errorFields(thrown));
    return [];
  }
}
