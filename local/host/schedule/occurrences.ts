import awsCronParser from 'aws-cron-parser';
import { offsetIn } from '../../../core/time/zone';

/** When an AWS cron expression is due, in a time zone. */
export interface Occurrences {
  /** The first after `from`; null when there is none any more. */
  next(from: Date): Date | null;
  /** The last before `from`. */
  previous(from: Date): Date | null;
}

/**
 * The parser knows UTC only: it is asked about the wall clock as if that were UTC.
 *
 * Where daylight saving skips an hour its occurrence comes with the hour after it, where an hour repeats it comes once.
 */
export function occurrencesOf(cron: string, timeZone: string): Occurrences {
  const parsed = awsCronParser.parse(cron.replace(/^cron\((.*)\)$/, '$1'));
  const offset = offsetIn(timeZone);
  const toWall = (instant: Date) => new Date(instant.getTime() + offset(instant.getTime()));

  function fromWall(wall: Date): Date {
    const guess = new Date(wall.getTime() - offset(wall.getTime()));
    // The offset is that of the instant, which the wall clock only approximates: once more, with the better guess.
    return new Date(wall.getTime() - offset(guess.getTime()));
  }

  return {
    next(from) {
      for (let wall = toWall(from); ;) {
        const due = awsCronParser.next(parsed, wall);
        if (due === null) return null;
        const instant = fromWall(due);
        if (instant > from) return instant;
        wall = due;
      }
    },
    previous(from) {
      for (let wall = toWall(from); ;) {
        const due = awsCronParser.prev(parsed, wall);
        if (due === null) return null;
        const instant = fromWall(due);
        if (instant < from) return instant;
        wall = due;
      }
    },
  };
}
