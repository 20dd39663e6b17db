import path from 'node:path';
import { errorFields } from '../../../lambda/adapters/log-fields';
import type { Clock, Log } from '../../../lambda/adapters/ports';
import type { DataDirectory } from '../data-directory';
import { createChallenges } from './challenges';
import type { CognitoServices } from './cognito-calls';
import { keepDemoTokensFresh, writeDemoTokens } from './demo-tokens';
import { createGuesses } from './guesses';
import { openIdentityState } from './identity-state';
import { type MachineCredentials, machineCredentials } from './machine-client';
import type { Mfa } from './pool';
import { openSignIns } from './sign-ins';
import { type SigningKey, signingKey } from './signing-key';
import { createTokens, type Tokens } from './tokens';
import { openUsers } from './users';

export interface Identity {
  readonly tokens: Tokens;
  readonly key: SigningKey;
  readonly cognito: CognitoServices;
  readonly machine: MachineCredentials;
  /** A token that lets the host ask its own API. */
  ownToken(): Promise<string>;
  close(): void;
}

export interface IdentityProps {
  readonly directory: DataDirectory;
  readonly clock: Clock;
  readonly log: Log;
  readonly mfa: Mfa;
  /** Lines for the person at the console. */
  readonly say: (line: string) => void;
}

/** The sign-in of this machine: its keys, its users, and fresh demo tokens in the data directory. */
export async function openIdentity({ directory, clock, log, mfa, say }: IdentityProps): Promise<Identity> {
  const key = await signingKey(path.join(directory.identity, 'signing-key.pem'));
  const machine = machineCredentials(path.join(directory.identity, 'machine-client.json'));
  const tokens = createTokens(key, clock);
  const cognito = cognitoServices({ usersFile: path.join(directory.identity, 'users.json'), tokens, clock, mfa, say });
  const renew = () => writeDemoTokens(directory, cognito.users, tokens);
  await renew();
  return {
    tokens,
    key,
    cognito,
    machine,
    ownToken: () => tokens.machineToken(60),
    close: keepDemoTokensFresh(renew, (error) => log.error('demo tokens not renewed', errorFields(error))),
  };
}

/** Users, sign-ins and what else Cognito's calls work on. A code is said, never logged: it opens an account. */
export function cognitoServices(props: {
  readonly usersFile: string;
  readonly tokens: Tokens;
  readonly clock: Clock;
  readonly mfa: Mfa;
  readonly say: (line: string) => void;
}): CognitoServices {
  const { tokens, clock, mfa } = props;
  const state = openIdentityState(props.usersFile);
  return {
    users: openUsers(state, clock),
    signIns: openSignIns(state, clock),
    challenges: createChallenges(clock),
    guesses: createGuesses(clock),
    tokens,
    clock,
    mfa,
    deliverCode: (purpose, email, code) => props.say(`Mail to ${email}: the ${purpose} code is ${code}`),
  };
}
