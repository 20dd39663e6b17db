import { functions } from '../../contract/functions';
import { onFirstCall } from '../adapters/aws';
import { alphaVantageOf, busOf } from '../adapters/aws-clients';
import { CallBudgetExhausted } from '../adapters/call-budget';
import { assetStore } from '../adapters/dynamo/assets';
import { eachOf } from '../adapters/dynamo/batch';
import { newsStore } from '../adapters/dynamo/news';
import { platformState } from '../adapters/dynamo/platform-state';
import type { NewsArticle } from '../adapters/providers/alpha-vantage';
import { ProviderError } from '../adapters/providers/provider-error';
import { runOnce } from './job';
import type { AdvisorServices } from './services';

type Services = Pick<
  AdvisorServices,
  'documents' | 'env' | 'clock' | 'sleep' | 'log' | 'metrics' | 'bus' | 'alphaVantage'
>;

const MINUTE_MS = 60_000;
/** The provider's most. */
const PAGE = 1000;
/** A page that is full is followed by the next; so many a run, the rest in the next hour's. */
const MAX_PAGES = 5;
/** Articles turn up in the feed some time after they were published; reading them twice costs no call and no write. */
const OVERLAP_MS = 60 * MINUTE_MS;
/** How far back the very first run looks. */
const FIRST_LOOK_MS = 24 * 60 * MINUTE_MS;

/** NEWS_SENTIMENT from the watermark on, each article stored once and linked to the assets that it speaks of. */
export const makeHandler = (services: Services) => {
  const { alphaVantage, clock, log, metrics, bus, env, documents } = services;
  const assets = assetStore(services, env);
  const news = newsStore(services, env);
  const state = platformState(documents, env);

  /** Resolves the tickers of some articles; what is no asset of ours (`CRYPTO:BTC`, say) stays unresolved. */
  async function idsOf(articles: readonly NewsArticle[], ids: Map<string, string>): Promise<void> {
    const tickers = new Set(articles.flatMap(({ ticker_sentiment }) => ticker_sentiment.map(({ ticker }) => ticker)));
    const unresolved = [...tickers].filter((ticker) => !ids.has(ticker) && !ticker.includes(':'));
    await eachOf(unresolved, 16, async (ticker) => {
      const [id] = await assets.idsOf(ticker);
      if (id !== undefined) ids.set(ticker, id);
    });
  }

  return runOnce(services, 'news-sync', functions['news-sync'].timeoutSeconds, async ({ run_id, counts }) => {
    Object.assign(counts, { received: 0, written: 0, links: 0, known: 0, rejected: 0, calls: 0, deferred: 0 });
    const add = (name: string, by: number) => (counts[name] = (counts[name] ?? 0) + by);
    const ids = new Map<string, string>();
    const watermark = await state.watermark('news');
    let from = watermark === null ? clock().getTime() - FIRST_LOOK_MS : Date.parse(watermark) - OVERLAP_MS;

    for (let page = 0; page < MAX_PAGES; page++) {
      const answer = await alphaVantage
        .newsSentiment({ timeFrom: new Date(from), sort: 'EARLIEST', limit: PAGE })
        .catch((error: unknown) => {
          // Out of calls: what was read is kept, the watermark stands, the next run goes on from it.
          if (error instanceof CallBudgetExhausted || (error instanceof ProviderError && error.kind === 'throttled')) {
            log.info('no call left for news', { run_id, reason: error.message });
            return null;
          }
          throw error;
        });
      if (answer === null) {
        add('deferred', 1);
        break;
      }
      const { articles, rejected, received } = answer;
      const known = await news.known(articles.map(({ news_id }) => news_id));
      const fresh = articles.filter(({ news_id }) => !known.has(news_id));
      await idsOf(fresh, ids);
      const { links } = await news.save(fresh, ids);
      const newest = articles.reduce((latest, { time_published }) => Math.max(latest, Date.parse(time_published)), 0);
      if (newest > (watermark === null ? 0 : Date.parse(watermark))) {
        await state.setWatermark('news', new Date(newest).toISOString());
      }
      add('calls', 1);
      add('received', received);
      add('written', fresh.length);
      add('links', links);
      add('known', known.size);
      add('rejected', rejected.length);
      if (received < PAGE || newest === 0) break;
      // A whole page within one minute cannot be paged by minutes: step over it rather than read it for ever.
      from = Math.max(newest, from + MINUTE_MS);
    }
    if ((counts.rejected ?? 0) > 0) metrics.count('RowsRejected', counts.rejected ?? 0);
    await bus.publish([{ event: 'newsSynced', detail: { run_id, counts: { ...counts } } }]);
  });
};

export const handler = onFirstCall('news-sync', (environment, aws) =>
  makeHandler({ ...aws, bus: busOf(aws), alphaVantage: alphaVantageOf(environment, aws) }),
);
