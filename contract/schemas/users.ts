import * as z from 'zod/mini';
import { currency, instant, isUuid, line, shown } from './primitives';

/** A path value that names a user: Cognito's `sub`, or `me`. */
export const userReference = () =>
  shown(z.string().check(z.refine((text) => text === 'me' || isUuid(text), 'must be a user id (UUID), or "me"')), {
    description: "The caller's own id, or `me`; another's is not found",
    examples: ['me'],
  });

const displayName = line(100);
const email = z.email().check(z.maxLength(254));

/** A user's own profile. `user_id` is Cognito's `sub`. */
export const user = shown(
  z.object({
    user_id: z.string(),
    display_name: z.nullable(displayName),
    email: z.nullable(email),
    created_at: instant(),
    updated_at: instant(),
  }),
  { id: 'User' },
);
export type User = z.infer<typeof user>;

/** What a user says of themselves; what is left out is null. */
export const profile = z.strictObject({
  display_name: z.optional(z.nullable(displayName)),
  email: z.optional(z.nullable(email)),
});

const isLocale = (text: string): boolean => {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
};

const isTimeZone = (text: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

const preferenceFields = {
  /** What amounts are shown in. */
  currency: currency(),
  /** BCP 47. */
  locale: z.string().check(z.maxLength(35), z.refine(isLocale, 'must be a language tag, like en-US')),
  /** IANA. */
  time_zone: z.string().check(z.maxLength(64), z.refine(isTimeZone, 'must be a time zone, like America/New_York')),
  theme: z.enum(['system', 'light', 'dark']),
  /** What of the watched assets the user wants to hear of. */
  notifications: z.strictObject({ earnings: z.boolean(), ratings: z.boolean(), news: z.boolean() }),
} as const;

/** All of it, always: PUT replaces the whole. */
export const preferencesBody = z.strictObject(preferenceFields);
export type PreferencesBody = z.infer<typeof preferencesBody>;

/** `updated_at` is null while the user has set nothing, and the defaults hold. */
export const preferences = shown(z.object({ ...preferenceFields, updated_at: z.nullable(instant()) }), {
  id: 'Preferences',
});
export type Preferences = z.infer<typeof preferences>;

export const DEFAULT_PREFERENCES: PreferencesBody = {
  currency: 'USD',
  locale: 'en-US',
  time_zone: 'America/New_York',
  theme: 'system',
  notifications: { earnings: true, ratings: true, news: false },
};
