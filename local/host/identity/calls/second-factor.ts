import { z } from 'zod';
import { CognitoError, invalidSession } from '../cognito-error';
import { freshSecret, stepOfCode } from '../totp';
import type { User } from '../users';
import { accessToken, call, code, type CognitoServices, ownerOf, session } from './call';

/** By a token of who is signed in, or by the Session of who may not be before they have a second factor. */
const who = { AccessToken: accessToken.optional(), Session: session.optional() };

/** Setting up the second factor: a TOTP app (RFC 6238), the only one that the pool takes. */
export const secondFactorCalls = {
  AssociateSoftwareToken: call(z.object(who), async ({ AccessToken, Session }, services) => {
    const { users, challenges } = services;
    const SecretCode = freshSecret();
    if (Session !== undefined && AccessToken === undefined) {
      const { sub } = owesSetup(Session, services);
      challenges.close(Session);
      return { SecretCode, Session: challenges.open({ sub, owes: 'setup', secret: SecretCode }) };
    }
    const { sub } = await ownerOf(AccessToken ?? '', services);
    users.change(sub, { totp_pending: SecretCode });
    return { SecretCode };
  }),

  VerifySoftwareToken: call(
    z.object({ ...who, UserCode: code, FriendlyDeviceName: z.string().max(131_072).optional() }),
    async ({ AccessToken, Session, UserCode }, services) => {
      const { users, challenges } = services;
      if (Session !== undefined && AccessToken === undefined) {
        const { sub, secret } = owesSetup(Session, services);
        users.change(sub, { totp: { ...proven(sub, secret, UserCode, services), enabled: true } });
        challenges.close(Session);
        return { Status: 'SUCCESS', Session: challenges.open({ sub, owes: 'finish' }) };
      }
      const { sub, totp, totp_pending } = await ownerOf(AccessToken ?? '', services);
      const fresh = proven(sub, totp_pending, UserCode, services);
      users.change(sub, { totp: { ...fresh, enabled: totp?.enabled ?? false }, totp_pending: undefined });
      return { Status: 'SUCCESS' };
    },
  ),

  SetUserMFAPreference: call(
    z.object({
      AccessToken: accessToken,
      SoftwareTokenMfaSettings: z
        .object({ Enabled: z.boolean().default(false), PreferredMfa: z.boolean().default(false) })
        .optional(),
    }),
    async ({ AccessToken, SoftwareTokenMfaSettings: wanted }, services) => {
      const { sub, totp } = await ownerOf(AccessToken, services);
      if (!wanted) return {};
      if (wanted.PreferredMfa && !wanted.Enabled) {
        throw new CognitoError('InvalidParameterException', 'A factor that is not enabled cannot be preferred');
      }
      if (wanted.Enabled && !totp) {
        throw new CognitoError('InvalidParameterException', 'User has not verified software token mfa');
      }
      if (!wanted.Enabled && services.mfa === 'required') {
        throw new CognitoError('InvalidParameterException', 'The user pool requires a second factor');
      }
      if (totp) services.users.change(sub, { totp: { ...totp, enabled: wanted.Enabled } });
      return {};
    },
  ),
};

/** A Session sets up a first factor and replaces none: it stands for a password alone. */
function owesSetup(session: string, { challenges, users }: CognitoServices) {
  const challenge = challenges.find(session, 'setup');
  const user = challenge && users.find(challenge.sub);
  if (!user || user.totp) throw invalidSession();
  return challenge;
}

/** The proof that the app was set up is a code too: it opens no sign-in afterwards. */
function proven(
  sub: User['sub'],
  secret: string | undefined,
  userCode: string,
  { guesses, clock }: CognitoServices,
): { readonly secret: string; readonly last_step: number } {
  guesses.count('totp', sub);
  const step = secret === undefined ? undefined : stepOfCode(secret, userCode, clock());
  if (secret === undefined || step === undefined) {
    throw new CognitoError('EnableSoftwareTokenMFAException', 'Code mismatch and fail enable Software Token MFA');
  }
  guesses.forget('totp', sub);
  return { secret, last_step: step };
}
