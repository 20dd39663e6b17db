import path from 'node:path';
import { z } from 'zod';
import { DEFAULT_TIME_ZONE } from '../contract/schedules';
import type { VenueName } from '../core/trading/order';
import type { ProviderPlan } from '../lambda/advisor/services';
import { MARKET_HOURS, type MarketHours } from './sandbox/market';

/** Where the providers are: fictional ones in this process, or the real ones with the owner's keys. */
export type ProviderSettings =
  | { readonly mode: 'sandbox'; readonly universe: number; readonly market: MarketHours }
  | {
      readonly mode: 'live';
      readonly alpaca: {
        readonly baseUrl: string;
        readonly dataUrl: string;
        readonly keyId: string;
        readonly secretKey: string;
      };
      readonly alphaVantage: { readonly baseUrl: string; readonly apiKey: string };
    };

/** How orders are filled. */
export interface TradingSettings {
  readonly venue: VenueName;
  /** A price older than this is refused. */
  readonly quoteMaxAgeSeconds: number;
}

/** What `npm start` was told by the environment (API.md, last section). */
export interface Settings {
  /** 0 takes any free port. */
  readonly port: number;
  /** Absolute. */
  readonly dataDir: string;
  readonly providers: ProviderSettings;
  readonly plan: ProviderPlan;
  readonly trading: TradingSettings;
  /** Whether people are offered a second factor, or must have one as in prod. */
  readonly mfa: 'optional' | 'required';
}

/** A variable that is wrong, in one line that names it. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

const matching = (pattern: RegExp, accept: (value: number) => boolean, error: string) =>
  z
    .string()
    .refine((text) => pattern.test(text) && accept(Number(text)), { error })
    .transform(Number);
const wholeNumber = (minimum: number, maximum: number) =>
  matching(
    /^\d{1,9}$/,
    (value) => value >= minimum && value <= maximum,
    `must be a whole number from ${minimum} to ${maximum}`,
  );
const rate = () => matching(/^\d{1,6}(\.\d{1,3})?$/, (value) => value > 0, 'must be a number above 0');
const limit = () =>
  z
    .string()
    .regex(/^([1-9]\d{0,8}|none)$/, { error: 'must be a whole number of at least 1, or "none"' })
    .transform((text) => (text === 'none' ? null : Number(text)));
const httpUrl = () => z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });

const environment = z.object({
  PORT: wholeNumber(0, 65_535).default(4000),
  SIGNAL9_DATA_DIR: z.string().default('.signal9'),
  SIGNAL9_UNIVERSE: wholeNumber(25, 12_000).default(250),
  SIGNAL9_SANDBOX_MARKET: z.enum(MARKET_HOURS, { error: `must be one of ${MARKET_HOURS.join(', ')}` }).default('open'),
  SIGNAL9_TRADE_VENUE: z.enum(['internal', 'alpaca'], { error: 'must be internal or alpaca' }).default('internal'),
  SIGNAL9_QUOTE_MAX_AGE_SECONDS: wholeNumber(1, 86_400).default(900),
  SIGNAL9_MFA: z.enum(['optional', 'required'], { error: 'must be optional or required' }).default('optional'),
  APCA_API_KEY_ID: z.string().optional(),
  APCA_API_SECRET_KEY: z.string().optional(),
  APCA_API_BASE_URL: httpUrl().default('https://paper-api.alpaca.markets'),
  APCA_API_DATA_URL: httpUrl().default('https://data.alpaca.markets'),
  ALPHAVANTAGE_API_KEY: z.string().optional(),
  ALPHAVANTAGE_BASE_URL: httpUrl().default('https://www.alphavantage.co'),
  ALPHAVANTAGE_RPS: rate().optional(),
  ALPHAVANTAGE_RPM: limit().optional(),
  ALPHAVANTAGE_RPD: limit().optional(),
});
type Environment = z.infer<typeof environment>;

type Limits = Pick<ProviderPlan, 'rps' | 'rpm' | 'rpd'>;
/** Alpha Vantage's free plan (DOMAIN.md §2). */
const FREE_PLAN: Limits = { rps: 1, rpm: null, rpd: 25 };
/** The sandbox's: 600 a minute like the provider's dearer plans, which guard against bursts by the second too. */
const SANDBOX_PLAN: Limits = { rps: 20, rpm: 600, rpd: null };

/**
 * The settings of a run. An empty variable counts as one that is not set.
 *
 * @throws SettingsError for the first variable that is wrong
 */
export function parseSettings(variables: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(
    Object.keys(environment.shape).map((name) => [
      name,
      variables[name]?.trim() === '' ? undefined : variables[name]?.trim(),
    ]),
  );
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = String(issue?.path[0]);
    throw new SettingsError(`${name} ${issue?.message ?? 'is wrong'}, not "${given[name] ?? ''}"`);
  }
  const settings = parsed.data;
  const providers = providersOf(settings);
  return {
    port: settings.PORT,
    dataDir: path.resolve(settings.SIGNAL9_DATA_DIR),
    providers,
    trading: {
      venue: settings.SIGNAL9_TRADE_VENUE,
      quoteMaxAgeSeconds: settings.SIGNAL9_QUOTE_MAX_AGE_SECONDS,
    },
    mfa: settings.SIGNAL9_MFA,
    plan: planOf(settings, providers.mode === 'live' ? FREE_PLAN : SANDBOX_PLAN),
  };
}

function planOf(settings: Environment, plan: Limits): ProviderPlan {
  return {
    rps: settings.ALPHAVANTAGE_RPS ?? plan.rps,
    // null says "none" here, so that ?? would not do.
    rpm: settings.ALPHAVANTAGE_RPM === undefined ? plan.rpm : settings.ALPHAVANTAGE_RPM,
    rpd: settings.ALPHAVANTAGE_RPD === undefined ? plan.rpd : settings.ALPHAVANTAGE_RPD,
    timeZone: DEFAULT_TIME_ZONE,
  };
}

const KEYS = ['APCA_API_KEY_ID', 'APCA_API_SECRET_KEY', 'ALPHAVANTAGE_API_KEY'] as const;

/** All keys or none: real symbols must never be scored with the sandbox's fictional figures, nor the reverse. */
function providersOf(settings: Environment): ProviderSettings {
  const { APCA_API_KEY_ID: keyId, APCA_API_SECRET_KEY: secretKey, ALPHAVANTAGE_API_KEY: apiKey } = settings;
  if (keyId !== undefined && secretKey !== undefined && apiKey !== undefined) {
    return {
      mode: 'live',
      alpaca: { baseUrl: settings.APCA_API_BASE_URL, dataUrl: settings.APCA_API_DATA_URL, keyId, secretKey },
      alphaVantage: { baseUrl: settings.ALPHAVANTAGE_BASE_URL, apiKey },
    };
  }
  const missing = KEYS.filter((name) => settings[name] === undefined);
  if (missing.length === KEYS.length) {
    return { mode: 'sandbox', universe: settings.SIGNAL9_UNIVERSE, market: settings.SIGNAL9_SANDBOX_MARKET };
  }
  const set = KEYS.filter((name) => settings[name] !== undefined);
  throw new SettingsError(
    `${set.join(' and ')} set, but ${missing.join(' and ')} missing: set all of ${KEYS.join(', ')}, or none for the sandbox`,
  );
}
