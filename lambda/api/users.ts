import { ulid } from 'ulid';
import { userRoutes as routes } from '../../contract/routes/users';
import { DEFAULT_PREFERENCES, type Preferences, type User } from '../../contract/schemas/users';
import { onFirstCall } from '../adapters/aws';
import { busOf } from '../adapters/aws-clients';
import type { BatchPorts } from '../adapters/dynamo/batch';
import { preferenceStore, userStore } from '../adapters/dynamo/users';
import type { EventPublisher } from '../adapters/ports';
import { accountRemoval, removedInWords } from './account-removal';
import { failure } from './answers';
import { hasChanged, refusalByIfMatch } from './entity-tag';
import { type ApiHandler, type Caller, implement, serve, type ServeServices } from './serve';

export interface UserServices extends ServeServices, BatchPorts {
  readonly env: string;
  readonly bus: EventPublisher;
}

/** Profiles and preferences. Whoever asks for another's is told what they would be told if there were none. */
export function makeHandler(services: UserServices): ApiHandler {
  const { documents, env, clock, log } = services;
  const users = userStore(documents, env);
  const preferences = preferenceStore(documents, env);
  const removeAccount = accountRemoval(services, env);
  const stamp = () => ulid(clock().getTime());
  const noUser = () => failure('not_found', 'There is no such user');
  const isSelf = ({ userId }: { readonly userId: string }, { sub }: Caller): boolean =>
    userId === 'me' || userId.toLowerCase() === sub.toLowerCase();

  /** The profile that is there, or the fresh one put there. */
  async function profileOrFresh(fresh: User): Promise<{ readonly profile: User; readonly isFresh: boolean }> {
    if (await users.create(fresh, stamp())) return { profile: fresh, isFresh: true };
    const existing = await users.get(fresh.user_id);
    // Removed between the two: begin again.
    return existing ? { profile: existing.value, isFresh: false } : profileOrFresh(fresh);
  }

  const createUser = implement(routes.createUser, async ({ body, address }, { sub }) => {
    const now = clock().toISOString();
    const { display_name = null, email = null } = body;
    const fresh = { user_id: sub, display_name, email, created_at: now, updated_at: now };
    const { profile, isFresh } = await profileOrFresh(fresh);
    return { status: isFresh ? 201 : 200, body: profile, headers: { location: `${address}/${sub}` } };
  });

  const getUser = implement(routes.getUser, async ({ parameters }, caller) => {
    const found = isSelf(parameters, caller) ? await users.get(caller.sub) : null;
    return found ? { body: found.value } : noUser();
  });

  const replaceUser = implement(routes.replaceUser, async ({ parameters, body, headers }, caller) => {
    const found = isSelf(parameters, caller) ? await users.get(caller.sub) : null;
    if (!found) return noUser();
    const ifMatch = headers['if-match'];
    const refusal = refusalByIfMatch(routes.getUser, found.value, ifMatch);
    if (refusal) return refusal;
    const { display_name = null, email = null } = body;
    const profile = { ...found.value, display_name, email, updated_at: clock().toISOString() };
    if (await users.replace(profile, stamp(), ifMatch === undefined ? undefined : found.stamp))
      return { body: profile };
    return ifMatch === undefined ? noUser() : hasChanged();
  });

  const deleteUser = implement(routes.deleteUser, async ({ parameters }, caller) => {
    if (!isSelf(parameters, caller)) return noUser();
    const removed = await removeAccount(caller.sub);
    log.info('account removed', { counts: { ...removed } });
    return { headers: { 'x-signal9-removed': removedInWords(removed) } };
  });

  const getPreferences = implement(routes.getPreferences, async ({ parameters }, caller) => {
    if (!isSelf(parameters, caller)) return noUser();
    const found = await preferences.get(caller.sub);
    return { body: found?.value ?? NONE_SET };
  });

  const replacePreferences = implement(routes.replacePreferences, async ({ parameters, body, headers }, caller) => {
    if (!isSelf(parameters, caller)) return noUser();
    const found = await preferences.get(caller.sub);
    const ifMatch = headers['if-match'];
    const refusal = refusalByIfMatch(routes.getPreferences, found?.value ?? NONE_SET, ifMatch);
    if (refusal) return refusal;
    const saved = { ...body, updated_at: clock().toISOString() };
    const seen = ifMatch === undefined ? undefined : (found?.stamp ?? null);
    return (await preferences.replace(caller.sub, saved, stamp(), seen)) ? { body: saved } : hasChanged();
  });

  return serve([createUser, getUser, replaceUser, deleteUser, getPreferences, replacePreferences], services);
}

const NONE_SET: Preferences = { ...DEFAULT_PREFERENCES, updated_at: null };

export const handler = onFirstCall('api-users', (environment, aws) =>
  makeHandler({ ...aws, bus: busOf(aws), consoleOrigin: environment.CONSOLE_ORIGIN }),
);
