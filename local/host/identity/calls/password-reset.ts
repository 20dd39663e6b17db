import { z } from 'zod';
import { lateCode, wrongCode } from '../cognito-error';
import { freshCode, hashOf, isSame, refuseWeak } from '../password';
import { RESET_CODE_MS } from '../pool';
import { call, code, deliveryTo, forClient, guessed, password, username } from './call';

/** For who forgot the password. Every answer is the same whether the name exists or not. */
export const passwordResetCalls = {
  ForgotPassword: call(
    z.object({ ...forClient, Username: username }),
    ({ Username }, { users, guesses, clock, deliverCode }) => {
      guesses.count('delivery', guessed(Username, users));
      const user = users.find(Username);
      // Who never confirmed the address cannot be reached by it; the demo user has no password to forget.
      if (user?.password && user.confirmation_code === undefined) {
        const reset = { code: freshCode(), until: clock().getTime() + RESET_CODE_MS };
        users.change(user.sub, { reset });
        deliverCode('password reset', user.email, reset.code);
      }
      return deliveryTo(Username);
    },
  ),

  ConfirmForgotPassword: call(
    z.object({ ...forClient, Username: username, ConfirmationCode: code, Password: password }),
    async ({ Username, ConfirmationCode, Password }, { users, guesses, signIns, challenges, clock }) => {
      refuseWeak(Password);
      guesses.count('code', guessed(Username, users));
      const hashed = await hashOf(Password);
      const user = users.find(Username);
      if (!user?.reset || !isSame(ConfirmationCode, user.reset.code)) throw wrongCode();
      if (user.reset.until <= clock().getTime()) throw lateCode();
      for (const of of ['code', 'delivery', 'password'] as const) guesses.forget(of, guessed(Username, users));
      users.change(user.sub, { password: hashed, reset: undefined });
      // Whoever knew the old password is out.
      signIns.closeAll(user.sub);
      challenges.closeAll(user.sub);
      return {};
    },
  ),
};
