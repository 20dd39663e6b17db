import { createHmac, randomBytes } from 'node:crypto';
import { isSame } from './password';

/** Time-based one-time passwords (RFC 6238) as authenticator apps make them: SHA-1, six digits, 30 seconds. */
const STEP_SECONDS = 30;
/** One step of a clock that is off, either way (RFC 6238 §5.2). */
const DRIFT = [0, -1, 1] as const;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A secret of 256 bits in base32, as it is typed into an authenticator app. */
export const freshSecret = (): string => base32(randomBytes(32));

/** @param step 30-second steps since 1970 */
export function codeAt(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', bytesOf(secret)).update(counter).digest();
  // RFC 4226 §5.3: the last nibble says where the 31 bits begin.
  const offset = (digest.at(-1) ?? 0) & 0xf;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

export const stepOf = (now: Date): number => Math.floor(now.getTime() / 1000 / STEP_SECONDS);

/** The step that the code is of, if it is one of now. Who keeps it can refuse the code a second time (RFC 6238 §5.2). */
export function stepOfCode(secret: string, code: string, now: Date): number | undefined {
  return DRIFT.map((drift) => stepOf(now) + drift).find((step) => isSame(code, codeAt(secret, step)));
}

/** RFC 4648 §6, without padding. */
function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const fives = bits.match(/.{1,5}/g) ?? [];
  return fives.map((five) => BASE32.charAt(Number.parseInt(five.padEnd(5, '0'), 2))).join('');
}

function bytesOf(text: string): Buffer {
  const bits = Array.from(text, (char) => BASE32.indexOf(char).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
