import { createHash } from 'node:crypto';
import { encodeTime } from 'ulid';
import { analysis } from '../../contract/schemas/analysis';
import { analyze, type AnalysisResult } from '../../core/advisor/analyze';
import { magicFormulaParts } from '../../core/advisor/comparisons';
import { type AnalysisSettings, DEFAULT_SETTINGS } from '../../core/advisor/settings';
import { onFirstCall } from '../adapters/aws';
import { busOf, queueOf } from '../adapters/aws-clients';
import { analysisStore } from '../adapters/dynamo/analyses';
import { assetStore, ratingKey } from '../adapters/dynamo/assets';
import { fingerprint } from '../adapters/dynamo/fingerprint';
import { fundamentalsStore } from '../adapters/dynamo/fundamentals';
import { newsStore } from '../adapters/dynamo/news';
import { type MetricValues, rankingStore } from '../adapters/dynamo/rankings';
import { PoisonMessage, queueWorker } from '../queue-worker';
import type { AdvisorServices, WorkerServices } from './services';

type Services = WorkerServices &
  Pick<AdvisorServices, 'documents' | 'env' | 'clock' | 'sleep' | 'log' | 'metrics' | 'bus'> & {
    /** @default DEFAULT_SETTINGS */
    readonly settings?: Partial<AnalysisSettings>;
  };

const DAY_MS = 86_400_000;
const WINDOW_DAYS = DEFAULT_SETTINGS.sentiment_window_days;

/**
 * Scores one asset from what is stored. An analysis that says what the latest already says is not stored again, so a
 * second delivery changes nothing; its id follows from the event and the result, so two at once store one.
 *
 * It alone writes the rankings: an asset that was renamed or delisted comes here too (asset-sync). Where a company stands
 * among the others is no part of its analysis; universe-ranking says so for all of them at one moment (ADR 14).
 */
export const makeHandler = (services: Services) => {
  const { env, clock, log, metrics, bus, settings } = services;
  const assets = assetStore(services, env);
  const fundamentals = fundamentalsStore(services, env);
  const analyses = analysisStore(services, env);
  const news = newsStore(services, env);
  const rankings = rankingStore(services, env);

  return queueWorker('analysisNeeded', services, async ({ detail, event_time }) => {
    const { asset_id } = detail;
    const now = clock();
    const [asset, overview, income_statement, balance_sheet, cash_flow, earnings, articles] = await Promise.all([
      assets.get(asset_id),
      fundamentals.overview(asset_id),
      fundamentals.rows('incomeStatement', asset_id),
      fundamentals.rows('balanceSheet', asset_id),
      fundamentals.rows('cashFlow', asset_id),
      fundamentals.rows('earnings', asset_id),
      news.mentions(asset_id, new Date(now.getTime() - WINDOW_DAYS * DAY_MS).toISOString()),
    ]);
    if (asset === null) throw new PoisonMessage(`no asset ${asset_id}`);
    const { symbol } = asset;
    const figures = overview?.figures ?? null;
    const result = analyze(
      { symbol, overview: figures, income_statement, balance_sheet, cash_flow, earnings },
      { now: now.toISOString(), articles, settings },
    );

    const digest = fingerprint(result);
    const latest = await analyses.latest(asset_id);
    const isNews = latest?.digest !== digest;
    const analysis_id = isNews ? analysisId(event_time, asset_id, digest) : latest.analysis_id;
    const analyzed_at = isNews ? now.toISOString() : latest.analyzed_at;
    if (isNews) {
      // Parsed by the contract before it is stored: what the API will show is what was checked here.
      const sentiment = result.sentiment ?? { score: null, label: null, articles: 0, window_days: WINDOW_DAYS };
      const row = analysis.parse({ analysis_id, asset_id, symbol, analyzed_at, ...result, sentiment });
      await analyses.add({ ...row, digest });
    }

    const sector = figures?.Sector ?? null;
    const ranked = { asset_id, symbol, name: asset.name, sector };
    const isActive = asset.status === 'active';
    const { written } = await rankings.place(ranked, isActive ? metricValues(result) : null, analyzed_at);

    // The asset's rating is written last: where it names this analysis, everything before it was done.
    const { score, grade, coverage } = result.rating;
    const isRated = asset.rating?.analysis_id === analysis_id && asset.rating_key === ratingKey(score, symbol);
    if (isRated && written === 0) return;
    if (asset.rating?.analysis_id !== analysis_id)
      await bus.publish([{ event: 'analysisCompleted', detail: { asset_id, symbol, analysis_id, score } }]);
    const rating = { analysis_id, score, grade, coverage, fiscal_date: result.fiscal_date, analyzed_at };
    const about = { rating, sector, industry: figures?.Industry ?? null, currency: figures?.Currency ?? null };
    const status = await assets.recordRating(asset_id, about, symbol);
    // Delisted while it was analysed: whoever marked it so may have been here before the places were written.
    if (status !== 'active' && written > 0) await rankings.place(ranked, null, analyzed_at);
    metrics.count('AssetsAnalyzed', 1);
    log.info('analysed', { asset_id, symbol, analysis_id });
  });
};

/** The rating, each score and ratio that has a value, and what the Magic Formula ranks besides. */
const metricValues = (result: AnalysisResult): MetricValues => ({
  rating: result.rating.score,
  ...Object.fromEntries(Object.entries({ ...result.scores, ...result.ratios }).map(([id, { value }]) => [id, value])),
  return_on_capital: magicFormulaParts(result)?.return_on_capital ?? null,
});

/** A ULID of the event's time whose random part is the content's digest: the same event and figures, the same id. */
function analysisId(eventTime: string, assetId: string, digest: string): string {
  const hash = createHash('sha256').update(`${assetId}#${digest}`).digest();
  const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const random = Array.from(hash.subarray(0, 16), (byte) => ALPHABET.charAt(byte % 32)).join('');
  return encodeTime(Date.parse(eventTime), 10) + random;
}

export const handler = onFirstCall('analysis-worker', (environment, aws) =>
  makeHandler({
    ...aws,
    ...queueOf(environment),
    bus: busOf(aws),
    settings: { beneish_threshold: environment.BENEISH_THRESHOLD },
  }),
);
