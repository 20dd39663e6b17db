import * as z from 'zod/mini';
import { tableName } from '../../../contract/tables';
import { batchWrite, type BatchPorts } from './batch';
import { queryAll } from './read';

const row = z.object({
  calendar_id: z.string(),
  asset_id: z.string(),
  symbol: z.string(),
  name: z.string(),
  report_date: z.string(),
  fiscal_date_ending: z.string(),
  estimate: z.nullable(z.string()),
  currency: z.nullable(z.string()),
  time_of_day: z.nullable(z.string()),
});
export type CalendarRow = z.infer<typeof row>;

/** The earnings calendar, one row per asset and fiscal date. */
export function earningsCalendarStore(ports: BatchPorts, env: string) {
  const TableName = tableName(env, 'earningsCalendar');

  return {
    /** Rows with a report date from `from` to `to`, both included. */
    async between(from: string, to: string): Promise<CalendarRow[]> {
      const months = monthsBetween(from, to).map((month) =>
        queryAll(ports.documents, row, {
          TableName,
          IndexName: 'by-date',
          // report_key is `2026-05-17#IBM`; `$` sorts just behind `#`, so that `to` itself is included.
          KeyConditionExpression: 'report_month = :month AND report_key BETWEEN :from AND :to',
          ExpressionAttributeValues: { ':month': month, ':from': from, ':to': `${to}$` },
        }),
      );
      return (await Promise.all(months)).flat();
    },

    async save(rows: readonly CalendarRow[], removed: readonly CalendarRow[], now: string): Promise<void> {
      await batchWrite(ports, TableName, [
        ...rows.map((put) => ({
          put: {
            ...put,
            report_month: put.report_date.slice(0, 7),
            report_key: `${put.report_date}#${put.symbol}`,
            updated_at: now,
          },
        })),
        ...removed.map(({ calendar_id, asset_id }) => ({ delete: { calendar_id, asset_id } })),
      ]);
    },
  };
}

/** `2026-05-17` to `2026-07-02` → 2026-05, 2026-06, 2026-07. */
export function monthsBetween(from: string, to: string): string[] {
  const months: string[] = [];
  let [year, month] = from.split('-').map(Number) as [number, number];
  for (;;) {
    const key = `${year}-${String(month).padStart(2, '0')}`;
    if (key > to.slice(0, 7)) return months;
    months.push(key);
    [year, month] = month === 12 ? [year + 1, 1] : [year, month + 1];
  }
}
