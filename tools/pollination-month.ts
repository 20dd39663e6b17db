/**
 * A simulated month of the two planners over 12,000 assets, for three plans of Alpha Vantage: how old the oldest
 * analysis gets. Writes the table of docs/pollination.md; `--check` fails when it is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planPollination, type PollinationCandidate } from '../core/advisor/pollination-plan';
import { block, type BucketState, type CallPlan, reserve, usage } from '../core/advisor/token-bucket';

const ASSETS = 12_000;
const DAYS = 30;
const CALLS_PER_ASSET = 5;
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.parse('2026-06-01T04:00:00Z');
const PLANNED_AT_HOUR = 7;
/** Companies report once a quarter. */
const QUARTER_DAYS = 91;
/** As lambda/advisor/pollination-planner.ts plans: a tenth of the day's rate is left for retries. */
const RATE_SHARE = 0.9;

const PLANS: readonly (readonly [string, CallPlan])[] = [
  ['free: 25 a day, 1 a second', { rps: 1, rpm: null, rpd: 25 }],
  ['75 a minute', { rps: 2, rpm: 75, rpd: null }],
  ['600 a minute', { rps: 10, rpm: 600, rpd: null }],
];

interface Outcome {
  readonly plan: string;
  readonly analysed: number;
  readonly oldestDays: number | null;
  readonly medianDays: number | null;
  readonly callsUsed: number;
  readonly share: number;
  readonly reportedWithinADay: number;
}

function simulate(name: string, plan: CallPlan): Outcome {
  const fetched = new Array<number | null>(ASSETS).fill(null);
  let state: BucketState | null = null;
  let callsUsed = 0;
  let reports = 0;
  let reportsMet = 0;
  const allowedADay = plan.rpd ?? (plan.rpm ?? 0) * 60 * 24;

  for (let day = 0; day < DAYS; day++) {
    const midnight = FIRST_DAY + day * DAY_MS;
    const dayKey = new Date(midnight).toISOString().slice(0, 10);
    const limits = { max_wait_ms: DAY_MS, next_day_at: midnight + DAY_MS };
    // News, hourly, as far as its share goes; the hours after the plan take 17 calls more, which only a daily limit feels.
    for (let hour = 0; hour < PLANNED_AT_HOUR; hour++) {
      const news = reserve(state, plan, { calls: 1, purpose: 'news' }, midnight + hour * 3_600_000, dayKey, limits);
      if (news.granted) ({ state } = news);
    }
    const planned = midnight + PLANNED_AT_HOUR * 3_600_000;
    const { remaining } = usage(state, plan, dayKey);
    const perMs = Math.min(plan.rps / 1000, (plan.rpm ?? Infinity) / 60_000);
    const byRate = Math.floor((limits.next_day_at - planned) * perMs * RATE_SHARE);
    const candidates = fetched.map((at, index): PollinationCandidate => {
      const reported = (day - (index % QUARTER_DAYS) + QUARTER_DAYS) % QUARTER_DAYS === 0 ? midnight : null;
      return {
        asset_id: String(index).padStart(5, '0'),
        symbol: String(index).padStart(5, '0'),
        pollinated_at: at === null ? null : new Date(at).toISOString(),
        earnings_reported_at: reported === null ? null : dayKey,
        held: false,
        watched: false,
        deferred: false,
      };
    });
    reports += candidates.filter(({ earnings_reported_at }) => earnings_reported_at !== null).length;
    const budget = { calls_remaining: Math.min(remaining ?? Infinity, byRate), calls_per_asset: CALLS_PER_ASSET };
    const { queued } = planPollination(candidates, budget, new Date(planned).toISOString());
    state = block(state, planned);
    for (const { asset_id, earnings_reported_at } of queued) {
      const slots = Array.from({ length: CALLS_PER_ASSET }, () => {
        const slot = reserve(state, plan, { calls: 1, purpose: 'fundamentals' }, planned, dayKey, limits);
        if (slot.granted) ({ state } = slot);
        return slot.granted ? slot.at : null;
      });
      const last = slots.at(-1) ?? null;
      if (last === null) continue;
      fetched[Number(asset_id)] = last;
      if (earnings_reported_at !== null) reportsMet += 1;
    }
    callsUsed += usage(state, plan, dayKey).used;
  }
  const end = FIRST_DAY + DAYS * DAY_MS;
  const ages = fetched.flatMap((at) => (at === null ? [] : [(end - at) / DAY_MS])).sort((a, b) => a - b);
  const analysed = ages.length;
  return {
    plan: name,
    analysed,
    oldestDays: analysed === ASSETS ? (ages.at(-1) ?? null) : null,
    medianDays: ages[Math.floor(analysed / 2)] ?? null,
    callsUsed,
    share: callsUsed / (allowedADay * DAYS),
    reportedWithinADay: reportsMet / reports,
  };
}

const days = (value: number | null): string => (value === null ? '—' : value.toFixed(1));

const rows = PLANS.map(([name, plan]) => simulate(name, plan)).map(
  (o) =>
    `| ${o.plan} | ${o.analysed.toLocaleString('en')} | ${o.oldestDays === null ? `${(ASSETS - o.analysed).toLocaleString('en')} never` : `${days(o.oldestDays)} days`} | ${days(o.medianDays)} days | ${o.callsUsed.toLocaleString('en')} (${(100 * o.share).toFixed(1)} %) | ${(100 * o.reportedWithinADay).toFixed(0)} % |`,
);

const doc = `# How fresh the analyses are

<!-- Written by tools/pollination-month.ts, which runs the planner and the call budget of core/advisor; run it again after a change there. -->

A simulated month of ${DAYS} days over ${ASSETS.toLocaleString('en')} assets, each reporting once a quarter, from an empty table. An asset costs ${CALLS_PER_ASSET} calls; the worker starts at 07:00, when the plan is made. "Oldest" is the age of the oldest analysis at the end.

| plan | analysed | oldest | median age | calls used (of those allowed) | reports fetched on their day |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

The free plan cannot keep a market: it keeps four companies a day, those that just reported or are watched before any other. From 75 calls a minute on the whole market is fetched every day.
`;

const path = join(__dirname, '..', 'docs', 'pollination.md');
if (process.argv.includes('--check')) {
  // Prettier pads the table's columns.
  const bare = (text: string) => text.replace(/[\s-]+/g, '');
  const same = bare(readFileSync(path, 'utf8')) === bare(doc);
  if (!same) console.error('docs/pollination.md is out of date: run npx tsx tools/pollination-month.ts');
  process.exit(same ? 0 : 1);
}
writeFileSync(path, doc);
