import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** The repository's root, where package.json and node_modules lie. */
export const ROOT = path.resolve(__dirname, '..', '..');

export const VERSION = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'))).version;
