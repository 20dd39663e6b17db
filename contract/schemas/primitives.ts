import * as z from 'zod/mini';

/** What OpenAPI shows of a schema beyond its shape. Registered beside the schema, so that the two cannot drift. */
export type Shown = {
  readonly id?: string;
  readonly description?: string;
  readonly type?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
};

/** Attaches documentation to a schema (zod's global registry; read again by contract/openapi.ts). */
export const shown = <S extends z.core.$ZodType>(schema: S, as: Shown): S => {
  z.globalRegistry.add(schema, as);
  return schema;
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
const DECIMAL = /^-?\d+(\.\d+)?$/;
const SYMBOL = /^[A-Za-z][A-Za-z0-9]{0,11}([./-][A-Za-z0-9]{1,8})?$/;

export const isUuid = (text: string): boolean => UUID.test(text);
/** Whether an event or a route can carry it: Alpaca also lists rights and funds under names such as 012CVR016. */
export const isSymbol = (text: string): boolean => SYMBOL.test(text);

const isCalendarDate = (text: string): boolean => {
  const parsed = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text);
};

/** Alpaca's asset id. */
export const uuid = () => z.string().check(z.regex(UUID, 'must be a UUID'));
export const ulid = () => z.string().check(z.regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, 'must be a ULID'));
/** A calendar date, `YYYY-MM-DD`, that exists. */
export const date = () =>
  shown(
    z.string().check(
      z.regex(DATE, 'must be a date, YYYY-MM-DD'),
      z.refine((text) => !DATE.test(text) || isCalendarDate(text), 'must be a date that exists'),
    ),
    { format: 'date' },
  );
/** An RFC 3339 instant; we write UTC with `Z`. */
export const instant = () =>
  shown(
    z.string().check(
      z.regex(RFC3339, 'must be an RFC 3339 time, like 2026-05-17T12:00:00Z'),
      z.refine((text) => !RFC3339.test(text) || !Number.isNaN(Date.parse(text)), 'must be a time that exists'),
    ),
    { format: 'date-time' },
  );
/** Money or a quantity: a decimal string, never a float. */
export const decimal = () => z.string().check(z.regex(DECIMAL, 'must be a decimal string, like "12.50"'));
export const symbol = () => z.string().check(z.regex(SYMBOL, 'must be a ticker symbol, like AAPL or BRK.B'));
/** ISO 4217. */
export const currency = () => z.string().check(z.regex(/^[A-Z]{3}$/, 'must be a currency code, like USD'));

/** One line of text that shows something: no control characters, no space around it. */
export const line = (maximum: number) =>
  z.string().check(
    z.minLength(1),
    z.maxLength(maximum),
    z.refine(
      (text) => text.trim() === text && !/[\p{Cc}\p{Surrogate}\u2028\u2029]/u.test(text),
      'must be one line without space around it',
    ),
  );

/** A whole number in a query string, where everything arrives as text. */
export const integerParameter = (minimum: number, maximum: number, shownAs: Omit<Shown, 'type'> = {}) => {
  const message = `must be a whole number from ${minimum} to ${maximum}`;
  return shown(
    z.pipe(
      z.string().check(
        z.regex(/^\d{1,9}$/, message),
        z.refine((text) => !/^\d{1,9}$/.test(text) || (Number(text) >= minimum && Number(text) <= maximum), message),
      ),
      z.transform((text: string) => Number(text)),
    ),
    { type: 'integer', minimum, maximum, ...shownAs },
  );
};

/** `true` or `false` in a query string. */
export const booleanParameter = (shownAs: Omit<Shown, 'type'> = {}) =>
  shown(
    z.pipe(
      z.string().check(z.regex(/^(true|false)$/, 'must be true or false')),
      z.transform((text: string) => text === 'true'),
    ),
    { type: 'boolean', ...shownAs },
  );

/** A path value that names an asset: Alpaca's UUID, or a symbol (upper-cased by the handler). */
export const assetReference = () =>
  shown(
    z
      .string()
      .check(z.refine((text) => UUID.test(text) || SYMBOL.test(text), 'must be an asset id (UUID) or a ticker symbol')),
    { description: "Alpaca's asset id, or a symbol in any case", examples: ['IBM'] },
  );

/** `limit` and `cursor`, which every list takes. */
export const page = {
  limit: z.optional(integerParameter(1, 200, { default: 50, description: 'Most items to return' })),
  cursor: z.optional(
    shown(z.string().check(z.minLength(1), z.maxLength(2048)), {
      description: 'next_cursor of the page before; bound to its query and sort',
    }),
  ),
} as const;

export const DEFAULT_LIMIT = 50;

/** `{items, next_cursor}`: every list answers so. */
export const list = <S extends z.core.$ZodType>(item: S) =>
  z.object({ items: z.array(item), next_cursor: z.nullable(z.string()) });
