import type { Close } from '../../../core/portfolio';
import { dateAt, wallTime } from '../../../core/trading/trading-day';
import { errorFields } from '../log-fields';
import type { CloseAdjustment, ClosesKnown, PortfolioStore, StoredClose } from '../portfolio/portfolios';
import type { Clock, Log } from '../ports';
import type { AlpacaClient } from '../providers/alpaca';
import { ProviderError } from '../providers/provider-error';
import { chunksOf, limiter } from './limits';
import type { CloseSource } from './market';
import { type Gap, gapOf, groupsOf } from './unknown-days';

export interface CloseSourceProps {
  readonly store: Pick<PortfolioStore, 'closes' | 'closesKnown' | 'keepCloses'>;
  readonly alpaca: Pick<AlpacaClient, 'bars'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Zone of the market's day. */
  readonly timeZone: string;
  /** How long a provider that failed is left alone. @default 5000 */
  readonly restMs?: number;
}

/** Symbols a call, so that what was heard is kept soon. */
const SYMBOLS_A_CALL = 50;
const CALLS_AT_ONCE = 4;
/** By then a day's bar has its last trades, those after hours too. */
const DAY_IS_OVER = '20:15';
const DAY_MS = 86_400_000;

/** Daily closes over Alpaca's bars, kept in the store: a day is asked for once. */
export function createCloseSource(props: CloseSourceProps): CloseSource {
  const { store, alpaca, clock, log, timeZone, restMs = 5_000 } = props;
  const inTurn = limiter(CALLS_AT_ONCE);
  const flights = new Map<string, Promise<boolean>>();
  let restsUntil = 0;

  /** The last day that is over. */
  function lastDay(now: Date): string {
    const today = dateAt(now, timeZone);
    const isOver = now.getTime() >= wallTime(today, DAY_IS_OVER, timeZone);
    return isOver ? today : new Date(Date.parse(today) - DAY_MS).toISOString().slice(0, 10);
  }

  /** A symbol that market data refuses makes it refuse all that are asked for with it: they are asked for by halves. */
  async function barsOf(
    symbols: readonly string[],
    { from, to }: Pick<Gap, 'from' | 'to'>,
    adjustment: CloseAdjustment,
  ): Promise<StoredClose[]> {
    try {
      const { bars } = await alpaca.bars({ symbols, timeframe: '1Day', start: from, end: to, adjustment });
      return symbols.flatMap((symbol) =>
        (bars.get(symbol) ?? []).map(({ t, c }) => ({ symbol, date: dateAt(new Date(t), timeZone), close: c })),
      );
    } catch (thrown) {
      const isRefused = thrown instanceof ProviderError && thrown.kind === 'invalid_request';
      if (!isRefused) throw thrown;
      if (symbols.length === 1) return [];
      const middle = Math.ceil(symbols.length / 2);
      const first = await barsOf(symbols.slice(0, middle), { from, to }, adjustment);
      return [...first, ...(await barsOf(symbols.slice(middle), { from, to }, adjustment))];
    }
  }

  /** @returns whether the provider answered */
  async function fetchInto(gap: Gap, symbols: readonly string[], adjustment: CloseAdjustment): Promise<boolean> {
    if (clock().getTime() < restsUntil) return false;
    let closes: StoredClose[];
    try {
      closes = await barsOf(symbols, gap, adjustment);
    } catch (thrown) {
      const reason = thrown instanceof ProviderError ? thrown.kind : 'unexpected';
      log.warn('no closes', {
        provider: 'alpaca',
        counts: { symbols: symbols.length },
        ...errorFields(thrown),
        reason,
      });
      restsUntil = clock().getTime() + restMs;
      return false;
    }
    const asked_at = clock().toISOString();
    const known = symbols.map((symbol) => ({ symbol, ...gap.known, asked_at }));
    await store.keepCloses(adjustment, closes, known);
    return true;
  }

  /** One asking at a time for the same days of the same symbols. */
  function flightOf(gap: Gap, symbols: readonly string[], adjustment: CloseAdjustment): Promise<boolean> {
    const name = JSON.stringify([adjustment, gap, symbols]);
    const running = flights.get(name);
    if (running) return running;
    const flight = inTurn(() => fetchInto(gap, symbols, adjustment)).finally(() => flights.delete(name));
    flights.set(name, flight);
    return flight;
  }

  async function renew(
    symbols: readonly string[],
    from: string,
    to: string,
    adjustment: CloseAdjustment,
  ): Promise<boolean> {
    const known = new Map(
      (await store.closesKnown(symbols, adjustment)).map((one): [string, ClosesKnown] => [one.symbol, one]),
    );
    const today = dateAt(clock(), timeZone);
    // A dividend or a split changes all adjusted closes before it.
    const holds = ({ asked_at }: ClosesKnown) => adjustment === 'raw' || dateAt(new Date(asked_at), timeZone) === today;
    const groups = groupsOf(symbols, (symbol) => gapOf(known.get(symbol), from, to, holds));
    const answers = await Promise.all(
      groups.flatMap(({ gap, symbols: some }) =>
        chunksOf(some, SYMBOLS_A_CALL).map((chunk) => flightOf(gap, chunk, adjustment)),
      ),
    );
    return answers.every(Boolean);
  }

  return {
    async closes(symbols, from, to, adjustment) {
      const asked = [...new Set(symbols)].sort();
      const last = lastDay(clock());
      const until = to < last ? to : last;
      if (asked.length === 0 || from > until) return { closes: new Map(), stale: false };
      const isRenewed = await renew(asked, from, until, adjustment);
      const bySymbol = new Map<string, Close[]>(asked.map((symbol) => [symbol, []]));
      for (const { symbol, date, close } of await store.closes(asked, adjustment, from, until))
        bySymbol.get(symbol)?.push({ date, close });
      return { closes: bySymbol, stale: !isRenewed };
    },
  };
}
