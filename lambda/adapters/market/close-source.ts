import type { Close } from '../../../core/portfolio';
import { dateAt, wallTime } from '../../../core/trading/trading-day';
import { errorFields } from '../log-fields';
import type { CloseAdjustment, ClosesKnown, PortfolioStore, StoredClose } from '../portfolio/portfolios';
import type { Clock, Log } from '../ports';
import type { AlpacaClient } from '../providers/alpaca';
import { ProviderError } from '../providers/provider-error';
import { chunksOf } from '../chunks';
import { limiter } from './limits';
import type { CloseSource } from './market';
import { restingDays } from './resting-days';
import { dayAfter, type Gap, gapOf, groupsOf, knownAfter } from './unknown-days';

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
/** A day without a bar for so long has none: nobody traded. Until then its bar may only be late. */
const SETTLED_AFTER_DAYS = 7;

/** What an asking brought. */
interface Heard {
  readonly closes: readonly StoredClose[];
  /** Symbols that market data refuses. */
  readonly refused: readonly string[];
  /** Symbols with bars that could not be read. */
  readonly unread: readonly string[];
}

/** Daily closes over Alpaca's bars, kept in the store: a day whose close is known is asked for once. */
export function createCloseSource(props: CloseSourceProps): CloseSource {
  const { store, alpaca, clock, log, timeZone, restMs = 5_000 } = props;
  const inTurn = limiter(CALLS_AT_ONCE);
  const flights = new Map<string, Promise<boolean>>();
  let restsUntil = 0;

  const resting = restingDays(clock);
  const nameOf = (symbol: string, adjustment: CloseAdjustment) => `${adjustment} ${symbol}`;

  /** The last day that is over. */
  function lastDay(now: Date): string {
    const today = dateAt(now, timeZone);
    const isOver = now.getTime() >= wallTime(today, DAY_IS_OVER, timeZone);
    return isOver ? today : dayAfter(today, -1);
  }

  /** A symbol that market data refuses makes it refuse all that are asked for with it: they are asked for by halves. */
  async function barsOf(
    symbols: readonly string[],
    { from, to }: Pick<Gap, 'from' | 'to'>,
    adjustment: CloseAdjustment,
  ): Promise<Heard> {
    try {
      const heard = await alpaca.bars({ symbols, timeframe: '1Day', start: from, end: to, adjustment });
      const closes = symbols.flatMap((symbol) =>
        (heard.bars.get(symbol) ?? []).map(({ t, c }) => ({ symbol, date: dateAt(new Date(t), timeZone), close: c })),
      );
      return { closes, refused: [], unread: heard.rejected.map(({ path }) => path.replace(/\[\d+\]$/, '')) };
    } catch (thrown) {
      const isRefused = thrown instanceof ProviderError && thrown.kind === 'invalid_request';
      if (!isRefused) throw thrown;
      if (symbols.length === 1) return { closes: [], refused: symbols, unread: [] };
      const middle = Math.ceil(symbols.length / 2);
      const first = await barsOf(symbols.slice(0, middle), { from, to }, adjustment);
      const second = await barsOf(symbols.slice(middle), { from, to }, adjustment);
      return {
        closes: [...first.closes, ...second.closes],
        refused: [...first.refused, ...second.refused],
        unread: [...first.unread, ...second.unread],
      };
    }
  }

  /** @returns whether the provider answered */
  async function fetchInto(gap: Gap, symbols: readonly string[], adjustment: CloseAdjustment): Promise<boolean> {
    if (clock().getTime() < restsUntil) return false;
    let heard: Heard;
    try {
      heard = await barsOf(symbols, gap, adjustment);
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
    await store.keepCloses(adjustment, heard.closes, knownOf(gap, symbols, adjustment, heard));
    return true;
  }

  /** How far each symbol is known then; what is not, though it was asked for, rests a while. */
  function knownOf(
    gap: Gap,
    symbols: readonly string[],
    adjustment: CloseAdjustment,
    { closes, refused, unread }: Heard,
  ): ClosesKnown[] {
    const asked_at = clock().toISOString();
    const settled = dayAfter(dateAt(clock(), timeZone), -SETTLED_AFTER_DAYS);
    const newest = new Map<string, string>();
    for (const { symbol, date } of closes) if (date > (newest.get(symbol) ?? '')) newest.set(symbol, date);
    const [isRefused, isUnread] = [new Set(refused), new Set(unread)];
    if (refused.length + unread.length > 0)
      log.warn('closes were refused or could not be read', {
        provider: 'alpaca',
        counts: { refused: isRefused.size, unread: isUnread.size },
      });
    return symbols.flatMap((symbol) => {
      const name = nameOf(symbol, adjustment);
      if (isRefused.has(symbol)) resting.refused(name);
      else if (isUnread.has(symbol)) resting.unread(name, gap);
      if (isRefused.has(symbol) || isUnread.has(symbol)) return [];
      const known = knownAfter(gap, newest.get(symbol) ?? null, settled);
      if (known?.to !== gap.known.to) resting.awaited(name, gap);
      return known ? [{ symbol, ...known, asked_at }] : [];
    });
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
    const groups = groupsOf(symbols, (symbol) => {
      const gap = gapOf(known.get(symbol), from, to, holds);
      return gap && resting.has(nameOf(symbol, adjustment), gap) ? null : gap;
    });
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
