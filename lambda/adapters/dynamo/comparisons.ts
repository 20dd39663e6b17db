import * as z from 'zod/mini';
import { standing } from '../../../contract/schemas/analysis';
import { tableName } from '../../../contract/tables';
import type { ComparedCompany, Comparison } from '../../../core/advisor/comparisons';
import { RATIOS, type RatioId } from '../../../core/advisor/ratios';
import { batchGet, batchWrite, type BatchPorts, eachOf, type Write } from './batch';
import { fingerprint } from './fingerprint';
import { COMPARED, placeKey, placeRow, type RankedAsset, type RankedValue, STANDING } from './rankings';
import { queryAll } from './read';
import { parseRow } from '../stored-row';

/** Rankings read at a time. */
const CONCURRENCY = 4;

const rankedRow = z.object({
  asset_id: z.string(),
  symbol: z.string(),
  name: z.string(),
  sector: z.optional(z.string()),
  value: z.number(),
});
type RankedRow = z.infer<typeof rankedRow>;
const standingRow = z.object({ asset_id: z.string(), ...standing.shape });

const RATIO_IDS = Object.keys(RATIOS) as RatioId[];

/** Companies as the rankings know them, and where each stands among the others. */
export function comparisonStore(ports: BatchPorts, env: string) {
  const { documents } = ports;
  const TableName = tableName(env, 'assetAnalysis');

  const ranking = (metric: RankedValue): Promise<RankedRow[]> =>
    queryAll(documents, rankedRow, {
      TableName,
      IndexName: 'by-rank',
      KeyConditionExpression: '#ranking = :ranking',
      ExpressionAttributeNames: { '#ranking': 'ranking' },
      ExpressionAttributeValues: { ':ranking': metric },
    });

  async function standings(assetIds: readonly string[]): Promise<Map<string, string>> {
    const keys = assetIds.map((asset_id) => ({ analysis_id: STANDING, asset_id }));
    const rows = await batchGet(ports, TableName, keys, { concurrency: CONCURRENCY });
    return new Map(
      rows.map((row) => {
        const { asset_id, compared_at: _, ...told } = parseRow(standingRow, TableName, row);
        return [asset_id, fingerprint(told)];
      }),
    );
  }

  return {
    /** Every company that has a place in a ranking, with the figures that it is compared by. */
    async companies(): Promise<ReadonlyMap<string, RankedAsset & ComparedCompany>> {
      const listed = new Map<string, RankedAsset>();
      const figures = new Map<string, Partial<Record<RankedValue, number>>>();
      await eachOf([...RATIO_IDS, 'return_on_capital' as const], CONCURRENCY, async (metric) => {
        for (const { asset_id, symbol, name, sector = null, value } of await ranking(metric)) {
          listed.set(asset_id, { asset_id, symbol, name, sector });
          figures.set(asset_id, { ...figures.get(asset_id), [metric]: value });
        }
      });
      return new Map(
        [...listed].map(([asset_id, asset]) => {
          const { return_on_capital, ...ratios } = figures.get(asset_id) ?? {};
          const { earnings_yield } = ratios;
          const hasBoth = earnings_yield !== undefined && return_on_capital !== undefined;
          return [
            asset_id,
            { ...asset, magic_formula: hasBoth ? { earnings_yield, return_on_capital } : null, ratios },
          ];
        }),
      );
    },

    /**
     * Makes the standings and the Magic Formula's ranking what the comparison says; only what changed is written.
     * @param comparedAt RFC 3339
     */
    async save(
      companies: ReadonlyMap<string, RankedAsset>,
      comparisons: ReadonlyMap<string, Comparison>,
      comparedAt: string,
    ): Promise<{ standings: number; places: number; removed: number }> {
      const [before, placed] = await Promise.all([standings([...comparisons.keys()]), ranking(COMPARED)]);
      const places = new Map(placed.map((row) => [row.asset_id, row]));
      const written: Write[] = [];
      const ranked: Write[] = [];
      const removed: Write[] = [];
      for (const [asset_id, comparison] of comparisons) {
        if (before.get(asset_id) !== fingerprint(comparison))
          written.push({ put: { analysis_id: STANDING, asset_id, compared_at: comparedAt, ...comparison } });
        const company = companies.get(asset_id);
        const value = comparison.magic_formula?.combined;
        if (company === undefined || value === undefined) continue;
        if (!isSame(places.get(asset_id), company, value))
          ranked.push({ put: placeRow(COMPARED, company, value, comparedAt) });
      }
      for (const asset_id of places.keys())
        if (!comparisons.get(asset_id)?.magic_formula) removed.push({ delete: placeKey(COMPARED, asset_id) });
      await batchWrite(ports, TableName, [...written, ...ranked, ...removed]);
      return { standings: written.length, places: ranked.length, removed: removed.length };
    },
  };
}

const isSame = (row: RankedRow | undefined, { symbol, name, sector }: RankedAsset, value: number): boolean =>
  row?.value === value && row.symbol === symbol && row.name === name && (row.sector ?? null) === sector;
