import fc from 'fast-check';
import { planPollination, type PollinationCandidate } from '../../core/advisor';

const NOW = '2025-06-10T11:00:00Z';
const asset = (symbol: string, of: Partial<PollinationCandidate> = {}): PollinationCandidate => ({
  asset_id: `id-${symbol}`,
  symbol,
  pollinated_at: '2025-06-01T11:00:00Z',
  earnings_reported_at: null,
  held: false,
  watched: false,
  deferred: false,
  ...of,
});
const ALL = { calls_remaining: 1000, calls_per_asset: 5 };
const order = (...candidates: PollinationCandidate[]) =>
  planPollination(candidates, ALL, NOW).queued.map(({ symbol }) => symbol);

describe('pollination plan', () => {
  it('earnings reported, then held or watched, then the stalest', () => {
    expect(
      order(
        asset('STALE', { pollinated_at: '2024-01-01T00:00:00Z' }),
        asset('NEVER', { pollinated_at: null }),
        asset('WATCHED', { watched: true }),
        asset('HELD', { held: true, pollinated_at: '2025-06-02T11:00:00Z' }),
        asset('REPORTED', { earnings_reported_at: '2025-06-05T20:00:00Z' }),
      ),
    ).toEqual(['REPORTED', 'WATCHED', 'HELD', 'NEVER', 'STALE']);
  });

  it('within each, those deferred before; then the stalest; then by symbol', () => {
    expect(
      order(
        asset('C'),
        asset('B'),
        asset('OLD', { pollinated_at: '2025-05-01T00:00:00Z' }),
        asset('LATER', { deferred: true }),
        asset('H', { held: true }),
        asset('HD', { held: true, deferred: true }),
      ),
    ).toEqual(['HD', 'H', 'LATER', 'OLD', 'B', 'C']);
  });

  it('two assets of one symbol go by asset id', () => {
    const twins = [asset('X', { asset_id: 'b' }), asset('X', { asset_id: 'a' })];
    expect(planPollination(twins, ALL, NOW).queued.map(({ asset_id }) => asset_id)).toEqual(['a', 'b']);
  });

  it.each<[string, Partial<PollinationCandidate>, boolean]>([
    ['a report since the last fetch', { earnings_reported_at: '2025-06-01T11:00:01Z' }, true],
    ['one at the fetch', { earnings_reported_at: '2025-06-01T11:00:00Z' }, false],
    ['one before', { earnings_reported_at: '2025-05-30T20:00:00Z' }, false],
    ['one that is still to come', { earnings_reported_at: '2025-06-10T11:00:01Z' }, false],
    ['one just now', { earnings_reported_at: '2025-06-10T11:00:00Z' }, true],
    ['on the day of the fetch: it may have come after the close', { earnings_reported_at: '2025-06-01' }, true],
    ['on the day before the fetch', { earnings_reported_at: '2025-05-31' }, false],
    [
      'on the day that had just ended at the fetch',
      { earnings_reported_at: '2025-05-31', pollinated_at: '2025-06-01T00:00:00Z' },
      false,
    ],
    ['today', { earnings_reported_at: '2025-06-10' }, true],
    ['tomorrow', { earnings_reported_at: '2025-06-11' }, false],
    ['one, of an asset never fetched', { earnings_reported_at: '2024-01-01', pollinated_at: null }, true],
    ['none', {}, false],
  ])('%s', (_, of, first) => {
    expect(order(asset('HELD', { held: true }), asset('Z', of))[0]).toBe(first ? 'Z' : 'HELD');
  });

  it.each([
    [25, 5],
    [24, 4],
    [5, 1],
    [4, 0],
    [0, 0],
    [-3, 0],
  ])('%d calls pay for %d assets of five each', (calls_remaining, affordable) => {
    const candidates = ['A', 'B', 'C', 'D', 'E', 'F', 'G'].map((symbol) => asset(symbol));
    const { queued, deferred } = planPollination(candidates, { calls_remaining, calls_per_asset: 5 }, NOW);
    expect(queued.map(({ symbol }) => symbol)).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'G'].slice(0, affordable));
    expect(deferred.map(({ symbol }) => symbol)).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'G'].slice(affordable));
  });

  it('whatever their order, the same plan; nobody lost, nobody twice', () => {
    const when = fc.constantFrom('2025-05-01T00:00:00Z', '2025-06-01T11:00:00Z', null);
    const candidate = fc.record({
      asset_id: fc.uuid(),
      symbol: fc.constantFrom('A', 'B', 'C', 'D'),
      pollinated_at: when,
      earnings_reported_at: when,
      held: fc.boolean(),
      watched: fc.boolean(),
      deferred: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(candidate, { selector: ({ asset_id }) => asset_id }),
        fc.nat(60),
        (candidates, calls) => {
          const budget = { calls_remaining: calls, calls_per_asset: 5 };
          const plan = planPollination(candidates, budget, NOW);
          expect(planPollination(candidates.toReversed(), budget, NOW)).toEqual(plan);
          expect([...plan.queued, ...plan.deferred].map(({ asset_id }) => asset_id).sort()).toEqual(
            candidates.map(({ asset_id }) => asset_id).sort(),
          );
          expect(plan.queued.length * 5).toBeLessThanOrEqual(calls);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('spends free days fairly: what was deferred today comes first tomorrow, and everyone is fetched in turn', () => {
    let assets = Array.from({ length: 12 }, (_, i) => asset(String.fromCharCode(65 + i), { pollinated_at: null }));
    const fetched: string[] = [];
    for (let day = 10; day < 13; day += 1) {
      const now = `2025-06-${day}T11:00:00Z`;
      const { queued, deferred } = planPollination(assets, { calls_remaining: 20, calls_per_asset: 5 }, now);
      fetched.push(...queued.map(({ symbol }) => symbol));
      assets = [
        ...queued.map((one) => ({ ...one, pollinated_at: now, deferred: false })),
        ...deferred.map((one) => ({ ...one, deferred: true })),
      ];
    }
    expect(fetched.join('')).toBe('ABCDEFGHIJKL');
  });
});
