import path from 'node:path';
import { cognitoDoor } from '../../../local/host/http/cognito-door';
import { oauthDoor } from '../../../local/host/http/oauth-door';
import { startHttp } from '../../../local/host/http/server';
import { cognitoServices } from '../../../local/host/identity/identity';
import { machineCredentials } from '../../../local/host/identity/machine-client';
import { type Mfa, PERSON_CLIENT } from '../../../local/host/identity/pool';
import { signingKey } from '../../../local/host/identity/signing-key';
import { createTokens } from '../../../local/host/identity/tokens';
import { type Json, silentLog } from './temporary';

export interface SignedIn {
  readonly AccessToken: string;
  readonly IdToken: string;
  readonly RefreshToken: string;
}

export const PASSWORD = 'Lovelace-1815';

/** One of Cognito's calls as its clients send it: AWS JSON 1.1 over HTTP. */
export async function cognitoPost(url: string, name: string, body: unknown): Promise<{ status: number; body: Json }> {
  const response = await fetch(`${url}/cognito`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${name}`,
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

/** The sign-in alone behind real HTTP, with a clock to be moved and its mail to be read. */
export async function openSignIn(folder: string, mfa: Mfa = 'optional') {
  const time = { now: Date.parse('2026-05-17T12:00:00Z') };
  const clock = () => new Date(time.now);
  const said: string[] = [];
  const keyFile = path.join(folder, 'signing-key.pem');
  const usersFile = path.join(folder, 'users.json');
  const machineFile = path.join(folder, 'machine-client.json');
  const key = await signingKey(keyFile);
  const tokens = createTokens(key, () => new Date());
  const services = { ...cognitoServices({ usersFile, tokens, clock, mfa, say: (line) => said.push(line) }) };
  const machine = machineCredentials(machineFile);
  const http = await startHttp({
    port: 0,
    routes: [],
    functions: {},
    tokens,
    clock,
    log: silentLog,
    doors: [cognitoDoor(services, key, silentLog), oauthDoor(machine, tokens)],
  });

  const call = (name: string, body: Record<string, unknown>) => cognitoPost(http.url, name, body);
  const forClient = (name: string, body: Record<string, unknown>) => call(name, { ClientId: PERSON_CLIENT, ...body });
  const codeOf = (email: string) => said.findLast((line) => line.includes(email))?.slice(-6) ?? '';
  const signIn = (email: string, password = PASSWORD) =>
    forClient('InitiateAuth', {
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: email, PASSWORD: password },
    });

  return {
    url: http.url,
    close: () => http.close(),
    files: { keyFile, usersFile, machineFile },
    time,
    said,
    tokens,
    machine,
    call,
    forClient,
    codeOf,
    signIn,
    /** Somebody new, confirmed and signed in. */
    async person(email: string): Promise<SignedIn> {
      await forClient('SignUp', { Username: email, Password: PASSWORD });
      await forClient('ConfirmSignUp', { Username: email, ConfirmationCode: codeOf(email) });
      return (await signIn(email)).body.AuthenticationResult as SignedIn;
    },
    refresh: (REFRESH_TOKEN: string) =>
      forClient('InitiateAuth', { AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters: { REFRESH_TOKEN } }),
  };
}
