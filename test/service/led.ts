import type { EventDetail } from '../../contract/events';
import type { PublishedEvent } from '../../lambda/adapters/ports';
import { testService, type TestService } from './service';
import { testTime } from './timers';

/** A service whose time the test moves, half a minute past the full one. */
export function led(more: Parameters<typeof testService>[0] = {}) {
  const shared = { now: new Date('2026-05-20T15:00:30.000Z') };
  const time = testTime(shared.now.toISOString(), (now) => (shared.now = now));
  const service = testService({ ...more, options: { timers: time }, shared: { ...more.shared, time: shared } });
  service.alpaca.prices.set('AAPL', { price: '150', previous: '120' });
  return Object.assign(service, { pass: time.pass, waiting: time.waiting });
}

export const valuations = ({ published }: Pick<TestService, 'published'>) =>
  published.flatMap(({ event, detail }) =>
    event === 'valuationUpdated' ? [detail as EventDetail<'valuationUpdated'>] : [],
  );
export const of = (published: readonly PublishedEvent[], event: string) =>
  published.filter((one) => one.event === event);
