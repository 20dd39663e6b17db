import type { Clock } from '../../../lambda/adapters/ports';
import { internalVenue } from '../../../lambda/adapters/venues/internal';
import type { TradeServices } from '../../../lambda/api/trade';

/** When the test market's day ends. */
export const DAY_ENDS = '2026-05-18T20:00:00.000Z';
export const PRICE = '250.25';

/** An open market, at which everything costs the same and did so a moment ago; the platform fills. */
export const openMarket = <Services extends { readonly clock: Clock }>(
  services: Services,
): Services & Pick<TradeServices, 'quotes' | 'marketHours' | 'venue' | 'quoteMaxAgeSeconds' | 'region'> => ({
  ...services,
  quotes: {
    latest: async () => ({
      price: PRICE,
      currency: 'USD',
      as_of: services.clock().toISOString(),
      previous_close: null,
    }),
  },
  marketHours: { now: async () => ({ is_open: true, day_ends: DAY_ENDS, opened_at: null, opens_at: null }) },
  venue: internalVenue(),
  quoteMaxAgeSeconds: 900,
  region: 'us-east-1',
});
