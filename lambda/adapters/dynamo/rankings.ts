import * as z from 'zod/mini';
import { metrics } from '../../../contract/schemas/rankings';
import { tableName } from '../../../contract/tables';
import { batchGet, batchWrite, type BatchPorts, type Write } from './batch';
import { rankKey } from './rank-key';
import { parseRow } from '../stored-row';

/** Rankings lie beside the analyses that they come from, above them: a ULID begins with a digit. */
export const RANKING = 'ranking#';

const place = z.object({
  analysis_id: z.string(),
  symbol: z.string(),
  name: z.string(),
  sector: z.optional(z.string()),
  value: z.number(),
});
type Place = z.infer<typeof place>;

/** Whom a ranking shows. */
export interface RankedAsset {
  readonly asset_id: string;
  readonly symbol: string;
  readonly name: string;
  readonly sector: string | null;
}

/** Kept in order besides the metrics: the half of the Magic Formula that is no metric of its own. */
const RANKED_VALUES = [...metrics, 'return_on_capital'] as const;
export type RankedValue = (typeof RANKED_VALUES)[number];
/** A place that other companies decide about: written for all of them at one moment (comparisons.ts). */
export const COMPARED = 'magic_formula';

export type MetricValues = Readonly<Partial<Record<Exclude<RankedValue, typeof COMPARED>, number | null>>>;

/** Key of the row that says where an asset stands among the others. */
export const STANDING = 'standing';

/** The partition of a ranking among the companies of one sector. */
export const sectorRanking = (metric: RankedValue, sector: string): string => `${metric}#${sector}`;

export const placeKey = (metric: RankedValue, asset_id: string) => ({ analysis_id: `${RANKING}${metric}`, asset_id });

/** A place as it is stored. @param since RFC 3339, of the analysis or comparison that found this value first */
export const placeRow = (metric: RankedValue, asset: RankedAsset, value: number, since: string) => {
  const { asset_id, symbol, name, sector } = asset;
  const ofSector = sector === null ? {} : { sector, sector_ranking: sectorRanking(metric, sector) };
  const rank_key = rankKey(value, symbol);
  return {
    ...placeKey(metric, asset_id),
    ...{ ranking: metric, rank_key, symbol, name, value, analyzed_at: since },
    ...ofSector,
  };
};

/** The materialised rankings: a row for each metric that an active asset has a value for. */
export function rankingStore(ports: BatchPorts, env: string) {
  const TableName = tableName(env, 'assetAnalysis');

  /** Read by key, so that what another delivery wrote a moment ago is seen. */
  async function places(assetId: string): Promise<Map<string, Place>> {
    const keys = RANKED_VALUES.map((metric) => placeKey(metric, assetId));
    const items = await batchGet(ports, TableName, keys, { consistent: true });
    return new Map(items.map((item) => parseRow(place, TableName, item)).map((row) => [row.analysis_id, row]));
  }

  return {
    /**
     * Makes the asset's places what its values say: only what changed is written, and a value that is no more takes its
     * place with it.
     *
     * @param values null takes the asset out of every ranking and comparison
     * @param analyzedAt RFC 3339, kept with the places that are new or changed
     * @returns how many rows were written and removed
     */
    async place(
      asset: RankedAsset,
      values: MetricValues | null,
      analyzedAt: string,
    ): Promise<{ written: number; removed: number }> {
      const { asset_id, symbol, name, sector } = asset;
      const before = await places(asset_id);
      const puts: Write[] = [];
      const deletes: Write[] = [];
      for (const metric of RANKED_VALUES) {
        const key = placeKey(metric, asset_id);
        const was = before.get(key.analysis_id);
        if (metric === COMPARED) {
          if (was && values === null) deletes.push({ delete: key });
          continue;
        }
        const value = values?.[metric] ?? null;
        if (value === null) {
          if (was) deletes.push({ delete: key });
          continue;
        }
        if (was?.value === value && was.symbol === symbol && was.name === name && (was.sector ?? null) === sector)
          continue;
        puts.push({ put: placeRow(metric, asset, value, analyzedAt) });
      }
      if (values === null && before.size > 0) deletes.push({ delete: { analysis_id: STANDING, asset_id } });
      await batchWrite(ports, TableName, [...puts, ...deletes]);
      return { written: puts.length, removed: deletes.length };
    },
  };
}
