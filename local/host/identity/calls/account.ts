import { z } from 'zod';
import { CognitoError, wrongPassword } from '../cognito-error';
import { hashOf, isPassword, refuseWeak } from '../password';
import { isDemo } from '../users';
import { accessToken, call, forClient, ownerOf, password } from './call';

/** What somebody signed in may do to their own account. */
export const accountCalls = {
  GetUser: call(z.object({ AccessToken: accessToken }), async ({ AccessToken }, services) => {
    const { sub, email, totp } = await ownerOf(AccessToken, services);
    return {
      Username: sub,
      UserAttributes: [
        { Name: 'email', Value: email },
        { Name: 'email_verified', Value: 'true' },
        { Name: 'sub', Value: sub },
      ],
      ...(totp?.enabled === true && {
        PreferredMfaSetting: 'SOFTWARE_TOKEN_MFA',
        UserMFASettingList: ['SOFTWARE_TOKEN_MFA'],
      }),
    };
  }),

  ChangePassword: call(
    z.object({ AccessToken: accessToken, PreviousPassword: password, ProposedPassword: password }),
    async ({ AccessToken, PreviousPassword, ProposedPassword }, services) => {
      const { users, guesses } = services;
      const user = await ownerOf(AccessToken, services);
      refuseWeak(ProposedPassword);
      guesses.count('password', user.email);
      if (!(await isPassword(PreviousPassword, user.password))) throw wrongPassword();
      const hashed = await hashOf(ProposedPassword);
      // Two changes at once: the one that proved a password which is no longer the user's comes too late.
      if (users.find(user.sub)?.password?.hash !== user.password?.hash) throw wrongPassword();
      guesses.forget('password', user.email);
      users.change(user.sub, { password: hashed });
      return {};
    },
  ),

  GlobalSignOut: call(z.object({ AccessToken: accessToken }), async ({ AccessToken }, services) => {
    const { sub } = await ownerOf(AccessToken, services);
    services.signIns.closeAll(sub);
    services.challenges.closeAll(sub);
    return {};
  }),

  /** RFC 7009: a token that is unknown, or was revoked before, is revoked. */
  RevokeToken: call(
    z.object({ ...forClient, Token: z.string().min(1).max(8192) }),
    async ({ Token }, { signIns, tokens }) => {
      if (await tokens.verify(Token).catch(() => undefined)) {
        throw new CognitoError('UnsupportedTokenTypeException', 'Only refresh tokens can be revoked');
      }
      signIns.close(Token);
      return {};
    },
  ),

  DeleteUser: call(z.object({ AccessToken: accessToken }), async ({ AccessToken }, services) => {
    const user = await ownerOf(AccessToken, services);
    if (isDemo(user)) throw new CognitoError('NotAuthorizedException', 'The demo user of this machine stays');
    services.signIns.closeAll(user.sub);
    services.challenges.closeAll(user.sub);
    services.users.remove(user.sub);
    return {};
  }),
};
