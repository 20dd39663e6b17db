import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { PERSON_SCOPE } from '../../contract/route';
import { onFirstCall } from '../adapters/aws';
import { authorizerEvent, tokenOf } from './live/gateway-event';
import { judgeBy, type JudgeToken } from './live/verdict';

/** What API Gateway takes for a 401; any other error is a 500. */
const UNAUTHORIZED = 'Unauthorized';

export interface Admission {
  readonly principalId: string;
  readonly policyDocument: {
    readonly Version: '2012-10-17';
    readonly Statement: readonly [
      { readonly Action: 'execute-api:Invoke'; readonly Effect: 'Allow' | 'Deny'; readonly Resource: string },
    ];
  };
  readonly context?: { readonly user_id: string; readonly token_expires_at: number };
}

/**
 * Admits to the WebSocket API whoever has a person's access token. One that has expired is admitted too, as nobody: only an
 * open connection can be told that its token has expired.
 *
 * @throws Error 'Unauthorized' where there is no token, or none of ours
 */
export const makeHandler =
  ({ judge }: { readonly judge: JudgeToken }) =>
  async (event: unknown): Promise<Admission> => {
    const request = authorizerEvent.parse(event);
    const token = tokenOf(request);
    const verdict = token === undefined ? undefined : await judge(token);
    if (verdict === undefined || verdict.kind === 'invalid') throw new Error(UNAUTHORIZED);
    if (verdict.kind === 'expired') {
      return {
        ...policy('Allow', 'nobody', request.methodArn),
        context: { user_id: '', token_expires_at: verdict.expires_at },
      };
    }
    const { user_id, scopes, expires_at } = verdict;
    // A machine's token is good, but portfolios are people's.
    if (!scopes.includes(PERSON_SCOPE)) return policy('Deny', user_id, request.methodArn);
    return { ...policy('Allow', user_id, request.methodArn), context: { user_id, token_expires_at: expires_at } };
  };

const policy = (Effect: 'Allow' | 'Deny', principalId: string, Resource: string): Admission => ({
  principalId,
  policyDocument: { Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect, Resource }] },
});

export const handler = onFirstCall('live-authorizer', ({ USER_POOL_ID }) => {
  const verifier = CognitoJwtVerifier.create({ userPoolId: USER_POOL_ID, tokenUse: 'access', clientId: null });
  return makeHandler({ judge: judgeBy((token) => verifier.verify(token)) });
});
