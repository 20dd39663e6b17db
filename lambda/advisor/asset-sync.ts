import { functions } from '../../contract/functions';
import { isSymbol } from '../../contract/schemas/primitives';
import { onFirstCall } from '../adapters/aws';
import { alpacaOf, busOf } from '../adapters/aws-clients';
import { type AssetStore, assetFingerprint, assetStore, UNTOLD } from '../adapters/dynamo/assets';
import type { AlpacaAsset } from '../adapters/providers/alpaca';
import { runOnce } from './job';
import type { AdvisorServices } from './services';

type Services = Pick<AdvisorServices, 'documents' | 'env' | 'clock' | 'sleep' | 'log' | 'metrics' | 'bus' | 'alpaca'>;

/** A list that lost more than half of what was active is the provider's mistake, not half a market gone overnight. */
const LEAST_SHARE = 0.5;

/** GET /v2/assets into the assets table: what is new is written, what changed is updated, what vanished turns inactive. */
export const makeHandler = (services: Services) => {
  const { alpaca, clock, log, metrics, bus, env } = services;
  const assets = assetStore(services, env);

  /** Rankings show names and active assets only; the analysis worker, which keeps them, is told of what changed there. */
  async function tellOf(reranked: ReadonlyMap<string, Reranked>): Promise<void> {
    if (reranked.size === 0) return;
    await bus.publish(
      // An analysed asset had a symbol that an event can carry; what it is called now need not be one.
      [...reranked]
        .filter(([, { symbol }]) => isSymbol(symbol))
        .map(([asset_id, { symbol }]) => ({ event: 'analysisNeeded' as const, detail: { asset_id, symbol } })),
    );
    await assets.recordTold(reranked);
  }

  return runOnce(services, 'asset-sync', functions['asset-sync'].timeoutSeconds, async ({ run_id, counts }) => {
    const { assets: listed, rejected } = await alpaca.listAssets({ assetClass: 'us_equity' });
    const stored = await assets.fingerprints();
    const change = compare(listed, stored);

    const active = [...stored.values()].filter(({ status }) => status === 'active').length;
    if (change.vanished.length > active * (1 - LEAST_SHARE)) {
      throw new Error(
        `the list holds ${listed.length} assets and lacks ${change.vanished.length} of ${active} active ones: refused`,
      );
    }
    const now = clock().toISOString();
    await assets.create(change.created, now);
    const vanished = rejected.length > 0 ? [] : change.vanished;
    const reranked = new Map([...rerankedOf(change.changed, stored), ...goneOf(vanished, stored)]);
    await assets.update(change.changed, now, reranked);
    await assets.deactivate(vanished, now, reranked);
    await tellOf(reranked);

    Object.assign(counts, {
      listed: listed.length,
      created: change.created.length,
      updated: change.changed.length,
      deactivated: vanished.length,
      unchanged: change.unchanged,
      rejected: rejected.length,
    });
    metrics.count('AssetsWritten', change.created.length + change.changed.length);
    if (rejected.length > 0) {
      metrics.count('RowsRejected', rejected.length);
      // A malformed row may be an asset that we hold, so nothing is taken for vanished in this run.
      log.warn('malformed assets were left out, and none was deactivated', {
        run_id,
        details: rejected.slice(0, 20).map(({ index, symbol, reason }) => `[${index}] ${symbol ?? '?'}: ${reason}`),
      });
    }
    await bus.publish([{ event: 'assetsSynced', detail: { run_id, counts: { ...counts } } }]);
  });
};

type Stored = Awaited<ReturnType<AssetStore['fingerprints']>>;

function compare(listed: readonly AlpacaAsset[], stored: Stored) {
  const created: AlpacaAsset[] = [];
  const changed: AlpacaAsset[] = [];
  let unchanged = 0;
  const seen = new Set<string>();
  for (const asset of listed) {
    seen.add(asset.asset_id);
    const before = stored.get(asset.asset_id);
    if (before === undefined) created.push(asset);
    else if (before.filed && before.fingerprint === assetFingerprint(asset)) unchanged += 1;
    else changed.push(asset);
  }
  const vanished = [...stored]
    .filter(([id, { status, fingerprint }]) => !seen.has(id) && (status === 'active' || fingerprint === UNTOLD))
    .map(([id]) => id);
  return { created, changed, unchanged, vanished };
}

/** An analysed asset whose places in the rankings change, with its listing; null for one that vanished. */
interface Reranked {
  readonly symbol: string;
  readonly listing: AlpacaAsset | null;
}

function rerankedOf(changed: readonly AlpacaAsset[], stored: Stored): [string, Reranked][] {
  return changed
    .filter(({ asset_id, status, symbol, name }) => {
      const before = stored.get(asset_id);
      if (!before?.analysed) return false;
      const isShownElse = before.status !== status || before.symbol !== symbol || before.name !== name;
      return isShownElse || before.fingerprint === UNTOLD;
    })
    .map((listing) => [listing.asset_id, { symbol: listing.symbol, listing }]);
}

function goneOf(vanished: readonly string[], stored: Stored): [string, Reranked][] {
  return vanished.flatMap((assetId): [string, Reranked][] => {
    const before = stored.get(assetId);
    return before?.analysed ? [[assetId, { symbol: before.symbol, listing: null }]] : [];
  });
}

export const handler = onFirstCall('asset-sync', (environment, aws) =>
  makeHandler({ ...aws, bus: busOf(aws), alpaca: alpacaOf(environment, aws) }),
);
