import type { Discrepancy } from '../../contract/schemas/portfolios';
import type { Ledger } from '../../core/portfolio';
import type { PortfolioState } from '../../lambda/adapters/portfolio/portfolios';

/** What does not agree in a portfolio: sells of more than was held, trades that are missing, and trades meant for another. */
export function discrepanciesOf({ missing, transactions }: PortfolioState, { oversells }: Ledger): Discrepancy[] {
  return [
    ...oversells.map(({ code, message, symbol, transaction_id }) => ({ code, message, symbol, transaction_id })),
    ...missing.map(({ from, to }) => ({
      code: 'missing_trades' as const,
      message:
        from === to
          ? `booked trade ${from} has not arrived, though later ones have`
          : `booked trades ${from} to ${to} have not arrived, though later ones have`,
      symbol: null,
      transaction_id: null,
    })),
    ...transactions.flatMap(({ named_portfolio_id, symbol, transaction_id }) =>
      named_portfolio_id === null
        ? []
        : {
            code: 'foreign_trade' as const,
            // Whether it is somebody else's is not the reader's to know.
            message: `the trade named portfolio ${named_portfolio_id}, which is none of the caller's`,
            symbol: symbol,
            transaction_id,
          },
    ),
  ];
}
