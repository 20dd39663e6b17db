import * as z from 'zod/mini';
import { date, decimal, instant, shown, uuid } from './primitives';

/** One row of the earnings calendar. `estimate` and `time_of_day` are more often unknown than not. */
export const earningsEvent = shown(
  z.object({
    calendar_id: z.string(),
    asset_id: uuid(),
    symbol: z.string(),
    name: z.string(),
    report_date: date(),
    fiscal_date_ending: date(),
    estimate: z.nullable(decimal()),
    currency: z.nullable(z.string()),
    time_of_day: z.nullable(z.string()),
    updated_at: instant(),
  }),
  { id: 'EarningsEvent' },
);
export type EarningsEvent = z.infer<typeof earningsEvent>;
