import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';

/** How something is bundled, as far as it decides what comes out. */
export interface Recipe {
  /** Names the folder in the cache. */
  readonly name: string;
  /** Folder of the repository: sources are named from there. */
  readonly root: string;
  /** Folders below `root` whose files are ours: a new file may be found before the one that was imported until now. */
  readonly rooms: readonly string[];
  /** Options, entries and versions; anything that JSON can say. */
  readonly settings: unknown;
  /** Bundles into an empty folder. @returns every file that was read, from `root` */
  readonly bundle: (outdir: string) => readonly string[];
}

/** Beside the packages that went in; `npm ci` begins anew. */
const CACHE = ['node_modules', '.cache', 'signal9'];
/** Decide how imports are resolved, or which packages there are; the last is npm's own list of what is installed. */
const DECIDING = ['package.json', 'package-lock.json', 'tsconfig.json', 'node_modules/.package-lock.json'];

/** Older ones are removed, but none that a process may be reading. */
const KEPT = 4;
const IN_USE_MS = 3_600_000;

/**
 * The folder with a bundle, made only if none was made of the same: same settings, same files of ours by name and content,
 * same lock files, and the same content of every file that was read of the packages (ADR 37). Several processes may ask at
 * once: a bundle gets its name when it is whole.
 */
export function cached(recipe: Recipe): string {
  const folder = join(recipe.root, ...CACHE, recipe.name);
  mkdirSync(folder, { recursive: true });
  const key = keyOf(recipe);
  const same = readdirSync(folder).filter((name) => name.startsWith(`${key}-`));
  // Somebody removed a part of it.
  for (const name of same)
    if (!existsSync(join(folder, name, 'bundle'))) rmSync(join(folder, name), { recursive: true, force: true });
  const found = same.find((name) => isFresh(recipe.root, join(folder, name)));
  if (found !== undefined) {
    const now = new Date();
    utimesSync(join(folder, found), now, now);
    return join(folder, found, 'bundle');
  }
  return join(make(recipe, folder, key), 'bundle');
}

function make(recipe: Recipe, folder: string, key: string): string {
  const began = Date.now();
  const temporary = mkdtempSync(join(folder, 'new-'));
  const outdir = join(temporary, 'bundle');
  mkdirSync(outdir);
  const inputs: Record<string, string> = {};
  for (const file of withPackages(recipe.root, recipe.bundle(outdir)))
    inputs[file] = hashOf(join(recipe.root, file)) ?? 'none';
  // Somebody saved a file meanwhile: nobody knows whether it went in before or after.
  if (keyOf(recipe) !== key || Object.keys(inputs).some((file) => changedSince(join(recipe.root, file), began))) {
    process.once('exit', () => rmSync(temporary, { recursive: true, force: true }));
    return temporary;
  }
  writeFileSync(join(temporary, 'inputs.json'), JSON.stringify(inputs));
  const named = join(folder, `${key}-${digest(JSON.stringify(inputs))}`);
  try {
    renameSync(temporary, named);
  } catch (error) {
    // Another process was quicker, with the same content.
    if (!existsSync(join(named, 'inputs.json'))) throw error;
    rmSync(temporary, { recursive: true, force: true });
  }
  prune(folder, named);
  return named;
}

function keyOf({ name, root, rooms, settings }: Recipe): string {
  const files = [
    ...DECIDING,
    ...rooms.flatMap((room) =>
      readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
        .sort()
        .map((file) => join(room, file)),
    ),
  ];
  const contents = files.map((file) => [file, hashOf(join(root, file))]);
  // A source map names the files of packages by where they lie.
  const packages = relative(root, realpathSync(join(root, 'node_modules')));
  return digest(JSON.stringify([name, settings, packages, process.env.NODE_PATH, contents]));
}

/** With the package.json that says which file of a package is read, and whether it may be left out. */
function withPackages(root: string, files: readonly string[]): string[] {
  const all = new Set(files);
  for (const file of files) {
    const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file) ?? [];
    if (folder !== undefined) all.add(`${folder}/package.json`);
  }
  return [...all].sort();
}

function isFresh(root: string, entry: string): boolean {
  try {
    const inputs = JSON.parse(readFileSync(join(entry, 'inputs.json'), 'utf8')) as Record<string, string>;
    return Object.entries(inputs).every(([file, hash]) => (hashOf(join(root, file)) ?? 'none') === hash);
  } catch {
    // Removed by another process this moment, or never whole.
    return false;
  }
}

/** By the time that no program sets back. */
const changedSince = (file: string, time: number): boolean => existsSync(file) && statSync(file).ctimeMs >= time;

function prune(folder: string, current: string): void {
  const entries = readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => path !== current && existsSync(path))
    .map((path) => ({ path, used: statSync(path).mtimeMs }))
    .sort((a, b) => b.used - a.used);
  for (const { path, used } of entries.slice(KEPT - 1))
    if (Date.now() - used > IN_USE_MS) rmSync(path, { recursive: true, force: true });
}

const digest = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** @returns undefined for what is no file */
function hashOf(file: string): string | undefined {
  try {
    return digest(readFileSync(file));
  } catch {
    return undefined;
  }
}
