import { createHash } from 'node:crypto';
import { functions } from '../../contract/functions';
import { onFirstCall } from '../adapters/aws';
import { lookingLedgerOf } from '../adapters/ledger/from-environment';
import { portfolioStoreOf } from '../adapters/portfolio/from-environment';
import type { Gap } from '../adapters/portfolio/portfolios';
import { everyMinute, type MinuteRun, restAfter } from '../trading/minute-job';
import type { PortfolioFunctionServices } from './services';

type Services = PortfolioFunctionServices;

/** A trade that is told takes seconds, and a message that failed comes again within minutes. */
const PATIENCE_MS = 5 * 60_000;
/** Gaps a run; what is left is the next hour's. */
const MOST_GAPS = 1_000;
/** Trades a question. */
const BITE = 200;

/** Asks the ledger for the booked trades whose numbers a portfolio misses, and records them. */
export const makeHandler = (services: Services) => {
  const { store, ledger, activity, clock, log } = services;

  async function close(run: MinuteRun, gap: Gap): Promise<void> {
    let found = 0;
    for (let from = gap.from; from <= gap.to && !run.isTimeUp();) {
      const trades = await ledger.bookedBetween(gap, from, gap.to, BITE);
      for (const trade of trades) {
        const { result } = await store.record(trade, clock().toISOString());
        run.add(result);
      }
      found += trades.length;
      const last = trades.at(-1);
      if (!last || trades.length < BITE) {
        tellMissing(run, gap, gap.to - gap.from + 1 - found);
        return;
      }
      from = last.sequence + 1;
    }
  }

  /** The portfolio stays flagged: nobody can say what it misses. */
  function tellMissing(run: MinuteRun, { portfolio_id }: Gap, missing: number): void {
    if (missing === 0) return;
    run.add('missing', missing);
    log.error('the ledger does not have trades that it has numbered', {
      run_id: run.run_id,
      reason: portfolio_id === null ? 'of no portfolio' : `of portfolio ${portfolio_id}`,
      counts: { missing },
    });
  }

  const { timeoutSeconds } = functions['trade-reconciliation'];
  return everyMinute(services, 'trade-reconciliation', timeoutSeconds, async (run) => {
    Object.assign(run.counts, { gaps: 0, recorded: 0, missing: 0 });
    const since = new Date(clock().getTime() - PATIENCE_MS).toISOString();
    const gaps = await store.gaps(since, MOST_GAPS);
    run.add('gaps', gaps.length);
    if (gaps.length === 0) return undefined;
    // What the ledger does not have it is not woken for every hour: once for each set of gaps, and when it is awake.
    const look = await activity.look('trade-reconciliation', digestOf(gaps));
    if (look === 'asleep') return look;
    await run.forEach(gaps, (gap) => close(run, gap));
    await restAfter(run, look, { nothingBefore: null });
    return undefined;
  });
};

const digestOf = (gaps: readonly Gap[]): string =>
  createHash('sha256')
    .update(JSON.stringify(gaps.map((gap) => `${gap.portfolio_id ?? gap.user_id} ${gap.from} ${gap.to}`).sort()))
    .digest('hex');

export const handler = onFirstCall('trade-reconciliation', (environment, aws) =>
  makeHandler({ ...aws, store: portfolioStoreOf(environment, aws), ...lookingLedgerOf(environment, aws) }),
);
