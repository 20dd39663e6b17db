import { errorFields } from '../../lambda/adapters/log-fields';
import type { PortfolioServices } from '../services';

/** Reports a bite. */
const BITE = 50;

/**
 * Tells the ledger what it is owed: at least once each, in the order of writing; what the bus refuses stays owed. One run
 * at a time: asked for while one is under way, it runs once more after it.
 * @param isStill asked before each bite
 */
export function createOwedReports(
  { store, bus, clock, log }: Pick<PortfolioServices, 'store' | 'bus' | 'clock' | 'log'>,
  isStill: () => boolean,
): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let isWaiting = false;

  async function tellAll(): Promise<void> {
    try {
      while (isStill()) {
        const owed = await store.owed(BITE);
        if (owed.length === 0) return;
        await bus.publish(owed.map(({ detail }) => ({ event: 'positionsChanged' as const, detail })));
        await store.told(
          owed.map(({ report_id }) => report_id),
          clock().toISOString(),
        );
        log.info('the ledger was told of positions', { counts: { reports: owed.length } });
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
