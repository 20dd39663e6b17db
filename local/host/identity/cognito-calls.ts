import { accountCalls } from './calls/account';
import type { Call, CognitoServices } from './calls/call';
import { passwordResetCalls } from './calls/password-reset';
import { secondFactorCalls } from './calls/second-factor';
import { signInCalls } from './calls/sign-in';
import { signUpCalls } from './calls/sign-up';
import { CognitoError } from './cognito-error';

export type { CognitoServices } from './calls/call';

/** Cognito's calls that need no AWS credentials: those that a browser makes. */
const calls = new Map<string, Call>(
  Object.entries({ ...signUpCalls, ...signInCalls, ...secondFactorCalls, ...passwordResetCalls, ...accountCalls }),
);
export const cognitoCallNames: readonly string[] = [...calls.keys()];

const SERVICE = 'AWSCognitoIdentityProviderService.';

/**
 * Cognito's JSON API.
 *
 * @param target header X-Amz-Target, `AWSCognitoIdentityProviderService.InitiateAuth` say
 * @throws CognitoError by Cognito's names, to be answered with 400
 */
export async function cognitoCall(target: string, body: unknown, services: CognitoServices): Promise<object> {
  const named = target.startsWith(SERVICE) ? calls.get(target.slice(SERVICE.length)) : undefined;
  if (!named) {
    throw new CognitoError('UnknownOperationException', 'This machine does not speak that call of Cognito');
  }
  return named(body, services);
}
