import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openArchive } from '../../../local/host/bus/archive';
import { folderStore } from '../../../local/host/folder-store';
import { temporaryFolder } from './temporary';

const root = temporaryFolder();
let made = 0;
const newFolder = () => path.join(root, String((made += 1)));

const at = (time: string) => () => new Date(time);

describe('the archive of events', () => {
  const linesOf = (file: string) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');

  it('keeps every event in the order in which it came, however many come at once', async () => {
    const folder = newFolder();
    const archive = openArchive(folder, at('2026-05-18T12:00:00Z'));
    await Promise.all(Array.from({ length: 200 }, (_, n) => archive.append([`{"n":${String(n)}}`])));
    // On disk before anyone is told so: nothing has been closed yet.
    const lines = linesOf(path.join(folder, '2026-05-18.jsonl'));
    expect(lines.map((line) => (JSON.parse(line) as { n: number }).n)).toEqual(
      Array.from({ length: 200 }, (_, n) => n),
    );
    await archive.close();
  });

  it('begins a new line behind one that was cut short, and loses nothing of the day', async () => {
    const folder = newFolder();
    mkdirSync(folder);
    const file = path.join(folder, '2026-05-18.jsonl');
    writeFileSync(file, '{"n":1}\n{"n":');
    const archive = openArchive(folder, at('2026-05-18T12:00:00Z'));
    await archive.append(['{"n":3}']);
    await archive.close();
    expect(linesOf(file)).toEqual(['{"n":1}', '{"n":', '{"n":3}']);
  });

  it('begins a file a day, and forgets those of more than two weeks ago', async () => {
    const folder = newFolder();
    mkdirSync(folder);
    for (const name of ['2026-05-03.jsonl', '2026-05-04.jsonl', 'notes.txt'])
      writeFileSync(path.join(folder, name), '');
    let now = new Date('2026-05-18T23:59:59Z');
    const archive = openArchive(folder, () => now);
    await archive.append(['{}']);
    now = new Date('2026-05-19T00:00:00Z');
    await archive.append(['{}']);
    await archive.close();
    expect(readdirSync(folder).sort()).toEqual([
      '2026-05-04.jsonl',
      '2026-05-18.jsonl',
      '2026-05-19.jsonl',
      'notes.txt',
    ]);
  });
});

describe('a folder in place of a bucket', () => {
  it('holds the whole object, or the one before it, for its owner only', async () => {
    const folder = newFolder();
    const store = folderStore(folder);
    for (const text of ['first', 'second'])
      await store.put('trades/date=2026-05-18/trades.jsonl', Buffer.from(text), 'x');
    const file = path.join(folder, 'trades/date=2026-05-18/trades.jsonl');
    expect(readFileSync(file, 'utf8')).toBe('second');
    expect(readdirSync(path.dirname(file))).toEqual(['trades.jsonl']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('takes no key that leads out of it', async () => {
    const store = folderStore(newFolder());
    await expect(store.put('../out', Buffer.from(''), 'x')).rejects.toThrow('no key of this store');
  });
});
