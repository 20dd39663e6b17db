import { z } from 'zod';
import type { Bus } from './bus/bus';
import type { JobLine } from './http/job-door';
import type { QueueNews } from './queues';
import { seconds } from './spoken';

/** What of the platform's own answers is spoken here; the rest passes by. */
const assetAnswer = z.object({ asset_id: z.string(), symbol: z.string(), name: z.string() });
const analysisAnswer = z.object({
  fiscal_date: z.string().nullable(),
  rating: z.object({ score: z.number().nullable(), grade: z.string().nullable(), coverage: z.number() }),
});
const healthAnswer = z.object({
  providers: z
    .record(z.string(), z.object({ used_today: z.number(), remaining_today: z.number().nullable() }))
    .optional(),
});
const aboutAsset = z.object({ detail: z.object({ asset_id: z.string() }) });

/** A message put off by more than this waits for another day's calls, not for the next second's or minute's. */
const LONG_DELAY_SECONDS = 120;
/** Behind a long queue an asset may take a while; the door does not stay open for ever. */
const PATIENCE_MS = 15 * 60_000;

export interface AnalyzeServices {
  readonly bus: Bus;
  /** Calls the platform's own API. */
  readonly api: (path: string) => Promise<{ readonly status: number; readonly body: unknown }>;
  readonly onQueueNews: (listener: (news: QueueNews) => void) => () => void;
  readonly clock: () => Date;
}

/** `npm run job -- analyze IBM`: asks the bus for the asset as a planner would, and tells what becomes of it. */
export async function* analyzeNow(symbol: string, services: AnalyzeServices): AsyncGenerator<JobLine> {
  const { bus, api, clock } = services;
  const found = await api(`/assets/${encodeURIComponent(symbol)}`);
  const asset = assetAnswer.safeParse(found.body);
  if (found.status !== 200 || !asset.success) {
    const isUnknown = found.status === 404 || found.status === 400;
    const why = isUnknown ? 'no asset has this symbol' : `the API answered ${found.status}`;
    yield { line: `${symbol}: ${why}`, outcome: 'failed' };
    return;
  }
  const { asset_id, symbol: known, name } = asset.data;
  const begun = clock().getTime();
  const after = () => `after ${seconds(clock().getTime() - begun)}`;
  const news = newsAbout(asset_id, services);
  try {
    const detail = { asset_id, symbol: known, reason: 'requested', requested_at: clock().toISOString() };
    await bus.publishUrgently([{ event: 'pollenationNeeded', detail }]);
    yield { line: `${known} (${name}): fetching overview, statements and earnings` };
    for (let isFetched = false, isDelayed = false; ;) {
      const next = await news.next();
      switch (next.became) {
        case 'too_late':
          yield { line: `${known}: still queued ${after()}; it goes on without you`, outcome: 'failed' };
          return;
        case 'parked':
          yield { line: `${known}: given up ${after()}: ${next.cause}`, outcome: 'failed' };
          return;
        case 'delayed':
          if (next.delaySeconds > LONG_DELAY_SECONDS) {
            yield { line: await outOfCalls(known, api), outcome: 'failed' };
            return;
          }
          isDelayed = true;
          yield { line: `${known}: the plan's limit is reached, goes on in ${next.delaySeconds} s` };
          break;
        case 'fetched':
          isFetched = true;
          yield { line: `${known}: fetched ${after()}, analysing` };
          break;
        case 'done':
          if (next.queue === 'analysis' && isFetched) {
            yield await outcomeOf(known, after(), api);
            return;
          }
          if (next.queue === 'pollination' && !isFetched && !isDelayed) {
            yield { line: `${known}: the provider has no fundamentals of it`, outcome: 'failed' };
            return;
          }
          // The message that was put off is done; the one in its place follows.
          isDelayed = false;
      }
    }
  } finally {
    news.close();
  }
}

type AssetNews = QueueNews | { readonly became: 'fetched' | 'too_late' };

/** What happens to one asset, in order, none of it missed between two questions. */
function newsAbout(assetId: string, { bus, onQueueNews }: AnalyzeServices) {
  const heard: AssetNews[] = [];
  let tell: ((news: AssetNews) => void) | undefined;
  const hear = (news: AssetNews) => {
    if (!tell) heard.push(news);
    tell?.(news);
    tell = undefined;
  };
  const isAbout = (body: string) => {
    const parsed = aboutAsset.safeParse(JSON.parse(body));
    return parsed.success && parsed.data.detail.asset_id === assetId;
  };
  const timer = setTimeout(() => hear({ became: 'too_late' }), PATIENCE_MS);
  const closers = [
    // A fetched asset asks for its analysis.
    bus.listen(({ event, detail }) => {
      if (event === 'analysisNeeded' && 'asset_id' in detail && detail.asset_id === assetId)
        hear({ became: 'fetched' });
    }),
    onQueueNews((news) => {
      if (isAbout(news.body)) hear(news);
    }),
    () => clearTimeout(timer),
  ];
  return {
    next: () => {
      const oldest = heard.shift();
      return oldest ? Promise.resolve(oldest) : new Promise<AssetNews>((resolve) => (tell = resolve));
    },
    close: () => {
      for (const close of closers) close();
    },
  };
}

async function outcomeOf(symbol: string, after: string, api: AnalyzeServices['api']): Promise<JobLine> {
  const { status, body } = await api(`/assets/${encodeURIComponent(symbol)}/analysis`);
  const parsed = analysisAnswer.safeParse(body);
  if (!parsed.success) return { line: `${symbol}: the API answered ${status} for its analysis`, outcome: 'failed' };
  const { fiscal_date, rating } = parsed.data;
  const verdict = rating.score === null ? 'no rating' : `rating ${rating.score} (${rating.grade ?? 'no grade'})`;
  const coverage = `${Math.round(rating.coverage * 100)} % of the rules had their figures`;
  return {
    line: `${symbol}: analysed ${after}: ${verdict}, fiscal date ${fiscal_date ?? 'unknown'}, ${coverage}`,
    outcome: 'done',
  };
}

async function outOfCalls(symbol: string, api: AnalyzeServices['api']): Promise<string> {
  const health = healthAnswer.safeParse((await api('/health')).body);
  const usage = Object.values(health.data?.providers ?? {}).find(({ remaining_today }) => remaining_today !== null);
  const left = usage ? ` (${usage.used_today} used, ${usage.remaining_today ?? 0} left)` : '';
  return `${symbol}: today's calls at Alpha Vantage do not suffice${left}; it stays queued and is fetched when there are calls again`;
}
