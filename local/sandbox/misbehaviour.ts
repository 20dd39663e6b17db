/** How a sandbox provider can be told to fail, as real ones do (DOMAIN.md §2 and §6). */
export const MISBEHAVIOURS = [
  // of both
  '429',
  'html_500',
  'slow',
  'drop',
  'truncated',
  'malformed_rows',
  // of Alpaca
  'unauthorized',
  'short_page',
  // The order posted is filled by half at first, by the rest when it is next looked at.
  'partial_fill',
  // The order posted is taken, and the connection ends before the answer.
  'taken_unanswered',
  // of Alpha Vantage, all with status 200
  'throttle_burst',
  'throttle_minute',
  'throttle_daily',
  'invalid_key',
  'premium',
  'invalid_request',
  'empty',
  'wrong_symbol',
  'items_disagree',
] as const;
export type MisbehaviourKind = (typeof MISBEHAVIOURS)[number];

export type SandboxProvider = 'alpaca' | 'alpha_vantage';

export interface Misbehaviour {
  readonly provider: SandboxProvider;
  readonly kind: MisbehaviourKind;
  /** How many calls. @default 1 */
  readonly times?: number;
  /** Only calls whose path and query (decoded, without the key) contain this, e.g. `function=OVERVIEW&symbol=ACMEJ`. */
  readonly match?: string;
  /** Of `slow`. @default 5000 */
  readonly delay_ms?: number;
}

export interface MisbehaviourQueue {
  add(rule: Misbehaviour): void;
  clear(): void;
  /** The first rule that fits the call; it is used up once. */
  take(provider: SandboxProvider, call: string): Misbehaviour | null;
}

export function createMisbehaviourQueue(): MisbehaviourQueue {
  let rules: (Misbehaviour & { readonly times: number })[] = [];
  return {
    add: (rule) => void rules.push({ ...rule, times: rule.times ?? 1 }),
    clear: () => {
      rules = [];
    },
    take: (provider, call) => {
      const found = rules.findIndex((rule) => rule.provider === provider && call.includes(rule.match ?? ''));
      const rule = rules[found];
      if (!rule) return null;
      rules = rules.flatMap((other, i) =>
        i !== found ? [other] : other.times > 1 ? [{ ...other, times: other.times - 1 }] : [],
      );
      return rule;
    },
  };
}

/** @returns the rule, or what is wrong with it. */
export function parseMisbehaviour(body: unknown): Misbehaviour | string {
  if (typeof body !== 'object' || body === null) return 'a JSON object is needed';
  const { provider, kind, times, match, delay_ms } = body as Record<string, unknown>;
  if (provider !== 'alpaca' && provider !== 'alpha_vantage') return 'provider: alpaca or alpha_vantage';
  const known = MISBEHAVIOURS.find((name) => name === kind);
  if (!known) return `kind: one of ${MISBEHAVIOURS.join(', ')}`;
  return {
    provider,
    kind: known,
    ...(typeof times === 'number' && { times }),
    ...(typeof match === 'string' && { match }),
    ...(typeof delay_ms === 'number' && { delay_ms }),
  };
}

const GARBAGE = 'n.m.';

/** What `malformed_rows`, `wrong_symbol` and `items_disagree` do to a good answer. */
export function spoil(kind: MisbehaviourKind, payload: unknown): unknown {
  if (typeof payload === 'string')
    return kind === 'malformed_rows' ? payload.replace(/\d{4}-\d{2}-\d{2}/, 'soon') : payload;
  if (kind === 'malformed_rows' && Array.isArray(payload)) {
    return payload.map((row: unknown, i) => (i === 0 ? { ...(row as object), tradable: 'yes' } : row));
  }
  if (typeof payload !== 'object' || payload === null) return payload;
  const body = payload as Record<string, unknown>;
  if (kind === 'wrong_symbol') return withSymbol(body, 'OTHRJ');
  if (kind === 'items_disagree') return { ...body, items: '999' };
  return kind === 'malformed_rows' ? withGarbage(body) : body;
}

function withSymbol(body: Record<string, unknown>, symbol: string): Record<string, unknown> {
  if ('Symbol' in body) return { ...body, Symbol: symbol };
  if ('Global Quote' in body) {
    return { ...body, 'Global Quote': { ...(body['Global Quote'] as object), '01. symbol': symbol } };
  }
  if ('Meta Data' in body) return { ...body, 'Meta Data': { ...(body['Meta Data'] as object), '2. Symbol': symbol } };
  return { ...body, symbol };
}

/** The first row of every list loses a figure; an object without lists loses one of its own. */
function withGarbage(body: Record<string, unknown>): Record<string, unknown> {
  const spoilRow = (row: unknown): unknown => {
    if (typeof row !== 'object' || row === null) return GARBAGE;
    const fields = row as Record<string, unknown>;
    const key = [
      'overall_sentiment_score',
      'totalRevenue',
      'totalAssets',
      'operatingCashflow',
      'reportedEPS',
      'o',
      'p',
    ].find((name) => name in fields);
    return key === undefined ? GARBAGE : { ...fields, [key]: GARBAGE };
  };
  if ('EBITDA' in body) return { ...body, EBITDA: GARBAGE };
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => {
      if (Array.isArray(value)) return [key, value.map((row: unknown, i) => (i === 0 ? spoilRow(row) : row))];
      if (typeof value === 'object' && value !== null)
        return [key, spoilNested(value as Record<string, unknown>, spoilRow)];
      return [key, value];
    }),
  );
}

function spoilNested(value: Record<string, unknown>, spoilRow: (row: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([key, inner], i) => [
      key,
      Array.isArray(inner)
        ? inner.map((row: unknown, n) => (n === 0 ? spoilRow(row) : row))
        : i === 0
          ? spoilRow(inner)
          : inner,
    ]),
  );
}
