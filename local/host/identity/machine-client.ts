import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { stateFile } from '../state-file';
import { MACHINE_CLIENT } from './pool';

const credentials = z.object({ client_id: z.string(), client_secret: z.string().min(1) });
/** What a machine signs in with, as Cognito gives it to an app client with a secret. */
export type MachineCredentials = z.infer<typeof credentials>;

/** Reads the machine client's credentials, or makes them at the first start. */
export function machineCredentials(file: string): MachineCredentials {
  const kept = stateFile(file, credentials, { client_id: MACHINE_CLIENT, client_secret: '' });
  const held = kept.read();
  if (held.client_secret !== '') return held;
  const fresh = { client_id: MACHINE_CLIENT, client_secret: randomBytes(32).toString('base64url') };
  kept.write(fresh);
  return fresh;
}
