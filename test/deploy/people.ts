import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { createSrpSession, signSrpSession, wrapAuthChallenge, wrapInitiateAuth } from 'cognito-srp-helper';
import * as z from 'zod';
import { MARKET_SCOPE } from '../../contract/route';
import type { Deployment } from './deployment';
import { ENDPOINT } from './emulator';

const PASSWORD = 'Correct-horse-9-battery';

/** Somebody new, invited as docs/deploy.md has it, signed in as the console signs in: by SRP. @returns an access token */
export async function signUp({ userPoolId, consoleClientId }: Deployment, email: string): Promise<string> {
  const cognito = new CognitoIdentityProviderClient({});
  const attributes = { email, email_verified: 'true' };
  await cognito.send(
    new AdminCreateUserCommand({
      UserPoolId: userPoolId,
      Username: email,
      MessageAction: 'SUPPRESS',
      UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
    }),
  );
  await cognito.send(
    new AdminSetUserPasswordCommand({ UserPoolId: userPoolId, Username: email, Password: PASSWORD, Permanent: true }),
  );
  const session = createSrpSession(email, PASSWORD, userPoolId, false);
  const begun = await cognito.send(
    new InitiateAuthCommand(
      wrapInitiateAuth(session, {
        ClientId: consoleClientId,
        AuthFlow: 'USER_SRP_AUTH',
        AuthParameters: { USERNAME: email },
      }) as ConstructorParameters<typeof InitiateAuthCommand>[0],
    ),
  );
  const signed = signSrpSession(session, begun);
  const { AuthenticationResult } = await cognito.send(
    new RespondToAuthChallengeCommand(
      wrapAuthChallenge(signed, {
        ClientId: consoleClientId,
        ChallengeName: 'PASSWORD_VERIFIER',
        ChallengeResponses: { USERNAME: email },
        ...(begun.Session && { Session: begun.Session }),
      }) as ConstructorParameters<typeof RespondToAuthChallengeCommand>[0],
    ),
  );
  return z.string().parse(AuthenticationResult?.AccessToken);
}

/** A machine's token, as the machine's client gets it: by its secret. */
export async function machineToken({ userPoolId, machineClientId }: Deployment): Promise<string> {
  const { UserPoolClient } = await new CognitoIdentityProviderClient({}).send(
    new DescribeUserPoolClientCommand({ UserPoolId: userPoolId, ClientId: machineClientId }),
  );
  const response = await fetch(`${ENDPOINT}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: machineClientId,
      client_secret: z.string().parse(UserPoolClient?.ClientSecret),
      scope: MARKET_SCOPE,
    }),
  });
  return z.object({ access_token: z.string() }).parse(await response.json()).access_token;
}

/** Tokens of two people and of a machine. */
export interface People {
  readonly person: string;
  readonly otherPerson: string;
  readonly machine: string;
}

export async function signInPeople(deployment: Deployment): Promise<People> {
  return {
    person: await signUp(deployment, 'ada@example.com'),
    otherPerson: await signUp(deployment, 'grace@example.com'),
    machine: await machineToken(deployment),
  };
}
