import { mkdir, open, rename } from 'node:fs/promises';
import path from 'node:path';
import { ulid } from 'ulid';
import type { ObjectStore } from '../../lambda/adapters/object-store';

/** A bucket on one machine: a folder, a file an object. A reader sees the whole object or the one before it. */
export const folderStore = (folder: string): ObjectStore => ({
  async put(key, body) {
    const target = path.resolve(folder, key);
    if (!target.startsWith(`${path.resolve(folder)}${path.sep}`)) throw new Error(`no key of this store: ${key}`);
    await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
    const unfinished = `${target}.${ulid()}`;
    const file = await open(unfinished, 'wx', 0o600);
    try {
      await file.writeFile(body);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, target);
  },
});
