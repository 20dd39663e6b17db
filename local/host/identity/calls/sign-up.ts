import { z } from 'zod';
import { CognitoError, lateCode, wrongCode } from '../cognito-error';
import { freshCode, hashOf, isSame, refuseWeak } from '../password';
import { SIGN_UP_CODE_MS } from '../pool';
import { call, code, deliveryTo, forClient, guessed, password, username } from './call';

/**
 * Signing up. In AWS the team invites its users (`selfSignUpEnabled: false`); on one machine whoever sits at it may make
 * one. That an address is taken is told here and nowhere else, as Cognito does where it is the name to sign in by.
 */
export const signUpCalls = {
  SignUp: call(
    z.object({ ...forClient, Username: z.email().max(128), Password: password }),
    async ({ Username, Password }, { users, clock, deliverCode }) => {
      refuseWeak(Password);
      const hashed = await hashOf(Password);
      if (users.find(Username)) throw new CognitoError('UsernameExistsException', 'User already exists');
      const confirmation_code = freshCode();
      const confirmation_until = clock().getTime() + SIGN_UP_CODE_MS;
      const user = users.add(Username, { password: hashed, confirmation_code, confirmation_until });
      deliverCode('confirmation', user.email, confirmation_code);
      return { UserConfirmed: false, UserSub: user.sub, ...deliveryTo(Username) };
    },
  ),

  ConfirmSignUp: call(
    z.object({ ...forClient, Username: username, ConfirmationCode: code }),
    ({ Username, ConfirmationCode }, { users, guesses, clock }) => {
      guesses.count('code', guessed(Username, users));
      const user = users.find(Username);
      if (user?.confirmation_code === undefined || !isSame(ConfirmationCode, user.confirmation_code)) throw wrongCode();
      if ((user.confirmation_until ?? 0) <= clock().getTime()) throw lateCode();
      guesses.forget('code', guessed(Username, users));
      users.change(user.sub, { confirmation_code: undefined, confirmation_until: undefined });
      return {};
    },
  ),

  ResendConfirmationCode: call(
    z.object({ ...forClient, Username: username }),
    ({ Username }, { users, guesses, clock, deliverCode }) => {
      guesses.count('delivery', guessed(Username, users));
      const user = users.find(Username);
      if (user?.confirmation_code !== undefined) {
        const confirmation_code = freshCode();
        users.change(user.sub, { confirmation_code, confirmation_until: clock().getTime() + SIGN_UP_CODE_MS });
        deliverCode('confirmation', user.email, confirmation_code);
      }
      return deliveryTo(Username);
    },
  ),
};
