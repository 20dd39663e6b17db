import { MAX_QUOTES_AN_EVENT } from '../../contract/schemas/live';
import { dateAt } from '../../core/trading/trading-day';
import { errorFields } from '../../lambda/adapters/log-fields';
import { chunksOf } from '../../lambda/adapters/market/limits';
import type { PortfolioState } from '../../lambda/adapters/portfolio/portfolios';
import { heldSymbols, ledgerOf } from '../portfolio/replayed';
import { type Replayed, valued, type Valued } from '../portfolio/valued';
import type { PortfolioServices } from '../services';
import { mapInBreaths } from './breaths';
import { publishPassing } from './publishing';
import type { Topics } from './watching';

type ValuingServices = Pick<PortfolioServices, 'store' | 'market' | 'bus' | 'clock' | 'log' | 'timeZone'>;

/** Portfolios a query. */
const STATES_A_PAGE = 500;
const SNAPSHOTS_A_CALL = 1_000;

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
  const { store, market, clock, log, timeZone } = services;
  const { portfolios, symbols, freshMs, isStill } = pass;
  const started = clock();
  if (!isStill() || portfolios.length + symbols.length === 0) return;

  const replayed = await replayedOf(services, portfolios, isStill);
  const held = replayed.flatMap(({ ledger }) => heldSymbols(ledger));
  if (!isStill()) return;
  const quotes = await market.quotes([...new Set([...held, ...symbols])], freshMs);
  if (!isStill()) return;

  const now = clock();
  const date = dateAt(now, timeZone);
  const values = await mapInBreaths(replayed, (one): Valued => valued(one, quotes, now, date));
  const told = symbols.flatMap((symbol) => quotes.get(symbol) ?? []);
  const published = await publishPassing(
    services,
    [
      ...values.map(({ live }) => ({ event: 'valuationUpdated' as const, detail: live })),
      ...chunksOf(told, MAX_QUOTES_AN_EVENT).map((some) => ({
        event: 'quotesUpdated' as const,
        detail: { quotes: some },
      })),
    ],
    isStill,
  );
  for (const some of chunksOf(values, SNAPSHOTS_A_CALL)) {
    if (!isStill()) return;
    await store.snapshot(some.map(({ snapshot }) => snapshot));
  }
  log.info('portfolios were valued', {
    counts: { portfolios: values.length, quotes: quotes.size, events: published },
    duration_ms: clock().getTime() - started.getTime(),
  });
}

async function replayedOf(
  { store, log }: ValuingServices,
  portfolios: readonly string[],
  isStill: () => boolean,
): Promise<readonly Replayed[]> {
  const all: Replayed[] = [];
  for (const among of chunksOf(portfolios, STATES_A_PAGE)) {
    if (!isStill()) return [];
    const states = await store.states({ limit: STATES_A_PAGE, among });
    all.push(...(await mapInBreaths(states, (state) => replayedOrNone(state, log))).flat());
  }
  return all;
}

/** One that cannot be replayed keeps no other from being valued. */
function replayedOrNone(state: PortfolioState, log: ValuingServices['log']): Replayed[] {
  try {
    return [{ portfolio: state.portfolio, ledger: ledgerOf(state) }];
  } catch (thrown) {
    log.error('a portfolio cannot be valued', errorFields(thrown));
    return [];
  }
}
