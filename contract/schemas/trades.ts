import * as z from 'zod/mini';
import { currency, decimal, instant, line, shown, symbol, ulid } from './primitives';

/** Alpaca's limits of an order. */
export const QUANTITY_DECIMALS = 9;
export const CLIENT_ORDER_ID_CHARACTERS = 128;
/** What the ledger's columns hold: nineteen digits before the point. A share costs, and an order buys, less. */
const WHOLE_DIGITS = 15;

export const tradeId = () =>
  z.string().check(z.regex(/^TRADE-[0-7][0-9A-HJKMNP-TV-Z]{25}$/, 'must be a trade id, TRADE-…'));

const digitsOf = (text: string): number =>
  text
    .replace(/^-?0*\.?0*/, '')
    .replace('.', '')
    .replace(/0+$/, '').length;
const PLAIN = /^(\d+)(?:\.(\d+))?$/;

/** A positive decimal, as a string or a JSON number, that becomes a string without needless zeros. */
const positiveDecimal = (decimals: number, words: string) =>
  shown(
    z.pipe(
      z.pipe(
        z.union([
          z.string(),
          // A double holds fifteen digits faithfully: with more, what arrived may not be what was sent.
          z
            .number()
            .check(
              z.refine((value) => digitsOf(plain(value)) <= 15, 'must be a string when it has more than 15 digits'),
            ),
        ]),
        z.transform((value: string | number) => (typeof value === 'number' ? plain(value) : value.trim())),
      ),
      z.pipe(
        z.string().check(
          z.refine((text) => {
            const match = PLAIN.exec(text);
            const [, whole = '', fraction = ''] = match ?? [];
            return (
              match !== null &&
              whole.replace(/^0+/, '').length <= WHOLE_DIGITS &&
              fraction.replace(/0+$/, '').length <= decimals &&
              /[1-9]/.test(text)
            );
          }, words),
        ),
        z.transform((text: string) => {
          const [whole = '', fraction = ''] = text.split('.');
          const shortened = fraction.replace(/0+$/, '');
          return `${whole.replace(/^0+(?=\d)/, '')}${shortened === '' ? '' : `.${shortened}`}`;
        }),
      ),
    ),
    {
      description: `A positive decimal: a string, or a JSON number of at most 15 digits; at most ${decimals} decimals`,
    },
  );

/** `String` of a double in plain notation; 1e-7 unfolds, and what is no number of shares (1e300, -1) is refused behind it. */
function plain(value: number): string {
  const text = String(value);
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent);
  if (shift > 30 || shift < -30) return text;
  const digits = whole + fraction;
  const point = whole.length + shift;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0').slice(0, point)}${digits.length > point ? `.${digits.slice(point)}` : ''}`;
}

/** One line without spaces around it: the caller's own name of an order, its idempotency key. */
export const clientOrderId = () => line(CLIENT_ORDER_ID_CHARACTERS);

export const tradeBody = z.strictObject({
  symbol: symbol(),
  quantity: positiveDecimal(
    QUANTITY_DECIMALS,
    `must be a positive number of at most ${QUANTITY_DECIMALS} decimals, like "12.5"`,
  ),
  side: z._default(z.enum(['buy', 'sell']), 'buy'),
  type: z._default(z.enum(['market', 'limit']), 'market'),
  limit_price: z.optional(positiveDecimal(QUANTITY_DECIMALS, 'must be a positive price, like "187.25"')),
  time_in_force: z._default(z.enum(['day', 'ioc']), 'day'),
  client_order_id: z.optional(clientOrderId()),
  portfolio_id: z.optional(ulid()),
});
export type TradeBody = z.infer<typeof tradeBody>;

/** `SUCCESS` when filled, else Alpaca's order status. */
export const tradeStatus = z.enum([
  'SUCCESS',
  'pending_new',
  'accepted',
  'partially_filled',
  'canceled',
  'expired',
  'rejected',
]);

export const trade = shown(
  z.object({
    trade_id: tradeId(),
    client_order_id: z.string(),
    portfolio_id: z.nullable(ulid()),
    symbol: symbol(),
    side: z.enum(['buy', 'sell']),
    type: z.enum(['market', 'limit']),
    time_in_force: z.enum(['day', 'ioc']),
    quantity: decimal(),
    limit_price: z.nullable(decimal()),
    filled_qty: decimal(),
    filled_avg_price: z.nullable(decimal()),
    fee: decimal(),
    currency: currency(),
    status: tradeStatus,
    /** Why it was not filled; null where it was, or still may be. */
    reason: z.nullable(z.string()),
    region: z.string(),
    environment: z.string(),
    submitted_at: instant(),
    /** Until when a `day` order waits. */
    expires_at: z.nullable(instant()),
    filled_at: z.nullable(instant()),
  }),
  { id: 'Trade' },
);
export type Trade = z.infer<typeof trade>;
