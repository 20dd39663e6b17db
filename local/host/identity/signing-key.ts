import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { calculateJwkThumbprint, exportJWK, importPKCS8, type CryptoKey, type JWK } from 'jose';
import { writePrivately } from '../state-file';

/** The installation's own RSA key: signs the tokens of this machine and opens nothing elsewhere. */
export interface SigningKey {
  readonly keyId: string;
  readonly privateKey: CryptoKey;
  /** What `/.well-known/jwks.json` shows. */
  readonly jwk: JWK;
}

/** Reads the key, or makes it at the first start. */
export async function signingKey(file: string): Promise<SigningKey> {
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    writePrivately(file, privateKey);
  }
  const pem = readFileSync(file, 'utf8');
  const jwk = await exportJWK(createPublicKey(pem));
  const keyId = await calculateJwkThumbprint(jwk);
  return {
    keyId,
    privateKey: await importPKCS8(pem, 'RS256'),
    jwk: { ...jwk, kid: keyId, alg: 'RS256', use: 'sig' },
  };
}
