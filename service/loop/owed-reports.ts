import { errorFields } from '../../lambda/adapters/log-fields';
import type { OwedReport } from '../../lambda/adapters/portfolio/portfolios';
import type { PortfolioServices } from '../services';

/** Reports a bite. Where the bus refuses as many one by one, it is the bus, and no report, that is at fault. */
const BITE = 50;

/**
 * Tells the ledger what it is owed: at least once each, in the order of writing; what the bus refuses stays owed, and keeps
 * no other waiting: of two reports of a position the ledger takes the later one anyway. One run at a time: asked for while
 * one is under way, it runs once more after it.
 * @param isStill asked before each publication
 */
export function createOwedReports(
  { store, bus, clock, log }: Pick<PortfolioServices, 'store' | 'bus' | 'clock' | 'log'>,
  isStill: () => boolean,
): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let isWaiting = false;

  const publish = (some: readonly OwedReport[]) =>
    bus.publish(some.map(({ detail }) => ({ event: 'positionsChanged' as const, detail })));

  /** Reports that the bus took; those it refuses are added to `refused`. */
  async function published(owed: readonly OwedReport[], refused: Set<string>): Promise<readonly OwedReport[]> {
    try {
      await publish(owed);
      return owed;
    } catch (thrown) {
      log.warn('reports were not published together', { counts: { reports: owed.length }, ...errorFields(thrown) });
    }
    const taken: OwedReport[] = [];
    for (const one of owed) {
      if (!isStill() || refused.size >= BITE) break;
      try {
        await publish([one]);
        taken.push(one);
      } catch (thrown) {
        refused.add(one.report_id);
        log.warn('a report was not published', errorFields(thrown));
      }
    }
    return taken;
  }

  async function tellAll(): Promise<void> {
    const refused = new Set<string>();
    try {
      while (isStill() && refused.size < BITE) {
        const owed = (await store.owed(BITE + refused.size)).filter(({ report_id }) => !refused.has(report_id));
        if (owed.length === 0) break;
        const taken = await published(owed, refused);
        if (taken.length === 0) continue;
        await store.told(
          taken.map(({ report_id }) => report_id),
          clock().toISOString(),
        );
        log.info('the ledger was told of positions', { counts: { reports: taken.length } });
      }
    } catch (thrown) {
      log.warn('the ledger is not told of positions yet; the next minute tells it', errorFields(thrown));
    }
  }

  return () => {
    // One that has not begun yet sees what is owed by then.
    if (isWaiting) return last;
    isWaiting = true;
    last = last.then(() => {
      isWaiting = false;
      return tellAll();
    });
    return last;
  };
}
