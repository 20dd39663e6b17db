import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { FetchError } from 'aws-jwt-verify/error';
import type { JwksCache } from 'aws-jwt-verify/jwk';
import { errorFields } from '../lambda/adapters/log-fields';
import type { Clock, Log } from '../lambda/adapters/ports';
import type { AccessToken, TokenVerifier } from './services';

/** Verifies access tokens of one user pool by keys that it holds. */
export interface PoolVerifier {
  /** Gets the pool's keys. */
  hydrate(): Promise<void>;
  verify(token: string): Promise<AccessToken>;
}

export interface CognitoTokensProps {
  /** The pool's id. @throws while nobody has written it down yet: the pool is made after the service */
  readonly userPoolId: () => Promise<string>;
  /** @default by aws-jwt-verify */
  readonly verifierOf?: (userPoolId: string) => PoolVerifier;
  readonly clock: Clock;
  readonly log: Log;
  /** How long the pool and its keys are not asked for again after a failure. @default 5000 */
  readonly restMs?: number;
}

/** Verifies the access tokens of a user pool, as soon as there is one; its keys are fetched once and kept. */
export function cognitoTokens(props: CognitoTokensProps): TokenVerifier {
  const { userPoolId, verifierOf = (id: string) => poolVerifier(id), clock, log, restMs = 5_000 } = props;
  let known: PoolVerifier | undefined;
  let opening: Promise<PoolVerifier> | undefined;
  let failure: { readonly error: Error; readonly until: number } | undefined;

  async function open(): Promise<PoolVerifier> {
    try {
      const verifier = verifierOf(await userPoolId());
      await verifier.hydrate();
      return (known = verifier);
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      log.warn('the user pool’s keys are not known yet', errorFields(error));
      failure = { error, until: clock().getTime() + restMs };
      throw error;
    }
  }

  async function verifier(): Promise<PoolVerifier> {
    if (known) return known;
    if (failure && clock().getTime() < failure.until) throw failure.error;
    return (opening ??= open().finally(() => (opening = undefined)));
  }

  return {
    async verify(token) {
      const pool = await verifier();
      try {
        return await pool.verify(token);
      } catch (thrown) {
        // Its key is none of those held, and the pool could not be asked whether it has a new one.
        if (thrown instanceof FetchError) throw thrown;
        return null;
      }
    },
    health: () =>
      verifier().then(
        () => 'ok',
        () => 'the user pool’s keys are not known yet',
      ),
  };
}

/** @param jwksCache where the pool's keys come from @default over HTTPS, from the pool's own address */
export function poolVerifier(userPoolId: string, jwksCache?: JwksCache): PoolVerifier {
  // Any client of the pool may be the caller's, as with API Gateway's authorizer; what it may do is its scope's to say.
  const verifier = CognitoJwtVerifier.create(
    { userPoolId, tokenUse: 'access', clientId: null },
    jwksCache && { jwksCache },
  );
  return {
    hydrate: () => verifier.hydrate(),
    async verify(token) {
      const { sub, scope } = await verifier.verify(token);
      return { sub, scope };
    },
  };
}
