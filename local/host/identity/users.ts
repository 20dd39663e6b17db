import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../lambda/adapters/ports';
import type { IdentityState, User } from './identity-state';
import type { Person } from './tokens';

export type { User } from './identity-state';

/** The users of this machine. Each call reads and writes the file at once, so none sees another's half. */
export interface Users {
  /** By e-mail address in any case, or by `sub`, as Cognito takes either. */
  find(name: string): User | undefined;
  add(email: string, about?: Omit<Partial<User>, 'sub' | 'email' | 'created_at'>): User;
  change(sub: string, change: Partial<User>): void;
  remove(sub: string): void;
  /** Made at the first start, the same ever after. */
  demoUser(): User;
}

const DEMO_EMAIL = 'demo@signal9.localhost';
export const isDemo = ({ email }: User): boolean => email === DEMO_EMAIL;

/** With sign-in by e-mail address Cognito names a user by `sub`: the address may change. */
export const personOf = ({ sub, email }: User): Person => ({ sub, email, username: sub });

export function openUsers(state: IdentityState, clock: Clock): Users {
  const all = () => state.read().users;
  const write = (users: User[]) => state.write({ ...state.read(), users });

  const find = (name: string) => {
    const wanted = name.toLowerCase();
    return all().find(({ sub, email }) => email === wanted || sub === wanted);
  };

  function add(email: string, about: Partial<User> = {}): User {
    const fresh = { ...about, sub: randomUUID(), email: email.toLowerCase(), created_at: clock().toISOString() };
    write([...all(), fresh]);
    return fresh;
  }

  return {
    find,
    add,
    change: (sub, change) => write(all().map((one) => (one.sub === sub ? { ...one, ...change } : one))),
    remove: (sub) => write(all().filter((one) => one.sub !== sub)),
    demoUser: () => find(DEMO_EMAIL) ?? add(DEMO_EMAIL),
  };
}
