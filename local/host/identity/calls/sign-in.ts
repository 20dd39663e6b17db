import { z } from 'zod';
import { CognitoError, invalidSession, wrongPassword } from '../cognito-error';
import { isPassword } from '../password';
import { ACCESS_SECONDS } from '../pool';
import type { SignIn } from '../sign-ins';
import { personOf, type User } from '../users';
import { call, code, type CognitoServices, forClient, guessed, password, session, username } from './call';
import { acceptCode } from './totp-code';

const refreshToken = z.string().min(1).max(2048);

/** Signing in, by password or refresh token, and what a second factor adds to it. */
export const signInCalls = {
  InitiateAuth: call(
    z.discriminatedUnion('AuthFlow', [
      z.object({
        ...forClient,
        AuthFlow: z.literal('USER_PASSWORD_AUTH'),
        AuthParameters: z.object({ USERNAME: username, PASSWORD: password }),
      }),
      z.object({
        ...forClient,
        AuthFlow: z.enum(['REFRESH_TOKEN_AUTH', 'REFRESH_TOKEN']),
        AuthParameters: z.object({ REFRESH_TOKEN: refreshToken }),
      }),
    ]),
    async ({ AuthFlow, AuthParameters }, services) =>
      AuthFlow === 'USER_PASSWORD_AUTH'
        ? byPassword(AuthParameters, services)
        : byRefreshToken(AuthParameters, services),
  ),

  RespondToAuthChallenge: call(
    z.discriminatedUnion('ChallengeName', [
      z.object({
        ...forClient,
        ChallengeName: z.literal('SOFTWARE_TOKEN_MFA'),
        Session: session,
        ChallengeResponses: z.object({ USERNAME: username, SOFTWARE_TOKEN_MFA_CODE: code }),
      }),
      z.object({
        ...forClient,
        ChallengeName: z.literal('MFA_SETUP'),
        Session: session,
        ChallengeResponses: z.object({ USERNAME: username }),
      }),
    ]),
    async (request, services) => {
      const { users, challenges } = services;
      const { ChallengeName, Session, ChallengeResponses } = request;
      const challenge = challenges.find(Session, ChallengeName === 'MFA_SETUP' ? 'finish' : 'code');
      const user = users.find(ChallengeResponses.USERNAME);
      if (!challenge || user?.sub !== challenge.sub) throw invalidSession();
      // A wrong code leaves the Session open, for a person may have mistyped; guesses are counted by person.
      if (request.ChallengeName === 'SOFTWARE_TOKEN_MFA') {
        acceptCode(user, request.ChallengeResponses.SOFTWARE_TOKEN_MFA_CODE, services);
      }
      challenges.close(Session);
      return signedIn(user, services);
    },
  ),
};

async function byPassword({ USERNAME, PASSWORD }: { USERNAME: string; PASSWORD: string }, services: CognitoServices) {
  const { users, guesses, challenges, mfa } = services;
  guesses.count('password', guessed(USERNAME, users));
  const held = users.find(USERNAME);
  const isRight = await isPassword(PASSWORD, held?.password);
  // Looked up again: the hash took a while, in which the user may have changed the password or gone.
  const user = held && users.find(held.sub);
  if (!isRight || user?.password?.hash !== held?.password?.hash || !user) throw wrongPassword();
  guesses.forget('password', user.email);
  if (user.confirmation_code !== undefined) {
    throw new CognitoError('UserNotConfirmedException', 'User is not confirmed.');
  }
  if (user.totp && (user.totp.enabled || mfa === 'required')) {
    return {
      ChallengeName: 'SOFTWARE_TOKEN_MFA',
      Session: challenges.open({ sub: user.sub, owes: 'code' }),
      ChallengeParameters: { USER_ID_FOR_SRP: user.sub },
    };
  }
  if (mfa === 'required') {
    return {
      ChallengeName: 'MFA_SETUP',
      Session: challenges.open({ sub: user.sub, owes: 'setup' }),
      ChallengeParameters: { USER_ID_FOR_SRP: user.sub, MFAS_CAN_SETUP: '["SOFTWARE_TOKEN_MFA"]' },
    };
  }
  return signedIn(user, services);
}

function byRefreshToken({ REFRESH_TOKEN }: { REFRESH_TOKEN: string }, services: CognitoServices) {
  const signIn = services.signIns.byRefreshToken(REFRESH_TOKEN);
  const user = signIn && services.users.find(signIn.sub);
  if (!user) throw new CognitoError('NotAuthorizedException', 'Invalid Refresh Token');
  return tokensFor(user, signIn, services);
}

async function signedIn(user: User, services: CognitoServices) {
  const { refreshToken: RefreshToken, ...signIn } = services.signIns.open(user.sub);
  const { AuthenticationResult, ...rest } = await tokensFor(user, signIn, services);
  return { ...rest, AuthenticationResult: { ...AuthenticationResult, RefreshToken } };
}

async function tokensFor(user: User, signIn: SignIn, { tokens }: CognitoServices) {
  return {
    ChallengeParameters: {},
    AuthenticationResult: {
      AccessToken: await tokens.accessToken(personOf(user), ACCESS_SECONDS, signIn),
      IdToken: await tokens.idToken(personOf(user), ACCESS_SECONDS, signIn),
      ExpiresIn: ACCESS_SECONDS,
      TokenType: 'Bearer',
    },
  };
}
