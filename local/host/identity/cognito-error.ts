/** A failure by the name that Cognito's clients know. */
export class CognitoError extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }
}

/** One answer for a wrong password and an unknown name (`preventUserExistenceErrors`). */
export const wrongPassword = () => new CognitoError('NotAuthorizedException', 'Incorrect username or password.');
/** One answer for a wrong code, a name without a code and an unknown name. */
export const wrongCode = () =>
  new CognitoError('CodeMismatchException', 'Invalid verification code provided, please try again.');
export const lateCode = () =>
  new CognitoError('ExpiredCodeException', 'Invalid code provided, please request a code again.');
export const invalidSession = () => new CognitoError('NotAuthorizedException', 'Invalid session for the user.');
export const invalidAccessToken = () => new CognitoError('NotAuthorizedException', 'Invalid Access Token');
