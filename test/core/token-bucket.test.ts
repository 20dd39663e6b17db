import fc from 'fast-check';
import {
  block,
  reserve,
  usage,
  type BucketState,
  type CallPlan,
  type CallPurpose,
  type Reservation,
} from '../../core/advisor';

const FREE: CallPlan = { rps: 1, rpm: null, rpd: 25 };
const DAY = '2025-06-10';
const MIDNIGHT = 86_400_000;
const LIMITS = { max_wait_ms: 5000, next_day_at: MIDNIGHT };

const ask = (
  state: BucketState | null,
  now: number,
  {
    plan = FREE,
    purpose = 'fundamentals',
    day = DAY,
    limits = LIMITS,
  }: { plan?: CallPlan; purpose?: CallPurpose; day?: string; limits?: typeof LIMITS } = {},
): Reservation => reserve(state, plan, { calls: 1, purpose }, now, day, limits);

/** State after so many granted calls, each as late as it must be. */
function after(
  calls: number,
  purpose: CallPurpose = 'fundamentals',
  from: BucketState | null = null,
  plan = FREE,
): BucketState {
  let state = from;
  for (let i = 0; i < calls; i += 1) {
    const answer = ask(state, state?.next_at ?? 0, { purpose, plan });
    if (!answer.granted) throw new Error(`refused: ${answer.reason}`);
    state = answer.state;
  }
  return state!;
}

/** A provider that counts the calls of every sliding second, minute and of the day, and throttles the one too many. */
function provider({ rps, rpm, rpd }: CallPlan) {
  const seen: number[] = [];
  let throttled = 0;
  return {
    call(at: number) {
      const within = (ms: number) => seen.filter((time) => time > at - ms).length;
      if (within(1000) >= rps || (rpm !== null && within(60_000) >= rpm) || (rpd !== null && seen.length >= rpd))
        throttled += 1;
      else seen.push(at);
    },
    served: () => seen.length,
    throttled: () => throttled,
  };
}

