/**
 * Which assets to fetch with the calls that are left: a pure planner. It queues only what the budget can pay for whole;
 * the rest is deferred and comes first among its kind the next time.
 */

export interface PollinationCandidate {
  readonly asset_id: string;
  readonly symbol: string;
  /** When its fundamentals were last fetched, RFC 3339; null for never. */
  readonly pollinated_at: string | null;
  /** When it last reported earnings: RFC 3339, or only the date. */
  readonly earnings_reported_at: string | null;
  readonly held: boolean;
  readonly watched: boolean;
  /** Left over from the last plan. */
  readonly deferred: boolean;
}

export interface PollinationBudget {
  readonly calls_remaining: number;
  /** Alpha Vantage: overview, three statements and earnings, one call each. */
  readonly calls_per_asset: number;
}

export interface PollinationPlan {
  /** Best first; affordable. */
  readonly queued: readonly PollinationCandidate[];
  /** Best first; not affordable now. */
  readonly deferred: readonly PollinationCandidate[];
}

const DAY_MS = 86_400_000;

/** Sort keys, smallest first: tier, deferred, last fetch. */
interface Priority {
  readonly candidate: PollinationCandidate;
  readonly tier: number;
  readonly turn: number;
  readonly fetched: number;
}

/**
 * Orders candidates and cuts where the budget ends: earnings reported since the last fetch, then held or watched, then
 * the rest; within each those deferred before, then the stalest (never fetched is stalest), then by symbol.
 * @param now RFC 3339; a report dated later has not happened
 */
export function planPollination(
  candidates: readonly PollinationCandidate[],
  budget: PollinationBudget,
  now: string,
): PollinationPlan {
  const ordered = candidates
    .map((candidate) => prioritise(candidate, Date.parse(now)))
    .sort(
      (a, b) =>
        a.tier - b.tier ||
        a.turn - b.turn ||
        order(a.fetched, b.fetched) ||
        order(a.candidate.symbol, b.candidate.symbol) ||
        order(a.candidate.asset_id, b.candidate.asset_id),
    )
    .map(({ candidate }) => candidate);
  const affordable = Math.max(0, Math.floor(budget.calls_remaining / budget.calls_per_asset));
  return { queued: ordered.slice(0, affordable), deferred: ordered.slice(affordable) };
}

function prioritise(candidate: PollinationCandidate, now: number): Priority {
  const fetched = candidate.pollinated_at === null ? Number.NEGATIVE_INFINITY : Date.parse(candidate.pollinated_at);
  const isOurs = candidate.held || candidate.watched;
  const tier = reportedSince(candidate.earnings_reported_at, fetched, now) ? 0 : isOurs ? 1 : 2;
  return { candidate, tier, turn: candidate.deferred ? 0 : 1, fetched };
}

/** A report known only by its day may come after the close: a fetch on that day may have missed it. */
function reportedSince(reportedAt: string | null, fetched: number, now: number): boolean {
  if (reportedAt === null) return false;
  const earliest = Date.parse(reportedAt);
  const latest = reportedAt.length === 'YYYY-MM-DD'.length ? earliest + DAY_MS : earliest;
  return earliest <= now && latest > fetched;
}

function order<Key extends number | string>(a: Key, b: Key): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
