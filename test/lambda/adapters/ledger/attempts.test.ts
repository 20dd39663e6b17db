import { attempts } from '../../../../lambda/adapters/ledger/attempts';
import { mysql, postgres } from '../../../../lambda/adapters/ledger/dialect';
import { nextEventId } from '../../../../lambda/adapters/ledger/streams';

const failing = (failures: number, error: object) => {
  const seen: number[] = [];
  const pauses: number[] = [];
  const outcome = attempts(
    {
      dialect: 'errno' in error ? mysql : postgres,
      random: () => 0.5,
      sleep: async (milliseconds) => void pauses.push(milliseconds),
    },
    async (attempt) => {
      seen.push(attempt);
      if (attempt <= failures) throw Object.assign(new Error('refused'), error);
      return 'done';
    },
  );
  return { outcome, seen, pauses };
};

describe('attempts', () => {
  it.each([
    ['a deadlock on MySQL', { errno: 1213 }],
    ['a lock wait timeout on MySQL', { errno: 1205 }],
    ['a lost connection on MySQL', { errno: -104, code: 'ECONNRESET', fatal: true }],
    ['a writer that became a reader', { errno: 1290 }],
    ['a deadlock on PostgreSQL', { code: '40P01' }],
    ['a serialization failure on PostgreSQL', { code: '40001' }],
    ['a server that shuts down', { code: '57P01' }],
  ])('tries again after %s', async (_, error) => {
    const { outcome, seen, pauses } = failing(2, error);
    expect(await outcome).toBe('done');
    expect(seen).toEqual([1, 2, 3]);
    expect(pauses).toEqual([10, 20]);
  });

  it.each([
    ['a duplicate on MySQL', { errno: 1062 }],
    ['a refused password on MySQL', { errno: 1045, fatal: true }],
    ['a broken constraint on MySQL', { errno: 3819 }],
    ['a duplicate on PostgreSQL', { code: '23505' }],
    ['a broken constraint on PostgreSQL', { code: '23514' }],
  ])('does not after %s', async (_, error) => {
    const { outcome, seen } = failing(1, error);
    await expect(outcome).rejects.toThrow('refused');
    expect(seen).toEqual([1]);
  });

  it('gives up after ten, with pauses that stop growing', async () => {
    const { outcome, seen, pauses } = failing(100, { errno: 1213 });
    await expect(outcome).rejects.toThrow('refused');
    expect(seen).toHaveLength(10);
    expect(pauses).toEqual([10, 20, 40, 80, 160, 250, 250, 250, 250]);
  });
});

describe('nextEventId', () => {
  const NOW = '2026-05-18T14:30:00.123Z';
  it('sorts behind the last one, also in its millisecond and when the clock goes back', () => {
    const first = nextEventId(null, NOW, () => 0.9);
    const second = nextEventId(first, NOW, () => 0.1);
    const third = nextEventId(second, '2026-05-18T14:29:00.000Z', () => 0.5);
    const fourth = nextEventId(third, '2026-05-18T14:31:00.000Z', () => 0.5);
    expect([fourth, second, first, third].sort()).toEqual([first, second, third, fourth]);
    expect(new Set([first, second, third, fourth]).size).toBe(4);
  });
});
