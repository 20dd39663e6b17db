import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { SignJWT } from 'jose';
import { PERSON_SCOPE } from '../../contract/route';
import { type Redis, startRedis } from '../engines/redis';
import { freePort } from '../../local/host/engine/free-port';
import { type Database, startDatabase } from './database';
import { bundle, type Program, programOf } from './program';
import type { Settings } from './programs/settings';

/** All that the run is made of, each in a process of its own. */
export interface World {
  readonly began: number;
  readonly database: Database;
  readonly cache: Redis;
  readonly provider: Program;
  readonly services: readonly Program[];
  readonly recorder: Program;
  /** Where services write what they published. */
  readonly events: string;
  /** Says which portfolios somebody watches. */
  watch(portfolios: readonly string[]): void;
  tokenOf(userId: string): Promise<string>;
  stop(): Promise<void>;
}

const KEY = 'a key of the test, of thirty-two bytes or more';

/** @throws Error where a part does not start; what runs by then is ended */
export async function startWorld(folder: string): Promise<World> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    const programs = path.join(folder, 'programs');
    await bundle(['provider.ts', 'recorder.ts', 'service.ts'], programs);
    const began = Date.now();
    const cache = await startRedis();
    stops.push(() => cache.stop());
    const database = await startDatabase(folder);
    stops.push(() => database.stop());
    const [events, watched] = [path.join(folder, 'events.jsonl'), path.join(folder, 'watched.json')];
    writeFileSync(events, '');
    writeFileSync(watched, '[]');

    const providerPort = await freePort();
    const { host, port, ca, username } = cache;
    const settings: Settings = {
      ...{ began, events, watched, key: KEY, port: 0, database: database.address },
      cache: { host, port, ca, username, password: cache.password() },
      alpacaUrl: `http://127.0.0.1:${providerPort}`,
    };
    const program = async (name: string, file: string, itsPort: number): Promise<Program> => {
      const made = programOf(name, file, { ...settings, port: itsPort }, path.join(programs, `${name}.log`));
      stops.push(() => made.kill());
      await made.start();
      return made;
    };
    const ports = [await freePort(), await freePort()] as const;
    const [provider, recorder, ...services] = await Promise.all([
      program('provider', 'provider.js', providerPort),
      program('recorder', 'recorder.js', 0),
      program('first', 'service.js', ports[0]),
      program('second', 'service.js', ports[1]),
    ]);
    return {
      ...{ began, database, cache, provider, services, recorder, events, stop },
      watch: (portfolios) => writeFileSync(watched, JSON.stringify(portfolios)),
      tokenOf: (userId) =>
        new SignJWT({ scope: PERSON_SCOPE })
          .setProtectedHeader({ alg: 'HS256' })
          .setSubject(userId)
          .sign(Buffer.from(KEY)),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
