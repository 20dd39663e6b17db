import { createHash, randomBytes, randomInt, randomUUID, scrypt, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../../lambda/adapters/ports';
import { stateFile } from '../state-file';
import type { Person } from './tokens';

const user = z.object({
  sub: z.uuid(),
  username: z.string(),
  email: z.string(),
  /** Absent for the demo user, who signs in with the token file. */
  password: z.object({ salt: z.string(), hash: z.string() }).optional(),
  /** Absent once confirmed. */
  confirmation_code: z.string().optional(),
  created_at: z.string(),
});
const directory = z.object({
  users: z.array(user),
  /** By SHA-256 of the token: the file lets nobody in. */
  refresh_tokens: z.record(z.string(), z.object({ sub: z.uuid(), expires_at: z.number() })),
});
type User = z.infer<typeof user>;

/** The users of this machine, in a file that only its owner reads. Errors carry Cognito's names. */
export interface Users {
  signUp(username: string, password: string, email: string): Promise<{ person: Person; code: string }>;
  confirm(username: string, code: string): void;
  /** @throws CognitoError NotAuthorizedException, UserNotConfirmedException */
  authenticate(username: string, password: string): Promise<Person>;
  bySub(sub: string): (Person & { readonly created_at: string }) | undefined;
  /** Made at the first start, the same ever after. */
  demoUser(): Person;
  issueRefreshToken(person: Person, seconds: number): string;
  redeemRefreshToken(token: string): Person;
}

/** A failure by the name that Cognito's clients know. */
export class CognitoError extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }
}

const DEMO_EMAIL = 'demo@signal9.localhost';
const wrongPassword = () => new CognitoError('NotAuthorizedException', 'Incorrect username or password.');
const digestOf = (token: string) => createHash('sha256').update(token).digest('hex');

export function openUsers(file: string, clock: Clock): Users {
  const state = stateFile(file, directory, { users: [], refresh_tokens: {} });
  const find = (username: string) => state.read().users.find((one) => one.username === username.toLowerCase());

  function add(fresh: User): User {
    const { users, refresh_tokens } = state.read();
    state.write({ users: [...users, fresh], refresh_tokens });
    return fresh;
  }

  return {
    async signUp(username, password, email) {
      refuseWeak(password);
      const hashed = await hashOf(password);
      if (find(username)) throw new CognitoError('UsernameExistsException', 'User already exists');
      const code = String(randomInt(0, 1_000_000)).padStart(6, '0');
      const fresh = {
        sub: randomUUID(),
        username: username.toLowerCase(),
        email,
        password: hashed,
        confirmation_code: code,
        created_at: clock().toISOString(),
      };
      return { person: add(fresh), code };
    },

    confirm(username, code) {
      const found = find(username);
      if (found?.confirmation_code === undefined || found.confirmation_code !== code) {
        throw new CognitoError('CodeMismatchException', 'Invalid verification code provided, please try again.');
      }
      const { users, refresh_tokens } = state.read();
      const { confirmation_code: _spent, ...confirmed } = found;
      state.write({ users: users.map((one) => (one.sub === found.sub ? confirmed : one)), refresh_tokens });
    },

    async authenticate(username, password) {
      const found = find(username);
      // The hash is computed for an unknown name too: how long an answer takes must not tell which names exist.
      const attempt = await hashOf(password, found?.password?.salt);
      if (!found?.password || !sameText(attempt.hash, found.password.hash)) throw wrongPassword();
      if (found.confirmation_code !== undefined) {
        throw new CognitoError('UserNotConfirmedException', 'User is not confirmed.');
      }
      return found;
    },

    bySub: (sub) => state.read().users.find((one) => one.sub === sub),

    demoUser: () =>
      find(DEMO_EMAIL) ??
      add({ sub: randomUUID(), username: DEMO_EMAIL, email: DEMO_EMAIL, created_at: clock().toISOString() }),

    issueRefreshToken({ sub }, seconds) {
      const token = randomBytes(48).toString('base64url');
      const { users, refresh_tokens } = state.read();
      const now = clock().getTime();
      const live = Object.entries(refresh_tokens).filter(([, { expires_at }]) => expires_at > now);
      const issued = { sub, expires_at: now + seconds * 1000 };
      state.write({ users, refresh_tokens: { ...Object.fromEntries(live), [digestOf(token)]: issued } });
      return token;
    },

    redeemRefreshToken(token) {
      const { users, refresh_tokens } = state.read();
      const held = refresh_tokens[digestOf(token)];
      const owner = users.find((one) => one.sub === held?.sub);
      if (!held || !owner || held.expires_at <= clock().getTime()) {
        throw new CognitoError('NotAuthorizedException', 'Invalid Refresh Token');
      }
      return owner;
    },
  };
}

/** The pool's password policy, Cognito's default. */
function refuseWeak(password: string): void {
  const fits = password.length >= 8 && [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].every((kind) => kind.test(password));
  if (!fits) {
    throw new CognitoError(
      'InvalidPasswordException',
      'Password did not conform with policy: 8 characters with lower case, upper case, a digit and a symbol',
    );
  }
}

function hashOf(password: string, salt = randomBytes(16).toString('hex')): Promise<{ salt: string; hash: string }> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 64, (error, key) => {
      if (error) reject(error);
      else resolve({ salt, hash: key.toString('hex') });
    });
  });
}

const sameText = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
