import path from 'node:path';
import type { Clock, Log } from '../../../lambda/adapters/ports';
import type { DataDirectory } from '../data-directory';
import { errorFields } from '../../../lambda/adapters/log-fields';
import type { CognitoServices } from './cognito-calls';
import { keepDemoTokensFresh, writeDemoTokens } from './demo-tokens';
import { type SigningKey, signingKey } from './signing-key';
import { createTokens, type Tokens } from './tokens';
import { openUsers } from './users';

export interface Identity {
  readonly tokens: Tokens;
  readonly key: SigningKey;
  readonly cognito: CognitoServices;
  /** A token that lets the host ask its own API. */
  ownToken(): Promise<string>;
  close(): void;
}

/** The sign-in of this machine: its key, its users, and fresh demo tokens in the data directory. */
export async function openIdentity(
  directory: DataDirectory,
  clock: Clock,
  log: Log,
  say: (line: string) => void,
): Promise<Identity> {
  const key = await signingKey(path.join(directory.identity, 'signing-key.pem'));
  const users = openUsers(path.join(directory.identity, 'users.json'), clock);
  const tokens = createTokens(key, clock);
  const renew = () => writeDemoTokens(directory, users, tokens);
  await renew();
  const deliverCode = (email: string, code: string) => say(`Sign-up of ${email}: the confirmation code is ${code}`);
  return {
    tokens,
    key,
    cognito: { users, tokens, deliverCode },
    ownToken: () => tokens.machineToken(60),
    close: keepDemoTokensFresh(renew, (error) => log.error('demo tokens not renewed', errorFields(error))),
  };
}
