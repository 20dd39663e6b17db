/** A cell of a payload: the value, null where the provider says that it has none, or not what the field holds. */
export type Cell = { readonly ok: true; readonly value: string | null } | { readonly ok: false };

const MALFORMED: Cell = { ok: false };
const ABSENT: Cell = { ok: true, value: null };

/** Seen in real payloads: "None" in statements, "-" in OVERVIEW, "N/A" and "" and null in EARNINGS (DOMAIN.md §2). */
const NULL_SPELLINGS = new Set(['none', '-', 'n/a', '', 'null']);

// Bounded, so that "1e999999999" is no number that some later sum has to carry.
const NUMERIC = /^-?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,2})?$/;

/** A number, kept as the decimal string that was sent: a double cannot hold .1, nor every balance sheet total. */
export function numericCell(value: unknown): Cell {
  if (typeof value === 'number' && Number.isFinite(value)) return { ok: true, value: String(value) };
  return textCell(value, (text) => NUMERIC.test(text));
}

/** A calendar date `YYYY-MM-DD` that exists; "0000-00-00" stands for none. */
export function dateCell(value: unknown): Cell {
  return value === '0000-00-00' ? ABSENT : textCell(value, isCalendarDate);
}

export function textCell(value: unknown, accept: (text: string) => boolean = () => true): Cell {
  if (value === null || value === undefined) return ABSENT;
  if (typeof value !== 'string') return MALFORMED;
  const text = value.trim();
  if (NULL_SPELLINGS.has(text.toLowerCase())) return ABSENT;
  return accept(text) ? { ok: true, value: text } : MALFORMED;
}

function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const parsed = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text);
}
