import fc from 'fast-check';
import { isOfSession, isTooOld, quoteAge } from '../../../core/trading/quote-age';
import {
  dateAt,
  dayBefore,
  isOpenAt,
  sessionEnd,
  sessionsOf,
  sessionStart,
  tradingDate,
  wallTime,
} from '../../../core/trading/trading-day';

const at = (text: string) => new Date(text);

// The week of Thanksgiving 2026, as Alpaca's calendar has it: Thursday closed, Friday until 13:00.
const THANKSGIVING = sessionsOf([
  { date: '2026-11-25', open: '09:30', close: '16:00' },
  { date: '2026-11-27', open: '09:30', close: '13:00' },
  { date: '2026-11-30', open: '09:30', close: '16:00' },
]);

test('wall times of New York become instants, in winter and in summer', () => {
  expect(THANKSGIVING[0]).toEqual({
    date: '2026-11-25',
    opens_at: '2026-11-25T14:30:00.000Z',
    closes_at: '2026-11-25T21:00:00.000Z',
  });
  // Clocks go forward on 2026-03-08 and back on 2026-11-01.
  expect(
    sessionsOf([
      { date: '2026-11-02', open: '09:30', close: '16:00' },
      { date: '2026-03-06', open: '09:30', close: '16:00' },
      { date: '2026-03-09', open: '09:30', close: '16:00' },
      { date: '2026-10-30', open: '09:30', close: '16:00' },
    ]).map(({ opens_at }) => opens_at),
  ).toEqual([
    '2026-03-06T14:30:00.000Z',
    '2026-03-09T13:30:00.000Z',
    '2026-10-30T13:30:00.000Z',
    '2026-11-02T14:30:00.000Z',
  ]);
});

test('a session began when it opened; one that follows another without a pause, when that did', () => {
  expect(sessionStart(THANKSGIVING, at('2026-11-27T14:30:00.000Z'))).toBe('2026-11-27T14:30:00.000Z');
  expect(sessionStart(THANKSGIVING, at('2026-11-27T14:29:59.999Z'))).toBeNull();
  expect(sessionStart([], at('2026-11-27T14:30:00.000Z'))).toBeNull();
  const always = sessionsOf(
    ['10-31', '11-01', '11-02'].map((day) => ({ date: `2026-${day}`, open: '00:00', close: '24:00' })),
  );
  expect(sessionStart(always, at('2026-11-02T12:00:00.000Z'))).toBe('2026-10-31T04:00:00.000Z');
  expect(sessionStart(always, at('2026-11-01T12:00:00.000Z'))).toBe('2026-10-31T04:00:00.000Z');
});

test('a price is of the session from its opening on; where that is not known, any is', () => {
  const quote = { as_of: '2026-11-27T14:30:00.000Z' };
  expect(isOfSession(quote, '2026-11-27T14:30:00.000Z')).toBe(true);
  expect(isOfSession(quote, '2026-11-27T14:30:00.001Z')).toBe(false);
  expect(isOfSession({ as_of: 'soon' }, '2026-11-27T14:30:00.000Z')).toBe(false);
  expect(isOfSession(quote, null)).toBe(true);
});

test('the end of a day is the beginning of the next, also when clocks change', () => {
  expect(new Date(wallTime('2026-03-08', '00:00')).toISOString()).toBe('2026-03-08T05:00:00.000Z');
  expect(wallTime('2026-03-08', '24:00')).toBe(wallTime('2026-03-09', '00:00'));
  expect(wallTime('2026-03-09', '00:00') - wallTime('2026-03-08', '00:00')).toBe(23 * 3_600_000);
  expect(wallTime('2026-11-02', '00:00') - wallTime('2026-11-01', '00:00')).toBe(25 * 3_600_000);
});

test.each([
  ['before the open', '2026-11-25T14:29:59.999Z', false, '2026-11-25T21:00:00.000Z', '2026-11-25'],
  ['at the open', '2026-11-25T14:30:00.000Z', true, '2026-11-25T21:00:00.000Z', '2026-11-25'],
  ['at the close', '2026-11-25T21:00:00.000Z', false, '2026-11-27T18:00:00.000Z', '2026-11-27'],
  ['on the holiday', '2026-11-26T17:00:00.000Z', false, '2026-11-27T18:00:00.000Z', '2026-11-27'],
  ['on the short day', '2026-11-27T17:59:59.999Z', true, '2026-11-27T18:00:00.000Z', '2026-11-27'],
  ['after the early close', '2026-11-27T18:00:00.000Z', false, '2026-11-30T21:00:00.000Z', '2026-11-30'],
])('%s', (_, now, open, end, date) => {
  expect(isOpenAt(THANKSGIVING, at(now))).toBe(open);
  expect(sessionEnd(THANKSGIVING, at(now))).toBe(end);
  expect(tradingDate(THANKSGIVING, at(now))).toBe(date);
});

test('past the end of the calendar nothing is known', () => {
  const later = at('2026-12-01T15:00:00Z');
  expect([isOpenAt(THANKSGIVING, later), sessionEnd(THANKSGIVING, later), tradingDate(THANKSGIVING, later)]).toEqual([
    false,
    null,
    null,
  ]);
});

test.each([
  ['2026-11-25', '9:30'],
  ['2026-11-25', ''],
  ['25 November', '09:30'],
  ['2026-13-01', '09:30'],
])('%s %s is no date and time', (date, time) => {
  expect(() => wallTime(date, time)).toThrow(RangeError);
});

test('a wall time is read back from the instant that it became', () => {
  const days = fc.date({ min: at('2020-01-01'), max: at('2035-12-31'), noInvalidDate: true });
  fc.assert(
    fc.property(days, fc.integer({ min: 4, max: 23 }), fc.integer({ min: 0, max: 59 }), (day, hour, minute) => {
      const date = day.toISOString().slice(0, 10);
      const time = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
      const instant = wallTime(date, time);
      expect(dateAt(new Date(instant))).toBe(date);
      const shown = new Intl.DateTimeFormat('en-GB', { timeZone: 'America/New_York', timeStyle: 'short' });
      expect(shown.format(instant)).toBe(time);
    }),
  );
});

test.each([
  ['2026-11-21T05:15:00Z', '2026-11-20', '2026-11-20T05:00:00.000Z', '2026-11-21T05:00:00.000Z'],
  // A day of 25 hours, and one of 23.
  ['2026-11-02T05:15:00Z', '2026-11-01', '2026-11-01T04:00:00.000Z', '2026-11-02T05:00:00.000Z'],
  ['2026-03-09T04:15:00Z', '2026-03-08', '2026-03-08T05:00:00.000Z', '2026-03-09T04:00:00.000Z'],
  ['2027-01-01T04:59:59Z', '2026-12-30', '2026-12-30T05:00:00.000Z', '2026-12-31T05:00:00.000Z'],
])('the day before %s is %s', (now, date, from, to) => {
  expect(dayBefore(at(now), 'America/New_York')).toEqual({ date, from, to });
});

describe('the age of a price', () => {
  const now = at('2026-11-25T15:00:00Z');
  test.each([
    ['2026-11-25T14:59:00Z', 60, false],
    ['2026-11-25T14:58:59.999Z', 60.001, true],
    ['2026-11-25T15:00:05Z', 0, false],
    ['noon', Number.NaN, true],
  ])('of %s is %d seconds', (as_of, age, old) => {
    expect(quoteAge({ as_of }, now)).toBe(age);
    expect(isTooOld({ as_of }, now, 60)).toBe(old);
  });
});
