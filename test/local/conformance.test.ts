import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Route } from '../../contract/route';
import { type RouteId, routes } from '../../contract/routes';
import { PERSON_CLIENT } from '../../local/host/identity/pool';
import { platformFunctions } from '../../local/host/functions';
import { type Host, startHost } from '../../local/host/host';
import { parseSettings } from '../../local/settings';
import { cases, documented, type Outcome, runConformance, type Target } from '../conformance/cases';
import { liveCases, portfoliosOver } from '../conformance/live-cases';
import { temporaryFolder } from './host/temporary';

/** The conformance suite against the real host of one machine; the same cases run against a deployment. */

const settings = parseSettings({
  PORT: '0',
  SIGNAL9_DATA_DIR: path.join(temporaryFolder(), 'data'),
  SIGNAL9_UNIVERSE: '25',
  ALPHAVANTAGE_RPS: '100',
  ALPHAVANTAGE_RPM: 'none',
});
const said: string[] = [];
let host: Host;
let target: Target;
let outcomes: readonly Outcome[];

beforeAll(async () => {
  host = await startHost(settings, { functions: platformFunctions, say: (line) => said.push(line) });
  await host.firstDay;
  target = {
    baseUrl: host.url,
    personToken: readFileSync(host.directory.demoToken, 'utf8').trim(),
    otherPersonToken: await signUp('other@example.com', 'Correct-horse-9'),
    machineToken: readFileSync(host.directory.demoMachineToken, 'utf8').trim(),
  };
  outcomes = await runConformance(target);
}, 120_000);
afterAll(() => host.stop());

/** Somebody new, through Cognito's own calls. */
async function signUp(Username: string, Password: string): Promise<string> {
  const ClientId = PERSON_CLIENT;
  await cognito('SignUp', { ClientId, Username, Password });
  const ConfirmationCode = /confirmation code is (\d+)/.exec(said.find((line) => line.includes(Username)) ?? '')?.[1];
  await cognito('ConfirmSignUp', { ClientId, Username, ConfirmationCode });
  const AuthParameters = { USERNAME: Username, PASSWORD: Password };
  const { AuthenticationResult } = await cognito('InitiateAuth', {
    ClientId,
    AuthFlow: 'USER_PASSWORD_AUTH',
    AuthParameters,
  });
  return AuthenticationResult.AccessToken;
}

async function cognito(call: string, body: object) {
  const response = await fetch(`${host.url}/cognito`, {
    method: 'POST',
    headers: {
      'x-amz-target': `AWSCognitoIdentityProviderService.${call}`,
      'content-type': 'application/x-amz-json-1.1',
    },
    body: JSON.stringify(body),
  });
  return (await response.json()) as { AuthenticationResult: { AccessToken: string } };
}

test.each(cases.map((one) => [`${one.route} ${String(one.status)}`, one.says, one] as const))(
  '%s, %s',
  (_, __, one) => {
    expect(outcomes[cases.indexOf(one)]).toMatchObject({ route: one.route, failure: null });
  },
);

test.each(liveCases.map((one) => [one.says, one] as const))('over its WebSocket it %s', async (_, one) => {
  await one.run({
    ...target,
    url: `${host.url.replace('http', 'ws')}/ws`,
    makePortfolio: portfoliosOver(host.url),
    valuationWithinMs: 10_000,
  });
});

test.each(Object.entries(routes) as [RouteId, Route][])('%s has a case for every answer it documents', (id, route) => {
  const covered = new Set(cases.filter((one) => one.route === id).map(({ status }) => status));
  expect(documented(route).filter((status) => !covered.has(status))).toEqual([]);
});

test('the suite finds a fault where there is one', async () => {
  // With the machine's token in a person's place.
  const made = cases.filter(({ route, status }) => route === 'createUser' && status === 201);
  const [outcome] = await runConformance({ ...target, personToken: target.machineToken }, made);
  expect(outcome?.failure).toContain('403');
});
