import path from 'node:path';
import { type ScheduleId, schedules } from '../../../contract/schedules';
import type { JobEvent } from '../../../lambda/advisor/services';
import { createJobRunner, type Job } from '../../../local/host/schedule/job-runner';
import { occurrencesOf } from '../../../local/host/schedule/occurrences';
import { createScheduler } from '../../../local/host/schedule/scheduler';
import { eventually, silentLog, temporaryFolder } from './temporary';

const folder = temporaryFolder();
const NEW_YORK = 'America/New_York';
const IDS = Object.keys(schedules) as ScheduleId[];

describe('when a schedule is due', () => {
  const daily = occurrencesOf('cron(0 4 * * ? *)', NEW_YORK);
  const hourly = occurrencesOf('cron(15 * * * ? *)', NEW_YORK);
  const next = (occurrences: typeof daily, from: string) => occurrences.next(new Date(from))?.toISOString();

  it('is by the wall clock of the zone, in winter and in summer', () => {
    expect(next(daily, '2026-01-15T12:00:00Z')).toBe('2026-01-16T09:00:00.000Z');
    expect(next(daily, '2026-07-15T12:00:00Z')).toBe('2026-07-16T08:00:00.000Z');
  });

  it('keeps its wall clock over the changes of daylight saving', () => {
    expect(next(daily, '2026-03-07T12:00:00Z')).toBe('2026-03-08T08:00:00.000Z');
    expect(next(daily, '2026-10-31T12:00:00Z')).toBe('2026-11-01T09:00:00.000Z');
  });

  it('comes in every hour that the wall clock shows', () => {
    expect(next(hourly, '2026-05-18T12:15:00Z')).toBe('2026-05-18T13:15:00.000Z');
    expect(next(hourly, '2026-03-08T06:15:00Z')).toBe('2026-03-08T07:15:00.000Z');
  });

  it('looks back as well', () => {
    expect(daily.previous(new Date('2026-05-18T08:00:00Z'))?.toISOString()).toBe('2026-05-17T08:00:00.000Z');
    expect(daily.previous(new Date('2026-05-18T08:00:01Z'))?.toISOString()).toBe('2026-05-18T08:00:00.000Z');
  });
});

/** A scheduler whose jobs write down when they were called. */
function scheduled(file: string, at: string, work: Job = (event) => Promise.resolve(report(event))) {
  const ran: JobEvent[] = [];
  const clock = () => new Date(at);
  const job: Job = (event) => {
    ran.push(event);
    return work(event);
  };
  const jobs = Object.fromEntries(IDS.map((id) => [id, job])) as Record<ScheduleId, Job>;
  const runner = createJobRunner({ jobs, clock, log: silentLog });
  const scheduler = createScheduler({ runner, clock, log: silentLog, timeZone: NEW_YORK, file });
  return { ran, runner, scheduler };
}
const report = ({ job }: JobEvent) => ({ job, run_id: job, outcome: 'done' as const, counts: {} });

describe('the scheduler', () => {
  it('owes nothing at the very first start, and one occurrence of each schedule after a long absence', async () => {
    const file = path.join(folder, 'schedule.json');
    const first = scheduled(file, '2026-05-18T12:00:00Z');
    first.scheduler.start();
    await new Promise((resolve) => setTimeout(resolve, 20));
    first.scheduler.stop();
    expect(first.ran).toEqual([]);

    const later = scheduled(file, '2026-05-21T12:00:00Z');
    later.scheduler.start();
    await eventually(() => later.ran.length >= IDS.length);
    later.scheduler.stop();
    expect(later.ran).toEqual([
      { job: 'asset-sync', scheduled_time: '2026-05-21T08:00:00.000Z' },
      { job: 'earnings-sync', scheduled_time: '2026-05-21T09:00:00.000Z' },
      { job: 'earnings-pollination', scheduled_time: '2026-05-21T10:00:00.000Z' },
      { job: 'regular-pollination', scheduled_time: '2026-05-21T11:00:00.000Z' },
      { job: 'news-sync', scheduled_time: '2026-05-21T11:15:00.000Z' },
      { job: 'universe-ranking', scheduled_time: '2026-05-21T11:45:00.000Z' },
      ...['outbox-sweeper', 'order-matcher', 'order-expiry', 'venue-follower'].map((job) => ({
        job,
        scheduled_time: '2026-05-21T12:00:00.000Z',
      })),
      { job: 'trade-export', scheduled_time: '2026-05-21T04:15:00.000Z' },
      { job: 'ledger-retention', scheduled_time: '2026-05-21T04:45:00.000Z' },
      { job: 'trade-reconciliation', scheduled_time: '2026-05-21T11:25:00.000Z' },
      { job: 'portfolio-history', scheduled_time: '2026-05-21T00:30:00.000Z' },
    ]);

    const restart = scheduled(file, '2026-05-21T12:00:30Z');
    restart.scheduler.start();
    await new Promise((resolve) => setTimeout(resolve, 20));
    restart.scheduler.stop();
    expect(restart.ran).toEqual([]);
  });

  it('goes on with the others when a job fails', async () => {
    const file = path.join(folder, 'failing.json');
    const first = scheduled(file, '2026-05-18T12:00:00Z');
    first.scheduler.start();
    first.scheduler.stop();
    const failing = scheduled(file, '2026-05-19T12:00:00Z', () => Promise.reject(new Error('down')));
    failing.scheduler.start();
    await eventually(() => failing.ran.length === IDS.length);
    failing.scheduler.stop();
  });
});

describe('the job runner', () => {
  it('never runs the same job twice at a time', async () => {
    let finish: (() => void) | undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    const { runner } = scheduled(path.join(folder, 'x.json'), '2026-05-18T12:00:00Z', async (event) => {
      await held;
      return report(event);
    });
    const running = runner.run('asset-sync');
    await expect(runner.run('asset-sync')).rejects.toThrow('asset-sync is running already');
    finish?.();
    await expect(running).resolves.toMatchObject({ report: { job: 'asset-sync' } });
    await expect(runner.run('asset-sync')).resolves.toBeDefined();
  });
});
