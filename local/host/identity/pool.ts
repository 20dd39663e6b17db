/**
 * The user pool of this machine. Its issuer is a fixed name without a port: tokens stay good when PORT changes, and
 * keys are taken from this process, never fetched from what a token names.
 */
export const POOL_ID = 'local_Signal9';
export const ISSUER = `http://signal9.localhost/${POOL_ID}`;

/** The app client of people (the console) and the one of machines, as two Cognito app clients would be. */
export const PERSON_CLIENT = 'signal9-local-person';
export const MACHINE_CLIENT = 'signal9-local-machine';
