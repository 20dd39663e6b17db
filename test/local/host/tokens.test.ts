import { generateKeyPairSync, randomUUID } from 'node:crypto';
import path from 'node:path';
import { SignJWT } from 'jose';
import { ISSUER, PERSON_CLIENT } from '../../../local/host/identity/pool';
import { type SigningKey, signingKey } from '../../../local/host/identity/signing-key';
import { createTokens, type Tokens } from '../../../local/host/identity/tokens';
import { temporaryFolder } from './temporary';

const folder = temporaryFolder();
const keyFile = path.join(folder, 'identity', 'key.pem');
const clock = () => new Date();
const person = { sub: randomUUID(), username: 'ada', email: 'ada@example.com' };
let key: SigningKey;
let tokens: Tokens;

beforeAll(async () => {
  key = await signingKey(keyFile);
  tokens = createTokens(key, clock);
});

const goodClaims = () => ({
  client_id: PERSON_CLIENT,
  token_use: 'access',
  scope: 's',
  auth_time: 1,
  jti: randomUUID(),
});

/** A token with one thing about it changed. */
function forged(change: {
  claims?: Record<string, unknown>;
  issuer?: string;
  expires?: string;
  privateKey?: SigningKey['privateKey'];
  keyId?: string;
}): Promise<string> {
  return new SignJWT({ ...goodClaims(), ...change.claims })
    .setProtectedHeader({ alg: 'RS256', kid: change.keyId ?? key.keyId })
    .setIssuer(change.issuer ?? ISSUER)
    .setSubject(person.sub)
    .setIssuedAt()
    .setExpirationTime(change.expires ?? '1h')
    .sign(change.privateKey ?? key.privateKey);
}

describe('an access token', () => {
  it('carries what Cognito’s carries', async () => {
    expect(await tokens.verify(await tokens.accessToken(person, 60))).toMatchObject({
      sub: person.sub,
      iss: 'http://signal9.localhost/local_Signal9',
      client_id: 'signal9-local-person',
      token_use: 'access',
      scope: 'aws.cognito.signin.user.admin',
      username: 'ada',
      jti: expect.any(String),
    });
  });

  it('of a machine carries the market’s scope and no person', async () => {
    const claims = await tokens.verify(await tokens.machineToken(60));
    expect(claims).toMatchObject({ sub: 'signal9-local-machine', scope: 'signal9/market.read' });
    expect(claims).not.toHaveProperty('username');
  });

  it('is good after a restart, for the key is the installation’s', async () => {
    const token = await tokens.accessToken(person, 60);
    await expect(createTokens(await signingKey(keyFile), clock).verify(token)).resolves.toMatchObject({
      username: 'ada',
    });
  });

  it('with nothing changed is accepted, so that what follows is refused for what it changes', async () => {
    await expect(tokens.verify(await forged({}))).resolves.toBeDefined();
  });

  it.each([
    ['of another issuer', { issuer: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_x' }],
    ['that expired', { expires: '-1s' }],
    ['that says who somebody is, not what they may', { claims: { token_use: 'id' } }],
    ['of another client', { claims: { client_id: 'another' } }],
    ['without a scope', { claims: { scope: undefined } }],
    ['of an unknown key', { keyId: 'another' }],
  ])('%s is refused', async (_what, change) => {
    await expect(tokens.verify(await forged(change))).rejects.toThrow();
  });

  it('signed with another key under our key’s name is refused', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await expect(tokens.verify(await forged({ privateKey: privateKey as never }))).rejects.toThrow();
  });

  it('without a signature, or with a symmetric one made of the public key, is refused', async () => {
    const [, payload = ''] = (await tokens.accessToken(person, 60)).split('.');
    const none = Buffer.from(JSON.stringify({ alg: 'none', kid: key.keyId })).toString('base64url');
    await expect(tokens.verify(`${none}.${payload}.`)).rejects.toThrow();
    const symmetric = await new SignJWT(goodClaims())
      .setProtectedHeader({ alg: 'HS256', kid: key.keyId })
      .setIssuer(ISSUER)
      .setSubject('x')
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(JSON.stringify(key.jwk)));
    await expect(tokens.verify(symmetric)).rejects.toThrow();
  });

  it.each(['', 'x', 'a.b.c'])('that is none (%j) is refused', async (text) => {
    await expect(tokens.verify(text)).rejects.toThrow();
  });
});
