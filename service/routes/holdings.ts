import { portfolioRoutes as routes } from '../../contract/routes/portfolios';
import { afterSplits, allocate, replay, splitsOf, valuate } from '../../core/portfolio';
import type { Implementation } from '../../lambda/api/serve';
import { discrepanciesOf } from '../portfolio/discrepancies';
import { heldSymbols, parsedTransactions } from '../../lambda/adapters/portfolio/parsed';
import type { PortfolioServices } from '../services';
import { noPortfolio, storeRoutes } from './own';

/** No symbol's sector is asked for: the answer has no division by sectors. */
const NO_SECTORS = new Map<string, string | null>();

/** What a portfolio holds, at the latest prices that are known. */
export function holdingsImplementation(services: PortfolioServices): Implementation {
  const { store, market, clock, log, timeZone } = services;
  return storeRoutes(log)(routes.getHoldings, async ({ parameters: { portfolioId }, query }, { sub }) => {
    const state = await store.state(sub, portfolioId);
    if (!state) return noPortfolio();
    const transactions = parsedTransactions(state.transactions);
    const ledger = replay(transactions, state.portfolio.cost_basis);
    const held = heldSymbols(ledger);
    const prices = afterSplits(await market.quotes(held), splitsOf(transactions), timeZone);
    const { holdings, totals } = valuate(ledger, prices);
    const { by_symbol, left_out } = allocate(ledger, prices, NO_SECTORS);
    const isHeld = new Set(held);
    return {
      body: {
        portfolio_id: portfolioId,
        currency: state.portfolio.base_currency,
        // To the second: an answer asked for again at once is known by its tag.
        as_of: `${clock().toISOString().slice(0, 19)}Z`,
        items: query.closed === true ? [...holdings] : holdings.filter(({ symbol }) => isHeld.has(symbol)),
        totals,
        allocation: { by_symbol: [...by_symbol], left_out: [...left_out] },
        discrepancies: discrepanciesOf(state, ledger),
      },
    };
  });
}
