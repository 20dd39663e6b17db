import type { Aws } from './aws';
import { alpacaCredentialsOf } from './aws-clients';
import { type AlpacaTrading, createAlpacaTrading } from './providers/alpaca-trading';
import type { HttpPolicy } from './providers/http';

/** Alpaca's trading API, for the functions that trade; the others' bundles do not carry it. */
export const alpacaTradingOf = (
  environment: { readonly APCA_SECRET_ARN: string; readonly APCA_API_BASE_URL: string },
  { clock, sleep, random }: Pick<Aws, 'clock' | 'sleep' | 'random'>,
  /** A request that somebody waits for says how long; a job takes the client's defaults. */
  http: HttpPolicy = {},
): AlpacaTrading =>
  createAlpacaTrading({
    baseUrl: environment.APCA_API_BASE_URL,
    credentials: alpacaCredentialsOf(environment),
    fetch: globalThis.fetch,
    clock,
    sleep,
    random,
    http,
  });
