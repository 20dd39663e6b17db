import { isWorse, knownFigures } from '../../core/advisor/better-row';
import { providerDay } from '../../core/advisor/provider-day';

describe('a stored row and what the provider offers now', () => {
  const row = (...figures: (string | null)[]) => ({
    figures: Object.fromEntries(figures.map((figure, i) => [`f${i}`, figure])),
  });
  it('counts the figures that say something', () => {
    expect(knownFigures(row('1', null, '0'))).toBe(2);
    expect(knownFigures(row())).toBe(0);
  });
  it('is worse only where it says less', () => {
    expect(isWorse(row('1', '2'), row('1', null))).toBe(true);
    expect(isWorse(row('1', '2'), row('3', '4'))).toBe(false);
    expect(isWorse(row('1', null), row('1', '2'))).toBe(false);
  });
});

describe("the provider's day", () => {
  const NEW_YORK = 'America/New_York';
  const at = (time: string) => Date.parse(time);
  it.each([
    ['an ordinary day', '2025-06-10T11:00:00Z', '2025-06-10', '2025-06-11T04:00:00Z'],
    ['the last millisecond', '2025-06-11T03:59:59.999Z', '2025-06-10', '2025-06-11T04:00:00Z'],
    ['the first', '2025-06-11T04:00:00Z', '2025-06-11', '2025-06-12T04:00:00Z'],
    ['a day of 23 hours', '2025-03-09T05:00:00Z', '2025-03-09', '2025-03-10T04:00:00Z'],
    ['a day of 25 hours', '2025-11-02T04:00:00Z', '2025-11-02', '2025-11-03T05:00:00Z'],
  ])('%s', (_, now, key, next) => {
    expect(providerDay(at(now), NEW_YORK)).toEqual({ key, nextDayAt: at(next) });
  });
  it('knows no zone of that name', () => expect(() => providerDay(0, 'Nowhere/None')).toThrow(RangeError));
});
