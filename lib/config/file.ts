import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { z } from 'zod';
import { ConfigError } from './error';
import type { configSchema } from './schema';

const ROOT = join(__dirname, '..', '..');

/** Where an installation says what differs from the presets. Not in this repository; yours is committed in your copy. */
export const CONFIG_FILE = 'signal9.config.ts';

type Partly<T> = T extends readonly unknown[] ? T : T extends object ? { readonly [K in keyof T]?: Partly<T[K]> } : T;

/** What differs from a preset, as deep as it goes. */
export type Overrides = Partly<Omit<z.input<typeof configSchema>, 'env'>>;

/**
 * The default export of `signal9.config.ts`: overrides by environment. What `dev` says holds for throw-away copies too.
 *
 * @example
 * import type { ConfigFile } from './lib/config';
 * export default { dev: { tags: { 'cost-center': '1234' } } } satisfies ConfigFile;
 */
export type ConfigFile = Readonly<Record<string, Overrides>>;

/**
 * @param root folder of the checkout
 * @returns what the file exports, or undefined where there is none
 * @throws ConfigError where it does not load, or exports no object of objects
 */
export function readConfigFile(root = ROOT): ConfigFile | undefined {
  const file = join(root, CONFIG_FILE);
  if (!existsSync(file)) return undefined;
  const exported = defaultExport(file);
  if (!isTree(exported) || !Object.values(exported).every(isTree))
    throw new ConfigError(`${CONFIG_FILE} must export, as its default, an object of overrides by environment`);
  return exported as ConfigFile;
}

function defaultExport(file: string): unknown {
  try {
    return (createRequire(file)(file) as { default?: unknown }).default;
  } catch (error) {
    const [line = ''] = String(error instanceof Error ? error.message : error).split('\n');
    throw new ConfigError(`${CONFIG_FILE} does not load: ${line}`);
  }
}

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
