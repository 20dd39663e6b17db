import * as z from 'zod/mini';
import { type Metric, METRICS, type Ranked } from '../../../contract/schemas/rankings';
import { sectorRanking } from '../../adapters/dynamo/rankings';
import { type Failure, isFailure } from '../answers';
import type { Page, PageRequest } from './page';
import type { ReadServices } from './rows';
import { walk } from './walk';

export interface Ranking {
  readonly metric: Metric;
  readonly sector?: string | undefined;
  /** @default the best first */
  readonly order?: 'asc' | 'desc' | undefined;
}

export interface RankingReads {
  list(ranking: Ranking, page: PageRequest): Promise<Page<Ranked> | Failure>;
}

const row = z.object({
  asset_id: z.string(),
  symbol: z.string(),
  name: z.string(),
  sector: z.optional(z.string()),
  value: z.number(),
  analyzed_at: z.string(),
});

/** Rankings as the analysis worker has materialised them: a page is one query. */
export function rankingReads(services: ReadServices): RankingReads {
  return {
    async list({ metric, sector, order }, page) {
      const bestFirst = METRICS[metric] === 'lower' ? 'asc' : 'desc';
      const segment =
        sector === undefined
          ? { name: 'all', index: 'by-rank', partition: metric }
          : { name: 'sector', index: 'by-sector-rank', partition: sectorRanking(metric, sector) };
      const found = await walk(services, {
        table: 'assetAnalysis',
        segments: [segment],
        order: (order ?? bestFirst) === 'asc' ? 'ascending' : 'descending',
        row,
        page,
      });
      if (isFailure(found)) return found;
      return { ...found, items: found.items.map((item) => ({ metric, ...item, sector: item.sector ?? null })) };
    },
  };
}
