import { functions } from '../../contract/functions';
import { isSymbol } from '../../contract/schemas/primitives';
import { planPollination, type PollinationCandidate } from '../../core/advisor/pollination-plan';
import { providerDay } from '../../core/advisor/provider-day';
import { readCallBudgetUsage } from '../adapters/call-budget-usage';
import { assetStore, type CandidateRow, FETCHES } from '../adapters/dynamo/assets';
import { earningsCalendarStore } from '../adapters/dynamo/earnings-calendar';
import { watchedAssets } from '../adapters/dynamo/watched';
import { runOnce } from './job';
import type { AdvisorServices } from './services';

export type PlannerServices = Pick<
  AdvisorServices,
  'documents' | 'env' | 'clock' | 'sleep' | 'log' | 'metrics' | 'bus' | 'plan'
>;

const DAY_MS = 86_400_000;
/** A report older than this has been fetched by staleness, or waits its turn there. */
const REPORTED_WITHIN_DAYS = 30;
/** A message that was queued this long ago and never came through ended in the dead-letter queue. */
const QUEUED_FOR_DAYS = 2;
/** Fundamentals change once a quarter: a watched asset goes before the others again after a week, or they would never have a turn. */
const WATCHED_EVERY_DAYS = 7;
/** Of a plan without a daily limit: what the rest of the day's minutes allow, less a margin for retries. */
const RATE_SHARE = 0.9;
/** News may take a fifth of the day (core/advisor/token-bucket.ts); what it has not yet taken is kept for it. */
const NEWS_SHARE = 0.2;

/**
 * Plans what the pollination worker fetches: reported earnings first, then held or watched, then the stalest; no more
 * than the day can pay for. What does not fit is stalest tomorrow.
 *
 * @param only `reported`: the 06:00 run, assets that reported since they were fetched · `all`: the 07:00 run
 */
export const makePlanner = (
  services: PlannerServices,
  job: 'earnings-pollination' | 'regular-pollination',
  only: 'reported' | 'all',
) => {
  const { clock, log, bus, env, plan, documents } = services;
  const assets = assetStore(services, env);
  const calendar = earningsCalendarStore(services, env);

  return runOnce(services, job, functions[job].timeoutSeconds, async ({ run_id, counts }) => {
    const now = clock();
    const at = now.toISOString();
    const [candidates, watched, reported, usage] = await Promise.all([
      assets.candidates(),
      watchedAssets(documents, env),
      reportsSince(now),
      readCallBudgetUsage({ documents, env, clock, plan }),
    ]);
    const waiting = candidates.filter((row) => isWaiting(row, now));
    const pending = new Set(waiting.map(({ asset_id }) => asset_id));
    const calls = callsLeft(now, usage) - pending.size * FETCHES.length;
    const eligible = candidates
      // What no event can carry, no company reports under either; one such row must not stop the plan.
      .filter(({ asset_id, symbol }) => !pending.has(asset_id) && isSymbol(symbol))
      .map((row): PollinationCandidate => ({
        asset_id: row.asset_id,
        symbol: row.symbol,
        pollinated_at: row.pollinated_at ?? null,
        earnings_reported_at: reported.get(row.asset_id) ?? null,
        held: false,
        watched: watched.has(row.asset_id) && isDue(row, now),
        deferred: false,
      }))
      .filter((row) => only === 'all' || row.earnings_reported_at !== null);
    const { queued, deferred } = planPollination(
      only === 'all' ? eligible : eligible.filter((row) => reportedSinceFetch(row)),
      { calls_remaining: calls, calls_per_asset: FETCHES.length },
      at,
    );
    for (let begin = 0; begin < queued.length; begin += 500) {
      const part = queued.slice(begin, begin + 500);
      await bus.publish(
        part.map((row) => ({
          event: 'pollenationNeeded' as const,
          detail: {
            asset_id: row.asset_id,
            symbol: row.symbol,
            reason:
              row.earnings_reported_at !== null && reportedSinceFetch(row)
                ? 'earnings'
                : row.watched
                  ? 'watched'
                  : 'stale',
            requested_at: at,
          },
        })),
      );
      await assets.markQueued(
        part.map(({ asset_id }) => asset_id),
        at,
      );
    }
    Object.assign(counts, {
      candidates: candidates.length,
      queued: queued.length,
      deferred: deferred.length,
      waiting: pending.size,
      calls_left: Math.max(0, Math.floor(calls)),
      calls_used_today: usage.used_today,
    });
    log.info('planned', { run_id, counts });
  });

  async function reportsSince(now: Date): Promise<Map<string, string>> {
    const from = new Date(now.getTime() - REPORTED_WITHIN_DAYS * DAY_MS).toISOString().slice(0, 10);
    const rows = await calendar.between(from, now.toISOString().slice(0, 10));
    const latest = new Map<string, string>();
    for (const { asset_id, report_date } of rows) {
      if (report_date > (latest.get(asset_id) ?? '')) latest.set(asset_id, report_date);
    }
    return latest;
  }

  /** Calls for fundamentals that the day still holds. */
  function callsLeft(now: Date, usage: Awaited<ReturnType<typeof readCallBudgetUsage>>): number {
    const msLeft = providerDay(now.getTime(), plan.timeZone).nextDayAt - now.getTime();
    const perMs = Math.min(plan.rps / 1000, plan.rpm === null ? Infinity : plan.rpm / 60_000);
    const byRate = Math.floor(msLeft * perMs * RATE_SHARE);
    if (plan.rpd === null) return byRate;
    const keptForNews = Math.max(0, Math.floor(plan.rpd * NEWS_SHARE) - usage.by_purpose.news);
    return Math.min(byRate, (usage.remaining_today ?? 0) - keptForNews);
  }
};

/** Queued, and not yet through. */
function isWaiting({ queued_at, pollinated_at }: CandidateRow, now: Date): boolean {
  if (queued_at === undefined || queued_at <= (pollinated_at ?? '')) return false;
  return Date.parse(queued_at) > now.getTime() - QUEUED_FOR_DAYS * DAY_MS;
}

/** Not fetched for a week, or never. */
const isDue = ({ pollinated_at }: CandidateRow, now: Date): boolean =>
  pollinated_at === undefined || Date.parse(pollinated_at) <= now.getTime() - WATCHED_EVERY_DAYS * DAY_MS;

/** A report of the same day as the fetch may have come after it. */
function reportedSinceFetch({ earnings_reported_at, pollinated_at }: PollinationCandidate): boolean {
  if (earnings_reported_at === null) return false;
  return pollinated_at === null || pollinated_at.slice(0, 10) <= earnings_reported_at;
}
