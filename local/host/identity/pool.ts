/**
 * The user pool of this machine. Its issuer is a fixed name without a port: tokens stay good when PORT changes, and
 * keys are taken from this process, never fetched from what a token names.
 */
export const POOL_ID = 'local_Signal9';
export const ISSUER = `http://signal9.localhost/${POOL_ID}`;

/** The app client of people (the console) and the one of machines, as two Cognito app clients would be. */
export const PERSON_CLIENT = 'signal9-local-person';
export const MACHINE_CLIENT = 'signal9-local-machine';

// As lib/constructs/identity.ts configures the pool in AWS; a test holds the two together.
export const ACCESS_SECONDS = 3600;
export const REFRESH_SECONDS = 7 * 86_400;
export const PASSWORD_LENGTH = 12;
/** Whether a second factor is offered, or demanded of everyone. */
export type Mfa = 'optional' | 'required';

// Cognito's own, which nobody configures.
export const SIGN_UP_CODE_MS = 24 * 3600_000;
export const RESET_CODE_MS = 3600_000;
export const CHALLENGE_MS = 3 * 60_000;
