import type { Aws } from './aws';
import { alpacaCredentialsOf } from './aws-clients';
import type { VenueName } from '../../core/trading/order';
import { type AlpacaTrading, createAlpacaTrading } from './providers/alpaca-trading';
import type { HttpPolicy } from './providers/http';
import { alpacaVenue, type AlpacaVenueProps } from './venues/alpaca';
import { internalVenue } from './venues/internal';
import type { Venue } from './venues/venue';

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

/** Who fills new orders here. */
export const venueOf = ({ TRADE_VENUE }: { readonly TRADE_VENUE: VenueName }, props: AlpacaVenueProps): Venue =>
  TRADE_VENUE === 'alpaca' ? alpacaVenue(props) : internalVenue();
