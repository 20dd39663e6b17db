import { createHash, randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto';
import { CognitoError } from './cognito-error';
import { PASSWORD_LENGTH } from './pool';

export interface PasswordHash {
  readonly salt: string;
  readonly hash: string;
}

/** The symbols that Cognito counts; a space does where it stands inside. */
const SYMBOL = /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+-]|\S \S/;

/** @throws CognitoError InvalidPasswordException */
export function refuseWeak(password: string): void {
  const missing = [
    [password.length >= PASSWORD_LENGTH, 'Password not long enough'],
    [/[a-z]/.test(password), 'Password must have lowercase characters'],
    [/[A-Z]/.test(password), 'Password must have uppercase characters'],
    [/\d/.test(password), 'Password must have numeric characters'],
    [SYMBOL.test(password), 'Password must have symbol characters'],
  ].find(([holds]) => holds === false);
  if (!missing) return;
  throw new CognitoError('InvalidPasswordException', `Password did not conform with policy: ${String(missing[1])}`);
}

export function hashOf(password: string, salt = randomBytes(16).toString('hex')): Promise<PasswordHash> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 64, (error, key) => {
      if (error) reject(error);
      else resolve({ salt, hash: key.toString('hex') });
    });
  });
}

/** Takes as long without a hash to compare to: how long an answer takes must not tell which names exist. */
export async function isPassword(attempt: string, held: PasswordHash | undefined): Promise<boolean> {
  const { hash } = await hashOf(attempt, held?.salt);
  return held !== undefined && isSame(hash, held.hash);
}

/** Compares secrets in a time that tells nothing of them, not even their length. */
export function isSame(given: string, secret: string): boolean {
  return timingSafeEqual(digestOf(given), digestOf(secret));
}
const digestOf = (text: string) => createHash('sha256').update(text).digest();

/** Six digits, as Cognito mails them. */
export const freshCode = (): string => String(randomInt(0, 1_000_000)).padStart(6, '0');
