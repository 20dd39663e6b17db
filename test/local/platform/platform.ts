import path from 'node:path';
import { platformFunctions } from '../../../local/host/functions';
import { type Host, startHost } from '../../../local/host/host';
import { pathsOf } from '../../../local/host/data-directory';
import { machineCredentials } from '../../../local/host/identity/machine-client';
import { PERSON_CLIENT } from '../../../local/host/identity/pool';
import { type SigningKey, signingKey } from '../../../local/host/identity/signing-key';
import { parseSettings } from '../../../local/settings';
import { cognitoPost, PASSWORD } from '../host/cognito';
import type { Json } from '../host/temporary';
import { type Answer, send, type Sent } from './wire';

/** Somebody signed in by the same calls that the console makes. */
export interface Person {
  readonly sub: string;
  readonly email: string;
  readonly token: string;
  readonly idToken: string;
}

/** The real host over a sandbox, after its first day. */
export interface Platform {
  readonly host: Host;
  readonly key: SigningKey;
  /** A company that was analysed. */
  readonly symbol: string;
  readonly machineToken: string;
  person(): Promise<Person>;
  send(request: Omit<Sent, 'headers'> & { readonly headers?: Sent['headers'] }, token?: string): Promise<Answer>;
}

export async function openPlatform(folder: string): Promise<Platform> {
  const settings = parseSettings({
    PORT: '0',
    SIGNAL9_DATA_DIR: path.join(folder, 'data'),
    SIGNAL9_UNIVERSE: '30',
    ALPHAVANTAGE_RPS: '100',
    ALPHAVANTAGE_RPM: 'none',
  });
  const said: string[] = [];
  const host = await startHost(settings, { functions: platformFunctions, say: (line) => said.push(line) });
  await host.firstDay;
  const { identity } = pathsOf(host.directory.root, 'sandbox');
  let people = 0;

  const sendTo: Platform['send'] = (request, token) =>
    send(host.url, {
      ...request,
      headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...request.headers },
    });
  const machineToken = await tokenOfMachine(host.url, path.join(identity, 'machine-client.json'));
  const { json } = await sendTo({ method: 'GET', path: '/assets?limit=200' }, machineToken);
  const analysed = (json as { items: { symbol: string; rating: unknown }[] }).items.find(
    ({ rating }) => rating !== null,
  );

  return {
    host,
    key: await signingKey(path.join(identity, 'signing-key.pem')),
    symbol: analysed!.symbol,
    machineToken,
    send: sendTo,
    async person() {
      const email = `person-${++people}@example.com`;
      const call = async (name: string, body: Record<string, unknown>): Promise<Json> =>
        (await cognitoPost(host.url, name, { ClientId: PERSON_CLIENT, ...body })).body as unknown;
      const { UserSub } = await call('SignUp', { Username: email, Password: PASSWORD });
      const ConfirmationCode = said.findLast((line) => line.includes(email))!.slice(-6);
      await call('ConfirmSignUp', { Username: email, ConfirmationCode });
      const { AuthenticationResult } = await call('InitiateAuth', {
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: email, PASSWORD },
      });
      return { sub: UserSub, email, token: AuthenticationResult.AccessToken, idToken: AuthenticationResult.IdToken };
    },
  };
}

async function tokenOfMachine(url: string, file: string): Promise<string> {
  const { client_id, client_secret } = machineCredentials(file);
  const response = await fetch(`${url}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}
