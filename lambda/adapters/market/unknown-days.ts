import type { ClosesKnown } from '../portfolio/portfolios';

/** Days to ask for, and the days that are known then if all of them are answered. */
export interface Gap {
  readonly from: string;
  readonly to: string;
  readonly known: { readonly from: string; readonly to: string };
}

const DAY_MS = 86_400_000;
/** The date so many days after another; before it, where they are negative. */
export const dayAfter = (date: string, days: number): string =>
  new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);

/**
 * What of a period is to be asked for. What is known of a symbol is one range without a hole: days between it and the
 * period are asked for too, and a period that reaches beyond both of its ends is asked for whole.
 * @param holds whether what is known still holds
 * @returns null where all of it is known
 */
export function gapOf(
  known: ClosesKnown | undefined,
  from: string,
  to: string,
  holds: (known: ClosesKnown) => boolean,
): Gap | null {
  if (!known) return { from, to, known: { from, to } };
  const whole = { from: from < known.from ? from : known.from, to: to > known.to ? to : known.to };
  if (!holds(known)) return { ...whole, known: whole };
  const [isEarlier, isLater] = [from < known.from, to > known.to];
  if (!isEarlier && !isLater) return null;
  return {
    from: isEarlier ? from : dayAfter(known.to, 1),
    to: isLater ? to : dayAfter(known.from, -1),
    known: whole,
  };
}

/**
 * What is known of a symbol once a gap was asked for: until its newest close, for the bar of a later day may only be late.
 * @param newest date of the newest close that was heard
 * @param settled last day of which no bar is awaited any more
 * @returns null where nothing is
 */
export function knownAfter(gap: Gap, newest: string | null, settled: string): Gap['known'] | null {
  // Days before those that were known already are followed by these.
  if (gap.to < gap.known.to) return gap.known;
  const sure = newest !== null && newest > settled ? newest : settled;
  // In front of the gap is what was known before.
  const before = dayAfter(gap.from, -1);
  const until = sure > before ? sure : before;
  const to = until < gap.known.to ? until : gap.known.to;
  return to < gap.known.from ? null : { from: gap.known.from, to };
}

/** Symbols with the same gap, which one call can ask for. */
export function groupsOf(
  symbols: readonly string[],
  gap: (symbol: string) => Gap | null,
): readonly { readonly gap: Gap; readonly symbols: readonly string[] }[] {
  const groups = new Map<string, { readonly gap: Gap; readonly symbols: string[] }>();
  for (const symbol of symbols) {
    const own = gap(symbol);
    if (!own) continue;
    const name = JSON.stringify(own);
    const group = groups.get(name) ?? { gap: own, symbols: [] };
    groups.set(name, group);
    group.symbols.push(symbol);
  }
  return [...groups.values()];
}