describe('token bucket', () => {
  it('gives the first slot at once, and the next a second and 3 % later', () => {
    const first = ask(null, 10_000);
    expect(first).toMatchObject({ granted: true, at: 10_000 });
    const second = ask(first.state, 10_000);
    expect(second).toMatchObject({ granted: true, at: 11_030 });
    expect(ask(second.state, 20_000)).toMatchObject({ granted: true, at: 20_000 });
  });

  it.each([
    [{ rps: 1, rpm: null, rpd: null }, 1030],
    [{ rps: 5, rpm: null, rpd: null }, 206],
    [{ rps: 5, rpm: 75, rpd: null }, 824], // 60,000/75 = 800
    [{ rps: 1, rpm: 75, rpd: null }, 1030],
  ])('spaces calls by the tighter limit: %j → %d ms', (plan, spacing) => {
    expect(ask(null, 0, { plan }).state.next_at).toBeCloseTo(spacing, 9);
  });

  it('refuses a slot further ahead than the caller waits, and says when to ask again', () => {
    const busy = after(1);
    const full = { ...busy, next_at: 5001 };
    expect(ask({ ...busy, next_at: 5000 }, 0)).toMatchObject({ granted: true, at: 5000 });
    expect(ask(full, 0)).toEqual({ granted: false, retry_at: 1, reason: 'rate', state: full });
    expect(ask(full, 1)).toMatchObject({ granted: true, at: 5001 });
  });

  it('refuses the 26th call of the day until the next, and then begins anew', () => {
    const spent = after(25);
    expect(usage(spent, FREE, DAY)).toEqual({
      used: 25,
      remaining: 0,
      by_purpose: { fundamentals: 25, news: 0, earnings_calendar: 0 },
    });
    expect(ask(spent, 100_000)).toMatchObject({ granted: false, reason: 'day', retry_at: MIDNIGHT + 1000 });
    const next = ask(spent, MIDNIGHT + 1000, { day: '2025-06-11', limits: { ...LIMITS, next_day_at: 2 * MIDNIGHT } });
    expect(next).toMatchObject({
      granted: true,
      at: MIDNIGHT + 1000,
      state: { day_key: '2025-06-11', used: { fundamentals: 1 } },
    });
  });

  it("a late clock does not bring yesterday's budget back", () => {
    const today = after(25);
    expect(ask(today, 100_000, { day: '2025-06-09' })).toMatchObject({ granted: false, reason: 'day' });
    expect(usage(today, FREE, '2025-06-09').used).toBe(25);
    expect(usage(today, FREE, '2025-06-11')).toMatchObject({ used: 0, remaining: 25 });
  });

  it('lets news take a fifth of the day, and no more', () => {
    const five = after(5, 'news');
    expect(ask(five, 100_000, { purpose: 'news' })).toMatchObject({
      granted: false,
      reason: 'purpose_share',
      retry_at: MIDNIGHT + 1000,
    });
    expect(ask(five, 100_000)).toMatchObject({ granted: true });
    expect(ask(five, 100_000, { purpose: 'earnings_calendar' })).toMatchObject({ granted: true });
    const mixed = after(1, 'earnings_calendar', after(19, 'fundamentals', five));
    expect(usage(mixed, FREE, DAY)).toEqual({
      used: 25,
      remaining: 0,
      by_purpose: { fundamentals: 19, news: 5, earnings_calendar: 1 },
    });
  });
  it.each([
    [4, 0],
    [5, 1],
    [9, 1],
    [10, 2],
    [500, 100],
  ])('a fifth of %d is %d', (rpd, share) => {
    const plan = { ...FREE, rpd };
    const state = share === 0 ? null : after(share, 'news', null, plan);
    expect(ask(state, 1_000_000, { purpose: 'news', plan })).toMatchObject({ granted: false, reason: 'purpose_share' });
  });
  it('knows no share where the day has no limit', () => {
    const plan = { rps: 1, rpm: 75, rpd: null };
    const state = after(50, 'news', null, plan);
    expect(ask(state, state.next_at, { purpose: 'news', plan })).toMatchObject({ granted: true });
    expect(usage(state, plan, DAY)).toEqual({
      used: 50,
      remaining: null,
      by_purpose: { fundamentals: 0, news: 50, earnings_calendar: 0 },
    });
  });

  it('does not count today what is sent tomorrow', () => {
    const state = after(1);
    const late = (at: number) => ask({ ...state, next_at: at }, MIDNIGHT - 3000);
    expect(late(MIDNIGHT - 1001)).toMatchObject({ granted: true });
    expect(late(MIDNIGHT - 1000)).toMatchObject({ granted: false, reason: 'rate', retry_at: MIDNIGHT + 1000 });
    const unlimited = { rps: 1, rpm: null, rpd: null };
    expect(ask({ ...state, next_at: MIDNIGHT }, MIDNIGHT - 3000, { plan: unlimited })).toMatchObject({ granted: true });
  });

  describe('block: the provider throttled after all', () => {
    it('a burst: nobody calls before the back-off ends', () => {
      const blocked = block(after(1), 60_000);
      expect(ask(blocked, 50_000)).toMatchObject({ granted: false, reason: 'rate', retry_at: 60_000 });
      expect(ask(blocked, 55_000)).toMatchObject({ granted: true, at: 60_000 });
      expect(ask(blocked, 54_999)).toMatchObject({ granted: false });
    });
    it('the day: until the next', () => {
      expect(ask(block(null, MIDNIGHT, 'day'), 0)).toMatchObject({ granted: false, reason: 'day', retry_at: MIDNIGHT });
    });
    it('a later end stays, and what was used stays', () => {
      const day = block(after(3), MIDNIGHT, 'day');
      expect(block(day, 60_000)).toEqual(day);
      expect(block(day, MIDNIGHT)).toEqual(day);
      expect(block(day, MIDNIGHT + 1)).toMatchObject({
        blocked_until: MIDNIGHT + 1,
        blocked_by: 'rate',
        used: { fundamentals: 3 },
        day_key: DAY,
      });
      expect(block(null, 5)).toMatchObject({ blocked_until: 5, blocked_by: 'rate', next_at: 0 });
    });
  });

  it('of nothing yet', () => {
    expect(usage(null, FREE, DAY)).toEqual({
      used: 0,
      remaining: 25,
      by_purpose: { fundamentals: 0, news: 0, earnings_calendar: 0 },
    });
    expect(usage(after(5), { ...FREE, rpd: 3 }, DAY).remaining).toBe(0); // the plan shrank
  });

  it('is plain JSON, and never changes the state it was given', () => {
    const state = Object.freeze({
      ...after(2),
      used: Object.freeze({ fundamentals: 2, news: 0, earnings_calendar: 0 }),
    });
    const answer = ask(state, 0);
    expect(JSON.parse(JSON.stringify(answer.state))).toEqual(answer.state);
    block(state, 99);
    expect(state.used.fundamentals).toBe(2);
  });

  it.each<[string, CallPlan, number, number]>([
    ['free plan', FREE, 60_000, 25],
    ['75 a minute', { rps: 5, rpm: 75, rpd: null }, 600_000, 750],
    ['150 a minute and 3 a second', { rps: 3, rpm: 150, rpd: null }, 300_000, 750],
    ['600 a minute', { rps: 20, rpm: 600, rpd: null }, 120_000, 1200],
    ['1,200 a minute', { rps: 20, rpm: 1200, rpd: null }, 60_000, 1200],
  ])(
    '%s: a fleet that asks all the time is never throttled, and uses 95 %% of the plan',
    (_, plan, duration, allowed) => {
      const server = provider(plan);
      let state: BucketState | null = null;
      const workers = [0, 0, 0, 0];
      for (;;) {
        const worker = workers.indexOf(Math.min(...workers));
        const now = workers[worker]!;
        if (now >= duration) break;
        const answer = ask(state, now, { plan, limits: { ...LIMITS, max_wait_ms: 2000 } });
        state = answer.state;
        if (answer.granted && answer.at < duration) server.call(answer.at);
        workers[worker] = answer.granted ? Math.max(answer.at, now + 0.001) : answer.retry_at;
      }
      expect(server.throttled()).toBe(0);
      expect(server.served()).toBeGreaterThanOrEqual(0.95 * allowed);
    },
  );

  it('whoever asks whenever, no window of the provider overflows', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 20, maxLength: 120 });
    fc.assert(
      fc.property(
        gaps,
        fc.integer({ min: 1, max: 20 }),
        fc.option(fc.integer({ min: 10, max: 600 }), { nil: null }),
        (waits, rps, rpm) => {
          const plan = { rps, rpm, rpd: 60 };
          const server = provider(plan);
          let state: BucketState | null = null;
          let now = 0;
          for (const wait of waits) {
            now += wait;
            const answer = ask(state, now, { plan });
            state = answer.state;
            if (answer.granted) server.call(answer.at);
          }
          expect(server.throttled()).toBe(0);
          expect(usage(state, plan, DAY).used).toBe(server.served());
        },
      ),
      { numRuns: 100 },
    );
  });
});
