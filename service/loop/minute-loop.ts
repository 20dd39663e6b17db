import { errorFields } from '../../lambda/adapters/log-fields';
import type { PortfolioServices } from '../services';
import type { Timers } from '../timers';
import { createNewest } from './newest';
import { createOwedReports } from './owed-reports';
import { valueAndTell } from './valuing';
import { createWatching, type Topics } from './watching';

/** The work of the one that leads. */
export interface MinuteLoop {
  /** A portfolio changed: it is valued at once where somebody watches it, and the ledger is told what it is owed. */
  changed(portfolioId: string): void;
  /** Somebody has begun to watch these: the portfolios are valued at once, and the symbols' quotes told. */
  watched(begun: Topics): void;
  /** Begins nothing new; resolves when what was under way has ended. */
  end(): Promise<void>;
}

const MINUTE_MS = 60_000;
/** A file of trades changes a portfolio many times in a row: they are one change. */
const GATHER_MS = 150;
/** A minute's prices are of this minute: those heard in the one before are asked for anew. */
const FRESH_MS = 30_000;

/** Begins at once, for nobody knows when the one before last did its work; then on every minute. */
export function beginMinuteLoop(services: PortfolioServices, timers: Timers): MinuteLoop {
  const { clock, log } = services;
  let isOver = false;
  const isStill = () => !isOver;
  const tellOwed = createOwedReports(services, isStill);
  const underWay = new Set<Promise<void>>();
  const cancels: { minute?: () => void; gathering?: () => void } = {};
  const watching = createWatching(services);
  // A minute that waits for prices must not say what a portfolio held before a change that was valued meanwhile.
  const newest = createNewest();
  const gathered = { portfolios: new Set<string>(), symbols: new Set<string>() };
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
    const work = attempted('a minute', async () =>
      valueAndTell(services, { ...(await watching.all()), freshMs: FRESH_MS, newest, isStill }),
    );
    pass = track(work).finally(() => (pass = undefined));
  }

  const isNothing = () => gathered.portfolios.size + gathered.symbols.size === 0;

  /** What comes while some are valued is valued together after them. */
  function catchUp(): void {
    cancels.gathering = undefined;
    if (isOver || catchingUp || isNothing()) return;
    const [portfolios, symbols] = [[...gathered.portfolios], [...gathered.symbols]];
    gathered.portfolios.clear();
    gathered.symbols.clear();
    const work = attempted('valuing what changed', async () =>
      valueAndTell(services, { portfolios: await watching.among(portfolios), symbols, newest, isStill }),
    );
    catchingUp = track(work).finally(() => {
      catchingUp = undefined;
      gather();
    });
  }

  function gather(): void {
    if (isOver || isNothing() || cancels.gathering || catchingUp) return;
    cancels.gathering = timers.after(GATHER_MS, catchUp);
  }

  minute();
  return {
    changed(portfolioId) {
      if (isOver) return;
      gathered.portfolios.add(portfolioId);
      gather();
      void track(tellOwed());
    },
    watched(begun) {
      if (isOver) return;
      watching.declare(begun);
      for (const id of begun.portfolios) gathered.portfolios.add(id);
      for (const symbol of begun.symbols) gathered.symbols.add(symbol);
      gather();
    },
    async end() {
      isOver = true;
      cancels.minute?.();
      cancels.gathering?.();
      await Promise.all(underWay);
    },
  };
}
