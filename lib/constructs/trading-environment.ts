import { ledgerEnvironment } from './ledger-access';
import { type FunctionGround } from './function-ground';
import { type OwnEnvironment } from './platform-function';
import { providerEnvironment } from './provider-environment';

/** What a function of trading is told: where the ledger is, and how orders are filled. */
export interface TradingEnvironment {
  readonly ledger: OwnEnvironment<'order-expiry'>;
  /** For those who ask the brokerage, too. */
  readonly brokerage: OwnEnvironment<'venue-follower'>;
  /** For those who fill orders, too. */
  readonly filling: OwnEnvironment<'order-matcher'>;
}

export function tradingEnvironment({ config, secrets, ledger: { access } }: FunctionGround): TradingEnvironment {
  const ledger = ledgerEnvironment(access);
  const brokerage = { ...ledger, ...providerEnvironment(config, secrets).alpaca };
  const { venue, quoteMaxAgeSeconds } = config.trading;
  return {
    ledger,
    brokerage,
    filling: { ...brokerage, TRADE_VENUE: venue, QUOTE_MAX_AGE_SECONDS: String(quoteMaxAgeSeconds) },
  };
}
