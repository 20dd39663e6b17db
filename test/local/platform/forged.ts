import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { PERSON_SCOPE } from '../../../contract/route';
import { ISSUER, MACHINE_CLIENT, PERSON_CLIENT } from '../../../local/host/identity/pool';
import type { Person, Platform } from './platform';

/** What a caller without a good token may put into Authorization, by name. All of it is 401. */
export async function badAuthorizations(
  { key }: Platform,
  person: Person,
): Promise<Record<string, string | undefined>> {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const [header = '', payload = '', signature = ''] = person.token.split('.');

  const signed = (change: {
    claims?: Record<string, unknown>;
    issuer?: string;
    seconds?: number;
    by?: typeof other;
    keyId?: string;
    issued?: number;
  }) => {
    const now = Math.floor(Date.now() / 1000);
    const good = { client_id: PERSON_CLIENT, token_use: 'access', scope: PERSON_SCOPE, username: person.sub };
    return new SignJWT({ ...good, auth_time: now, ...change.claims })
      .setProtectedHeader({ alg: 'RS256', kid: change.keyId ?? key.keyId })
      .setIssuer(change.issuer ?? ISSUER)
      .setSubject(person.sub)
      .setIssuedAt(now)
      .setExpirationTime(now + (change.seconds ?? 600))
      .setJti(randomUUID())
      .sign(change.by ?? key.privateKey);
  };
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

  const tokens = {
    expired: await signed({ seconds: -60 }),
    'of another pool, by its key': await signed({
      issuer: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_x',
      by: other,
      keyId: 'x',
    }),
    'of another issuer, by our key': await signed({ issuer: `${ISSUER}x` }),
    'by another key under its own name': await signed({ by: other, keyId: 'another' }),
    'by another key under our key’s name': await signed({ by: other }),
    'an id token': person.idToken,
    'an id token with a scope': await signed({ claims: { token_use: 'id', aud: PERSON_CLIENT } }),
    'of another client': await signed({ claims: { client_id: 'another' } }),
    'of no client': await signed({ claims: { client_id: undefined } }),
    'without a scope': await signed({ claims: { scope: undefined } }),
    'not valid yet': await signed({ claims: { nbf: Math.floor(Date.now() / 1000) + 600 } }),
    'with a claim changed': `${header}.${encode({ sub: MACHINE_CLIENT })}.${signature}`,
    'without a signature': `${header}.${payload}.`,
    'of no algorithm': `${encode({ alg: 'none', kid: key.keyId })}.${payload}.`,
    'of two dots': 'a.b.c',
    'of one word': 'x',
    'given twice': `${person.token}, ${person.token}`,
  };
  return {
    'no token': undefined,
    empty: '',
    'Bearer alone': 'Bearer',
    'no Bearer': person.token,
    Basic: `Basic ${Buffer.from(`${person.email}:x`).toString('base64')}`,
    ...Object.fromEntries(Object.entries(tokens).map(([name, token]) => [name, `Bearer ${token}`])),
  };
}

/** Good in all but the scope: what no route's scopes name. */
export const scopeless = ({ key }: Platform, person: Person): Promise<string> =>
  new SignJWT({ client_id: PERSON_CLIENT, token_use: 'access', scope: 'openid email', username: person.sub })
    .setProtectedHeader({ alg: 'RS256', kid: key.keyId })
    .setIssuer(ISSUER)
    .setSubject(person.sub)
    .setIssuedAt()
    .setExpirationTime('10m')
    .setJti(randomUUID())
    .sign(key.privateKey);
