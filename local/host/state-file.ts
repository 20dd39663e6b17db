import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';

/** Writes a file that only its owner reads; whoever reads it sees the old text or the new, never a half. */
export function writePrivately(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** A small JSON document of the host's own that outlives a kill -9. */
export interface StateFile<T> {
  read(): T;
  write(state: T): void;
}

/** @throws Error naming the file when what it holds is not what was written */
export function stateFile<S extends z.ZodType>(file: string, schema: S, initial: z.infer<S>): StateFile<z.infer<S>> {
  return {
    read() {
      if (!existsSync(file)) return initial;
      const parsed = schema.safeParse(jsonOf(readFileSync(file, 'utf8')));
      if (parsed.success) return parsed.data;
      throw new Error(`${file} is damaged: delete it to begin anew`);
    },
    write: (state) => writePrivately(file, `${JSON.stringify(state, null, 2)}\n`),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
