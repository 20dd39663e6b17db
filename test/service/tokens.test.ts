import { FetchError } from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { PERSON_SCOPE } from '../../contract/route';
import { cognitoTokens, poolVerifier } from '../../service/tokens';
import { recordingLog } from '../lambda/api/call';

const POOL = 'us-east-1_Abcdefghi';
const ISSUER = `https://cognito-idp.us-east-1.amazonaws.com/${POOL}`;
const time = { now: Date.now() };

/** A pool with its own key, behind a network that a test may cut. */
async function pool() {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', use: 'sig', alg: 'RS256' }] };
  const network = { isCut: false };
  const fetch = async (uri: string) => {
    if (network.isCut) throw new FetchError(uri, 'no route');
    return new TextEncoder().encode(JSON.stringify(keys)).buffer;
  };
  const parameter = { id: undefined as string | undefined, asked: 0 };
  const tokens = cognitoTokens({
    userPoolId: async () => {
      parameter.asked += 1;
      if (parameter.id === undefined) throw new Error('no such parameter');
      return parameter.id;
    },
    verifierOf: (id) => poolVerifier(id, new SimpleJwksCache({ fetcher: { fetch } })),
    clock: () => new Date(time.now),
    log: recordingLog(),
  });
  const sign = (claims: object = {}, { kid = 'k1', expires = '1h' } = {}) =>
    new SignJWT({ token_use: 'access', scope: `${PERSON_SCOPE} openid`, client_id: 'any', ...claims })
      .setProtectedHeader({ alg: 'RS256', kid })
      .setSubject('anna')
      .setIssuer(ISSUER)
      .setIssuedAt()
      .setExpirationTime(expires)
      .sign(privateKey);
  return { tokens, sign, network, parameter };
}

test('takes a person’s access token of the pool, and nothing else', async () => {
  const { tokens, sign, parameter } = await pool();
  parameter.id = POOL;
  expect(await tokens.verify(await sign())).toEqual({ sub: 'anna', scope: `${PERSON_SCOPE} openid` });
  const stranger = await pool();
  for (const bad of [
    'nonsense',
    await sign({ token_use: 'id', aud: 'any' }),
    await sign({}, { expires: '-1h' }),
    await sign({}, { kid: 'other' }),
    await stranger.sign(),
    `${(await sign()).split('.').slice(0, 2).join('.')}.`,
  ])
    expect(await tokens.verify(bad)).toBeNull();
  expect([await tokens.health(), parameter.asked]).toEqual(['ok', 1]);
});

test('cannot tell before there is a pool, asks now and then, and can tell when there is', async () => {
  const { tokens, sign, parameter } = await pool();
  const token = await sign();
  for (let i = 0; i < 3; i++) await expect(tokens.verify(token)).rejects.toThrow('no such parameter');
  expect([await tokens.health(), parameter.asked]).toEqual(['the user pool’s keys are not known yet', 1]);
  parameter.id = POOL;
  time.now += 5_000;
  const [first, second] = await Promise.all([tokens.verify(token), tokens.verify(token)]);
  expect([first?.sub, second?.sub, parameter.asked]).toEqual(['anna', 'anna', 2]);
});

test('cannot tell while the pool’s keys cannot be fetched, and needs no network for the ones it has', async () => {
  const { tokens, sign, parameter, network } = await pool();
  parameter.id = POOL;
  network.isCut = true;
  await expect(tokens.verify(await sign())).rejects.toThrow();
  network.isCut = false;
  time.now += 5_000;
  expect(await tokens.verify(await sign())).not.toBeNull();
  network.isCut = true;
  expect(await tokens.verify(await sign())).not.toBeNull();
  await expect(tokens.verify(await sign({}, { kid: 'new' }))).rejects.toThrow(FetchError);
});
