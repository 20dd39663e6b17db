import { errorFields } from '../../lambda/adapters/log-fields';
import type { PortfolioServices } from '../services';
import type { Timers } from '../timers';
import { createOwedReports } from './owed-reports';
import { valueWatched } from './valuing';

/** The work of the one that leads. */
export interface MinuteLoop {
  /** A portfolio changed: it is valued at once where somebody watches it, and the ledger is told what it is owed. */
  changed(portfolioId: string): void;
  /** Begins nothing new; resolves when what was under way has ended. */
  end(): Promise<void>;
}

const MINUTE_MS = 60_000;
/** A file of trades changes a portfolio many times in a row: they are one change. */
const GATHER_MS = 150;

/** Begins at once, for nobody knows when the one before last did its work; then on every minute. */
export function beginMinuteLoop(services: PortfolioServices, timers: Timers): MinuteLoop {
  const { clock, log } = services;
  let isOver = false;
  const isStill = () => !isOver;
  const tellOwed = createOwedReports(services, isStill);
  const underWay = new Set<Promise<void>>();
  const cancels: { minute?: () => void; gathering?: () => void } = {};
  const gathered = new Set<string>();
  let pass: Promise<void> | undefined;
  let catchingUp: Promise<void> | undefined;

  function track(work: Promise<void>): Promise<void> {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
    return work;
  }

  async function attempted(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      log.error(`${what} failed`, { job: 'minute-loop', ...errorFields(thrown) });
    }
  }

  function minute(): void {
    if (isOver) return;
    const untilNext = MINUTE_MS - (clock().getTime() % MINUTE_MS);
    cancels.minute = timers.after(untilNext, minute);
    void track(tellOwed());
    if (pass) {
      log.warn('a minute is left out: the one before is not done', { job: 'minute-loop' });
      return;
    }
    pass = track(attempted('a minute', () => valueWatched(services, { isStill }))).finally(() => (pass = undefined));
  }

  /** Changes that come while some are valued are valued together after them. */
  function catchUp(): void {
    cancels.gathering = undefined;
    if (isOver || catchingUp || gathered.size === 0) return;
    const among = [...gathered];
    gathered.clear();
    const work = attempted('valuing what changed', () => valueWatched(services, { among, isStill }));
    catchingUp = track(work).finally(() => {
      catchingUp = undefined;
      gather();
    });
  }

  function gather(): void {
    if (isOver || gathered.size === 0 || cancels.gathering || catchingUp) return;
    cancels.gathering = timers.after(GATHER_MS, catchUp);
  }

  minute();
  return {
    changed(portfolioId) {
      if (isOver) return;
      gathered.add(portfolioId);
      gather();
      void track(tellOwed());
    },
    async end() {
      isOver = true;
      cancels.minute?.();
      cancels.gathering?.();
      await Promise.all(underWay);
    },
  };
}
