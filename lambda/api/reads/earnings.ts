import { type EarningsEvent, earningsEvent } from '../../../contract/schemas/earnings';
import { type Failure } from '../answers';
import { monthOf, monthsFrom } from './months';
import type { Page, PageRequest } from './page';
import type { ReadServices } from './rows';
import { walk } from './walk';

/** Report dates, both included. */
export interface ReportDates {
  readonly from: string;
  readonly to: string;
}

export interface EarningsReads {
  /** By report date, then by symbol. */
  calendar(dates: ReportDates, page: PageRequest): Promise<Page<EarningsEvent> | Failure>;
  ofAsset(assetId: string, dates: ReportDates, page: PageRequest): Promise<Page<EarningsEvent> | Failure>;
}

export function earningsReads(services: ReadServices): EarningsReads {
  const common = { table: 'earningsCalendar', order: 'ascending', row: earningsEvent } as const;
  return {
    calendar({ from, to }, page) {
      // report_key is `2026-05-17#IBM`; '~' is above every symbol.
      const sort = { from, to: `${to}#~` };
      const segments = monthsFrom(monthOf(from), monthOf(to)).map((month) => ({
        name: month,
        index: 'by-date',
        partition: month,
        sort,
      }));
      return walk(services, { ...common, segments, page });
    },

    ofAsset(assetId, sort, page) {
      return walk(services, {
        ...common,
        segments: [{ name: 'asset', index: 'by-asset', partition: assetId, sort }],
        page,
      });
    },
  };
}
