import { onFirstCall } from '../adapters/aws';
import { alphaVantageOf, busOf, queueOf } from '../adapters/aws-clients';
import { assetStore, type Fetch, FETCHES, type WorkingAsset } from '../adapters/dynamo/assets';
import { fundamentalsStore, type SaveCounts, type StatementTable } from '../adapters/dynamo/fundamentals';
import type { AlphaVantageClient } from '../adapters/providers/alpha-vantage';
import { ProviderError } from '../adapters/providers/provider-error';
import { PoisonMessage, queueWorker } from '../queue-worker';
import type { AdvisorServices, WorkerServices } from './services';

type Services = WorkerServices &
  Pick<AdvisorServices, 'documents' | 'env' | 'clock' | 'sleep' | 'log' | 'metrics' | 'bus' | 'alphaVantage'>;

const STATEMENTS: Readonly<
  Record<
    Exclude<Fetch, 'overview'>,
    readonly [StatementTable, 'incomeStatement' | 'balanceSheet' | 'cashFlow' | 'earnings']
  >
> = {
  income_statement: ['incomeStatement', 'incomeStatement'],
  balance_sheet: ['balanceSheet', 'balanceSheet'],
  cash_flow: ['cashFlow', 'cashFlow'],
  earnings: ['earnings', 'earnings'],
};

/**
 * Fetches the five functions of one asset. Each that succeeded is stored and marked at once, so that a throttle, a crash
 * or a second delivery goes on behind it; the last one asks for the analysis.
 */
export const makeHandler = (services: Services) => {
  const { env, clock, log, metrics, bus, alphaVantage } = services;
  const assets = assetStore(services, env);
  const fundamentals = fundamentalsStore(services, env);

  return queueWorker('pollenationNeeded', services, async ({ detail }) => {
    let asset = await assets.get(detail.asset_id);
    if (asset === null) throw new PoisonMessage(`no asset ${detail.asset_id}`);
    for (const fetch of FETCHES) {
      // Fetched since it was asked for: an earlier delivery got this far.
      if ((asset.fetched[fetch] ?? '') >= detail.requested_at) continue;
      const outcome = await fetchOne(alphaVantage, asset, fetch);
      if (outcome === 'unknown') {
        // An ETF or a warrant has no fundamentals: four more calls would say no more.
        log.info('the provider has no fundamentals', { asset_id: asset.asset_id, symbol: asset.symbol });
        await assets.recordPollination(asset.asset_id, clock().toISOString(), 'unknown_symbol');
        return;
      }
      asset = await assets.recordFetch(asset, fetch, clock().toISOString());
    }
    await assets.recordPollination(asset.asset_id, clock().toISOString(), null);
    metrics.count('AssetsPollinated', 1);
    await bus.publish([{ event: 'analysisNeeded', detail: { asset_id: asset.asset_id, symbol: asset.symbol } }]);
  });

  async function fetchOne(
    client: AlphaVantageClient,
    asset: WorkingAsset,
    fetch: Fetch,
  ): Promise<'stored' | 'unknown'> {
    const { asset_id, symbol } = asset;
    try {
      if (fetch === 'overview') {
        const { figures } = await client.overview(symbol);
        tell(asset, fetch, await fundamentals.saveOverview(asset_id, symbol, figures, clock().toISOString()), []);
      } else {
        const [table, method] = STATEMENTS[fetch];
        const { rows, rejected } = await client[method](symbol);
        tell(asset, fetch, await fundamentals.saveStatement(table, asset_id, rows, clock().toISOString()), rejected);
      }
      return 'stored';
    } catch (error) {
      if (error instanceof ProviderError && (error.kind === 'unknown_symbol' || error.kind === 'invalid_request')) {
        // OVERVIEW is asked first and answers {} for what is unknown; a later function may simply not exist for a company.
        return fetch === 'overview' ? 'unknown' : 'stored';
      }
      throw error;
    }
  }

  function tell(
    { asset_id, symbol }: WorkingAsset,
    operation: Fetch,
    counts: SaveCounts,
    rejected: readonly { readonly path: string; readonly reason: string }[],
  ): void {
    log.debug('fetched', { asset_id, symbol, operation, counts: { ...counts, rejected: rejected.length } });
    if (counts.worse > 0)
      log.warn('rows that say less than the stored ones were refused', { asset_id, symbol, operation });
    if (rejected.length === 0) return;
    metrics.count('RowsRejected', rejected.length);
    const details = rejected.slice(0, 20).map(({ path, reason }) => `${path}: ${reason}`);
    log.warn('malformed rows were left out', { asset_id, symbol, operation, details });
  }
};

export const handler = onFirstCall('pollination-worker', (environment, aws) =>
  makeHandler({
    ...aws,
    ...queueOf(environment),
    bus: busOf(aws),
    alphaVantage: alphaVantageOf(environment, aws),
  }),
);
