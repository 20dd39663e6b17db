import { CognitoError } from '../cognito-error';
import { stepOfCode } from '../totp';
import type { User } from '../users';
import type { CognitoServices } from './call';

/**
 * Takes a code of the second factor, once.
 *
 * @throws CognitoError CodeMismatchException, ExpiredCodeException when it was taken before, LimitExceededException
 */
export function acceptCode({ sub, totp }: User, code: string, { users, guesses, clock }: CognitoServices): void {
  guesses.count('totp', sub);
  const step = totp && stepOfCode(totp.secret, code, clock());
  if (!totp || step === undefined) {
    throw new CognitoError('CodeMismatchException', 'Invalid code received for user');
  }
  if (step <= totp.last_step) {
    throw new CognitoError('ExpiredCodeException', 'Your software token has already been used once.');
  }
  guesses.forget('totp', sub);
  users.change(sub, { totp: { ...totp, last_step: step } });
}
