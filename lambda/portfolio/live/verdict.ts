import { FetchError, JwtExpiredError } from 'aws-jwt-verify/error';
import * as z from 'zod/mini';

/** What a token is good for. */
export type Verdict =
  | {
      readonly kind: 'valid';
      readonly user_id: string;
      readonly scopes: readonly string[];
      readonly expires_at: number;
    }
  | { readonly kind: 'expired'; readonly expires_at: number }
  | { readonly kind: 'invalid' };
/** @throws FetchError where the pool's keys cannot be had: that says nothing about the token */
export type JudgeToken = (token: string) => Promise<Verdict>;

const claims = z.object({ sub: z.string(), scope: z.string(), exp: z.number() });
const expiry = z.number();

/**
 * A verifier of aws-jwt-verify as a judge. It looks at a token's expiry only once its signature was found good, so that an
 * expired token is known to have been a genuine one.
 */
export const judgeBy =
  (verify: (token: string) => Promise<unknown>): JudgeToken =>
  async (token) => {
    try {
      const { sub, scope, exp } = claims.parse(await verify(token));
      return { kind: 'valid', user_id: sub, scopes: scope.split(' '), expires_at: exp };
    } catch (error) {
      if (error instanceof FetchError) throw error;
      if (!(error instanceof JwtExpiredError)) return { kind: 'invalid' };
      return { kind: 'expired', expires_at: expiry.parse(error.failedAssertion.actual) };
    }
  };
