import { randomUUID } from 'node:crypto';
import { JwtVerifier } from 'aws-jwt-verify';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { MARKET_SCOPE, PERSON_SCOPE } from '../../../contract/route';
import type { Clock } from '../../../lambda/adapters/ports';
import { ISSUER, MACHINE_CLIENT, PERSON_CLIENT } from './pool';
import type { SignIn } from './sign-ins';
import type { SigningKey } from './signing-key';

const accessClaims = z.looseObject({
  sub: z.string(),
  token_use: z.literal('access'),
  client_id: z.enum([PERSON_CLIENT, MACHINE_CLIENT]),
  scope: z.string(),
  exp: z.number(),
  iat: z.number(),
  jti: z.string(),
  /** A person's only. */
  username: z.string().optional(),
  /** Absent from the tokens that the host makes for its owner, of which no sign-in is. */
  origin_jti: z.string().optional(),
});
export type AccessClaims = z.infer<typeof accessClaims>;

export interface Person {
  /** Cognito's `sub`: the platform's user_id. */
  readonly sub: string;
  /** How Cognito names the person. */
  readonly username: string;
  readonly email: string;
}

export interface Tokens {
  /** A person's access token, with the claims that Cognito's carries. */
  accessToken(person: Person, seconds: number, signIn?: SignIn): Promise<string>;
  idToken(person: Person, seconds: number, signIn?: SignIn): Promise<string>;
  /** What the client-credentials grant gives to a machine. */
  machineToken(seconds: number): Promise<string>;
  /** @throws Error when it is no access token of this installation, or expired */
  verify(token: string): Promise<AccessClaims>;
}

export function createTokens(key: SigningKey, clock: Clock): Tokens {
  const verifier = JwtVerifier.create({
    issuer: ISSUER,
    audience: null,
    jwksUri: `${ISSUER}/.well-known/jwks.json`,
    customJwtCheck: ({ header, payload }) => {
      // An id token says who somebody is; what they may do, only an access token says.
      if (header.alg !== 'RS256') throw new Error('not signed with RS256');
      accessClaims.parse(payload);
    },
  });
  verifier.cacheJwks({ keys: [{ ...key.jwk, kty: 'RSA', n: key.jwk.n ?? '', e: key.jwk.e ?? '', kid: key.keyId }] });

  function sign(
    subject: string,
    claims: Readonly<Record<string, unknown>>,
    seconds: number,
    signIn?: SignIn,
  ): Promise<string> {
    const issuedAt = Math.floor(clock().getTime() / 1000);
    const origin = { auth_time: signIn?.authTime ?? issuedAt, ...(signIn && { origin_jti: signIn.originId }) };
    return new SignJWT({ ...claims, ...origin })
      .setProtectedHeader({ alg: 'RS256', kid: key.keyId })
      .setIssuer(ISSUER)
      .setSubject(subject)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + seconds)
      .setJti(randomUUID())
      .sign(key.privateKey);
  }

  return {
    accessToken: ({ sub, username }, seconds, signIn) =>
      sign(sub, { client_id: PERSON_CLIENT, token_use: 'access', scope: PERSON_SCOPE, username }, seconds, signIn),
    idToken: ({ sub, username, email }, seconds, signIn) =>
      sign(
        sub,
        { aud: PERSON_CLIENT, token_use: 'id', 'cognito:username': username, email, email_verified: true },
        seconds,
        signIn,
      ),
    machineToken: (seconds) =>
      sign(MACHINE_CLIENT, { client_id: MACHINE_CLIENT, token_use: 'access', scope: MARKET_SCOPE }, seconds),
    verify: async (token) => accessClaims.parse(await verifier.verify(token)),
  };
}
