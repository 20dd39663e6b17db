import * as z from 'zod/mini';
import { date, instant, list, shown } from './primitives';

export const statementName = z.enum(['income-statement', 'balance-sheet', 'cash-flow', 'earnings', 'overview']);
export type StatementName = z.infer<typeof statementName>;
export const period = z.enum(['annual', 'quarterly']);

/** The provider's own field names; a decimal string as it was sent, null where the provider has none. */
const figures = z.record(z.string(), z.nullable(z.string()));

/** One reported row. */
export const statementRow = shown(
  z.object({
    fiscal_date_ending: date(),
    period,
    reported_currency: z.nullable(z.string()),
    figures,
    fetched_at: instant(),
  }),
  { id: 'StatementRow' },
);

/** The company overview, a single row without a fiscal date of its own. */
export const overview = shown(z.object({ figures, fetched_at: instant() }), { id: 'Overview' });

export const financials = z.union([
  list(statementRow),
  z.object({ items: z.array(overview), next_cursor: z.nullable(z.string()) }),
]);
export type StatementRow = z.infer<typeof statementRow>;
