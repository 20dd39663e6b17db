import { tableName } from '../../../contract/tables';
import { assetStore } from '../../../lambda/adapters/dynamo/assets';
import { batchWrite, eachOf } from '../../../lambda/adapters/dynamo/batch';
import { rankKey } from '../../../lambda/adapters/dynamo/rank-key';
import { RANKING, rankingStore, sectorRanking } from '../../../lambda/adapters/dynamo/rankings';
import type { Company } from '../../../local/sandbox/universe';
import type { TestAdvisor } from './advisor';

const METRICS = ['rating', 'piotroski'] as const;
const valuesOf = (index: number) => ({ rating: 20 + ((index * 7919) % 6000) / 100, piotroski: (index * 31) % 10 });

/**
 * Gives these companies, which the asset sync has stored, the rating and the places in two rankings that the analysis
 * worker would store for them: a whole market in seconds.
 */
export async function rateMarket({ services }: TestAdvisor, companies: readonly Company[]): Promise<void> {
  const { env, clock } = services;
  const analyzed_at = clock().toISOString();
  const store = assetStore(services, env);
  await eachOf(companies, 16, async ({ asset_id, symbol, sector, industry, index }) => {
    const score = valuesOf(index).rating;
    const analysis_id = `01KRV5C8M0${String(index).padStart(16, '0')}`;
    const rating = { analysis_id, score, grade: 'B', coverage: 0.94, fiscal_date: '2025-12-31', analyzed_at };
    await store.recordRating(asset_id, { rating, sector, industry, currency: 'USD' }, symbol);
  });
  const places = companies.flatMap(({ asset_id, symbol, name, sector, index }) =>
    METRICS.map((metric) => ({
      put: {
        analysis_id: `${RANKING}${metric}`,
        asset_id,
        ranking: metric,
        rank_key: rankKey(valuesOf(index)[metric], symbol),
        symbol,
        name,
        value: valuesOf(index)[metric],
        analyzed_at,
        sector,
        sector_ranking: sectorRanking(metric, sector),
      },
    })),
  );
  await batchWrite(services, tableName(env, 'assetAnalysis'), places);
  // The worker's own code finds nothing to write over what was put here.
  const [sample] = companies;
  if (!sample) throw new Error('an empty market');
  const { written } = await rankingStore(services, env).place(sample, valuesOf(sample.index), analyzed_at);
  if (written > 0) throw new Error('the places are not as the worker stores them');
}
