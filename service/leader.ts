import type { Leadership } from '../lambda/adapters/portfolio/portfolios';
import { beginMinuteLoop, type MinuteLoop } from './loop/minute-loop';
import type { PortfolioServices } from './services';
import { processTimers, type Timers } from './timers';

export interface Leader {
  start(): void;
  /** Gives the lead to another. */
  stop(): Promise<void>;
}

/** Stands for election among all processes; the one that is elected runs the minute's loop until it no longer leads. */
export function createLeader(services: PortfolioServices, timers: Timers = processTimers): Leader {
  const { store, log } = services;
  let leadership: Leadership | undefined;
  let loop: MinuteLoop | undefined;
  let ended: Promise<void> = Promise.resolve();

  function endLoop(): void {
    if (!loop) return;
    ended = Promise.all([ended, loop.end()]).then(() => undefined);
    loop = undefined;
  }

  return {
    start() {
      leadership ??= store.lead({
        onChange: (isLeader) => {
          log.info(isLeader ? 'leading' : 'no longer leading', { job: 'minute-loop' });
          endLoop();
          if (isLeader) loop = beginMinuteLoop(services, timers);
        },
        onPortfolioChanged: (portfolioId) => loop?.changed(portfolioId),
        onPortfolioWatched: (portfolioId) => loop?.watched({ portfolios: [portfolioId], symbols: [] }),
        onSymbolsWatched: (symbols) => loop?.watched({ portfolios: [], symbols }),
      });
    },
    async stop() {
      endLoop();
      await ended;
      await leadership?.stop();
      endLoop();
      await ended;
    },
  };
}
