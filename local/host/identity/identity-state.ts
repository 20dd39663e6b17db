import { z } from 'zod';
import { type StateFile, stateFile } from '../state-file';

const timedCode = z.object({ code: z.string(), until: z.number() });
const user = z.object({
  sub: z.uuid(),
  email: z.string(),
  /** Absent for the demo user, who signs in with the token file. */
  password: z.object({ salt: z.string(), hash: z.string() }).optional(),
  /** Absent once confirmed. */
  confirmation_code: z.string().optional(),
  confirmation_until: z.number().optional(),
  /** Asked for by who forgot the password. */
  reset: timedCode.optional(),
  /** A second factor that was proven. `last_step` is the youngest code's: none is taken twice. */
  totp: z.object({ secret: z.string(), last_step: z.number(), enabled: z.boolean() }).optional(),
  /** A secret that was handed out and is not proven yet. */
  totp_pending: z.string().optional(),
  created_at: z.string(),
});
export type User = z.infer<typeof user>;

const state = z.object({
  users: z.array(user),
  /** By SHA-256 of the token: the file lets nobody in. */
  refresh_tokens: z.record(
    z.string(),
    z.object({
      sub: z.uuid(),
      expires_at: z.number(),
      /** Which sign-in it is of; every token of that sign-in names it. */
      origin_jti: z.string().default(''),
      /** Seconds since 1970. */
      auth_time: z.number().default(0),
    }),
  ),
});
export type IdentityState = StateFile<z.infer<typeof state>>;

/** Users and sign-ins of this machine, in a file that only its owner reads. */
export const openIdentityState = (file: string): IdentityState =>
  stateFile(file, state, { users: [], refresh_tokens: {} });
