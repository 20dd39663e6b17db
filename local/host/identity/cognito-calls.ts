import { z } from 'zod';
import { PERSON_CLIENT } from './pool';
import type { Person, Tokens } from './tokens';
import { CognitoError, type Users } from './users';

export interface CognitoServices {
  readonly users: Users;
  readonly tokens: Tokens;
  /** Where Cognito would send an e-mail. */
  readonly deliverCode: (email: string, code: string) => void;
}

/** Cognito's defaults: an hour, and thirty days. */
const ACCESS_SECONDS = 3600;
const REFRESH_SECONDS = 30 * 86_400;

const client = { ClientId: z.literal(PERSON_CLIENT) };
const signUp = z.object({
  ...client,
  Username: z.email().max(128),
  Password: z.string().max(256),
});
const confirmSignUp = z.object({ ...client, Username: z.string(), ConfirmationCode: z.string() });
const initiateAuth = z.discriminatedUnion('AuthFlow', [
  z.object({
    ...client,
    AuthFlow: z.literal('USER_PASSWORD_AUTH'),
    AuthParameters: z.object({ USERNAME: z.string(), PASSWORD: z.string().max(256) }),
  }),
  z.object({
    ...client,
    AuthFlow: z.enum(['REFRESH_TOKEN_AUTH', 'REFRESH_TOKEN']),
    AuthParameters: z.object({ REFRESH_TOKEN: z.string() }),
  }),
]);
const getUser = z.object({ AccessToken: z.string() });

/**
 * Cognito's JSON API, the calls that signing up and signing in take.
 *
 * @param target header X-Amz-Target, `AWSCognitoIdentityProviderService.InitiateAuth` say
 * @throws CognitoError by Cognito's names, to be answered with 400
 */
export async function cognitoCall(target: string, body: unknown, services: CognitoServices): Promise<unknown> {
  const { users, tokens, deliverCode } = services;

  async function session(person: Person, refreshToken?: string) {
    return {
      ChallengeParameters: {},
      AuthenticationResult: {
        AccessToken: await tokens.accessToken(person, ACCESS_SECONDS),
        IdToken: await tokens.idToken(person, ACCESS_SECONDS),
        ...(refreshToken !== undefined && { RefreshToken: refreshToken }),
        ExpiresIn: ACCESS_SECONDS,
        TokenType: 'Bearer',
      },
    };
  }

  switch (target.replace(/^AWSCognitoIdentityProviderService\./, '')) {
    case 'SignUp': {
      const { Username, Password } = parsed(signUp, body);
      const { person, code } = await users.signUp(Username, Password, Username);
      deliverCode(person.email, code);
      return {
        UserConfirmed: false,
        UserSub: person.sub,
        CodeDeliveryDetails: { AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: person.email },
      };
    }
    case 'ConfirmSignUp': {
      const { Username, ConfirmationCode } = parsed(confirmSignUp, body);
      users.confirm(Username, ConfirmationCode);
      return {};
    }
    case 'InitiateAuth': {
      const request = parsed(initiateAuth, body);
      if (request.AuthFlow !== 'USER_PASSWORD_AUTH') {
        return session(users.redeemRefreshToken(request.AuthParameters.REFRESH_TOKEN));
      }
      const { USERNAME, PASSWORD } = request.AuthParameters;
      const person = await users.authenticate(USERNAME, PASSWORD);
      return session(person, users.issueRefreshToken(person, REFRESH_SECONDS));
    }
    case 'GetUser': {
      const { AccessToken } = parsed(getUser, body);
      const claims = await tokens.verify(AccessToken).catch(() => undefined);
      const person = claims && users.bySub(claims.sub);
      if (!person) throw new CognitoError('NotAuthorizedException', 'Invalid Access Token');
      return {
        Username: person.username,
        UserAttributes: [
          { Name: 'sub', Value: person.sub },
          { Name: 'email', Value: person.email },
          { Name: 'email_verified', Value: 'true' },
        ],
      };
    }
    default:
      throw new CognitoError('UnknownOperationException', 'This machine does not speak that call of Cognito');
  }
}

function parsed<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const at = result.error.issues[0]?.path.join('.') ?? '';
  throw new CognitoError('InvalidParameterException', `Invalid or missing parameter: ${at}`);
}
