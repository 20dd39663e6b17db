import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cached, type Recipe } from '../../lib/constructs/bundle-cache';

const folder = mkdtempSync(join(tmpdir(), 'signal9-cache-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A repository of one room and one package, and what bundles it; files are set an hour back, as most are. */
function repository() {
  const root = mkdtempSync(join(folder, 'root-'));
  const write = (file: string, content: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content);
  };
  write('room/a.ts', 'a');
  write('node_modules/p/index.js', 'p');
  write('node_modules/p/package.json', '{"main":"index.js"}');
  write('node_modules/.package-lock.json', '{}');
  for (const file of ['package.json', 'package-lock.json', 'tsconfig.json']) write(file, '{}');
  let made = 0;
  const recipe: Recipe = {
    name: 'functions',
    root,
    rooms: ['room'],
    settings: { version: 1 },
    bundle: (outdir) => {
      made++;
      writeFileSync(join(outdir, 'out'), readFileSync(join(root, 'room/a.ts'), 'utf8'));
      return ['room/a.ts', 'node_modules/p/index.js'];
    },
  };
  return { root, write, recipe, made: () => made, settled: () => new Promise((resolve) => setTimeout(resolve, 20)) };
}

describe('a bundle', () => {
  test('is made once, and found again by the next process', async () => {
    const { recipe, made, settled } = repository();
    await settled();
    const first = cached(recipe);
    expect(readFileSync(join(first, 'out'), 'utf8')).toBe('a');
    expect(cached(recipe)).toBe(first);
    expect(made()).toBe(1);
  });

  test.each([
    ['a file of ours changes', 'room/a.ts', 'b'],
    ['a file of ours comes that may be found before another', 'room/a/index.ts', 'x'],
    ['a file of a package changes', 'node_modules/p/index.js', 'q'],
    ['a package says that another file is its main one', 'node_modules/p/package.json', '{"main":"other.js"}'],
    ['the lock file changes', 'package-lock.json', '{"lockfileVersion":3}'],
    ['other packages are installed', 'node_modules/.package-lock.json', '{"packages":{}}'],
    ['the compiler’s settings change', 'tsconfig.json', '{"compilerOptions":{}}'],
    ['package.json changes', 'package.json', '{"sideEffects":false}'],
  ])('is made anew when %s, and the old one found when it changes back', async (_, file, content) => {
    const { root, recipe, write, made, settled } = repository();
    await settled();
    const first = cached(recipe);
    const before = existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined;
    write(file, content);
    await settled();
    const second = cached(recipe);
    expect(second).not.toBe(first);
    expect(made()).toBe(2);
    if (before === undefined) rmSync(join(root, 'room/a'), { recursive: true });
    else write(file, before);
    expect(cached(recipe)).toBe(first);
    expect(made()).toBe(2);
  });

  test('is made anew with other settings', async () => {
    const { recipe, made, settled } = repository();
    await settled();
    const first = cached(recipe);
    expect(cached({ ...recipe, settings: { version: 2 } })).not.toBe(first);
    expect(made()).toBe(2);
  });

  test('is not kept when a file was saved while it was made', async () => {
    const { root, recipe, write, made, settled } = repository();
    await settled();
    const bundle = (outdir: string) => {
      const inputs = recipe.bundle(outdir);
      write('room/a.ts', 'saved meanwhile');
      return inputs;
    };
    cached({ ...recipe, bundle });
    await settled();
    expect(readFileSync(join(cached(recipe), 'out'), 'utf8')).toBe('saved meanwhile');
    write('room/a.ts', 'a');
    await settled();
    expect(readFileSync(join(cached(recipe), 'out'), 'utf8')).toBe('a');
    expect(made()).toBe(3);
    expect(existsSync(join(root, 'node_modules', '.cache'))).toBe(true);
  });

  test('of another process that was quicker is used', async () => {
    const { root, recipe, settled } = repository();
    await settled();
    const place = join(root, 'node_modules/.cache/signal9/functions');
    const first = cached(recipe);
    const kept = dirname(first);
    const other = join(root, 'other');
    cpSync(kept, other, { recursive: true });
    rmSync(kept, { recursive: true });
    // The other one ends while this one is bundling.
    const bundle = (outdir: string) => {
      const inputs = recipe.bundle(outdir);
      cpSync(other, kept, { recursive: true });
      return inputs;
    };
    rmSync(join(other, 'bundle', 'out'));
    writeFileSync(join(other, 'bundle', 'out'), 'of the other');
    const second = cached({ ...recipe, bundle });
    expect(second).toBe(first);
    expect(readFileSync(join(second, 'out'), 'utf8')).toBe('of the other');
    expect(readdirSync(place).filter((name) => name.startsWith('new-'))).toEqual([]);
  });

  test('of which a part was removed is made anew', async () => {
    const { recipe, made, settled } = repository();
    await settled();
    const first = cached(recipe);
    rmSync(first, { recursive: true });
    expect(existsSync(join(cached(recipe), 'out'))).toBe(true);
    expect(made()).toBe(2);
  });
});
