import { z } from 'zod';
import type { Clock } from '../../../../lambda/adapters/ports';
import type { Challenges } from '../challenges';
import { CognitoError, invalidAccessToken } from '../cognito-error';
import type { Guesses } from '../guesses';
import { type Mfa, PERSON_CLIENT } from '../pool';
import type { SignIns } from '../sign-ins';
import type { Tokens } from '../tokens';
import type { User, Users } from '../users';

export interface CognitoServices {
  readonly users: Users;
  readonly signIns: SignIns;
  readonly challenges: Challenges;
  readonly guesses: Guesses;
  readonly tokens: Tokens;
  readonly clock: Clock;
  readonly mfa: Mfa;
  /** Where Cognito would send an e-mail. */
  readonly deliverCode: (purpose: 'confirmation' | 'password reset', email: string, code: string) => void;
}

/** One of Cognito's calls: reads its own request out of anything. */
export type Call = (body: unknown, services: CognitoServices) => Promise<object>;

/** @throws CognitoError by Cognito's names, to be answered with 400 */
export function call<S extends z.ZodType>(
  schema: S,
  answer: (request: z.infer<S>, services: CognitoServices) => object | Promise<object>,
): Call {
  return async (body, services) => {
    const result = schema.safeParse(body);
    if (result.success) return answer(result.data, services);
    const at = result.error.issues[0]?.path.map(String).join('.') ?? '';
    if (at === 'ClientId') throw new CognitoError('ResourceNotFoundException', 'User pool client does not exist.');
    throw new CognitoError('InvalidParameterException', `Invalid or missing parameter: ${at}`);
  };
}

// The lengths of Cognito's own models: nothing longer is hashed or looked up.
export const forClient = { ClientId: z.literal(PERSON_CLIENT) };
export const username = z.string().min(1).max(128);
export const password = z.string().min(1).max(256);
export const code = z.string().min(1).max(2048);
export const session = z.string().min(20).max(2048);
export const accessToken = z.string().max(8192);

/**
 * Who an access token is of, as Cognito's own calls ask: unlike the API, which trusts the signature for as long as the
 * token lives, they refuse a token whose sign-in was ended.
 */
export async function ownerOf(token: string, { tokens, users, signIns }: CognitoServices): Promise<User> {
  const claims = await tokens.verify(token).catch(() => undefined);
  const user = claims?.username === undefined ? undefined : users.find(claims.sub);
  if (!claims || !user) throw invalidAccessToken();
  if (claims.origin_jti !== undefined && !signIns.isOpen(claims.origin_jti)) {
    throw new CognitoError('NotAuthorizedException', 'Access Token has been revoked');
  }
  return user;
}

/** The name that guesses are counted by: one for a person who may be called by address or by `sub`. */
export const guessed = (name: string, users: Users): string => users.find(name)?.email ?? name;

/** Shown alike for an address that is known and one that is not: made of what was asked, never of what is stored. */
export function deliveryTo(name: string): object {
  const [local = '', domain = ''] = name.split('@');
  const Destination = `${local.charAt(0)}***@${domain.charAt(0)}***`;
  return { CodeDeliveryDetails: { AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination } };
}
