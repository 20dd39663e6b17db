import { generateKeyPairSync } from 'node:crypto';
import { JwtVerifier } from 'aws-jwt-verify';
import { FetchError } from 'aws-jwt-verify/error';
import { SignJWT } from 'jose';
import { MARKET_SCOPE, PERSON_SCOPE } from '../../../contract/route';
import { makeHandler } from '../../../lambda/portfolio/live-authorizer';
import { judgeBy } from '../../../lambda/portfolio/live/verdict';

const ISSUER = 'https://pool.example';
const METHOD = 'arn:aws:execute-api:us-east-1:123456789012:api/dev/$connect';
const pool = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });

const verifier = JwtVerifier.create({ issuer: ISSUER, audience: null, jwksUri: `${ISSUER}/jwks` });
const jwk = pool.publicKey.export({ format: 'jwk' });
verifier.cacheJwks({ keys: [{ kid: 'k1', kty: 'RSA', use: 'sig', alg: 'RS256', n: jwk.n ?? '', e: jwk.e ?? '' }] });
const authorize = makeHandler({ judge: judgeBy((token) => verifier.verify(token)) });

/** The library looks at the machine's own clock. */
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
const tokenOf = (scope: string, exp = inSeconds(3600), key = pool.privateKey) =>
  new SignJWT({ scope, token_use: 'access' })
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .setIssuer(ISSUER)
    .setSubject('ada')
    .setExpirationTime(exp)
    .sign(key);
const asking = (fields: object) => ({ type: 'REQUEST', methodArn: METHOD, ...fields });
const offering = (token: string) => asking({ headers: { 'Sec-WebSocket-Protocol': `signal9, ${token}` } });
const statement = (Effect: string) => ({
  Version: '2012-10-17',
  Statement: [{ Action: 'execute-api:Invoke', Effect, Resource: METHOD }],
});

it('admits a person to exactly the route that they asked for, by either way to bring a token', async () => {
  const exp = inSeconds(60);
  const token = await tokenOf(`openid ${PERSON_SCOPE}`, exp);
  const admitted = {
    principalId: 'ada',
    policyDocument: statement('Allow'),
    context: { user_id: 'ada', token_expires_at: exp },
  };
  expect(await authorize(offering(token))).toEqual(admitted);
  expect(await authorize(asking({ headers: { 'sec-websocket-protocol': `signal9,${token}` } }))).toEqual(admitted);
  expect(await authorize(asking({ headers: {}, queryStringParameters: { token } }))).toEqual(admitted);
  expect(await authorize(asking({ headers: null, queryStringParameters: { token } }))).toEqual(admitted);
});

it.each([
  ['no token', async () => asking({})],
  ['no token beside the subprotocol', async () => asking({ headers: { 'Sec-WebSocket-Protocol': 'signal9' } })],
  [
    'a token beside another subprotocol',
    async () => asking({ headers: { 'Sec-WebSocket-Protocol': `chat, ${await tokenOf(PERSON_SCOPE)}` } }),
  ],
  ['something that is no token', async () => offering('x.y.z')],
  [
    'a token that somebody else signed',
    async () => offering(await tokenOf(PERSON_SCOPE, inSeconds(60), stranger.privateKey)),
  ],
  [
    'an expired token that somebody else signed',
    async () => offering(await tokenOf(PERSON_SCOPE, inSeconds(-60), stranger.privateKey)),
  ],
])('answers 401 to %s', async (_, request) => {
  await expect(authorize(await request())).rejects.toThrow(/^Unauthorized$/);
});

it('admits one of our tokens that has expired as nobody, so that it can be told', async () => {
  const exp = inSeconds(-60);
  expect(await authorize(offering(await tokenOf(PERSON_SCOPE, exp)))).toEqual({
    principalId: 'nobody',
    policyDocument: statement('Allow'),
    context: { user_id: '', token_expires_at: exp },
  });
});

it('refuses a machine: portfolios are people’s', async () => {
  expect(await authorize(offering(await tokenOf(MARKET_SCOPE)))).toEqual({
    principalId: 'ada',
    policyDocument: statement('Deny'),
  });
});

it('does not call a token wrong where the keys cannot be had', async () => {
  const cut = makeHandler({ judge: judgeBy(() => Promise.reject(new FetchError(`${ISSUER}/jwks`, 'timed out'))) });
  await expect(cut(offering('x.y.z'))).rejects.toThrow('timed out');
});
