import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../../lambda/adapters/ports';

/** Everything that was on the bus, in the order in which it came, as EventBridge's archive keeps it. */
export interface Archive {
  /** Resolves when the events would survive a kill -9 and a loss of power. */
  append(envelopes: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** The dev preset's archiveDays. */
const DAYS_KEPT = 14;
const DAY_MS = 86_400_000;
const FILE = /^(\d{4}-\d{2}-\d{2})\.jsonl$/;

/**
 * One file of JSON lines a day (UTC). Events that arrive while others are being written go to disk together, so that a
 * busy minute does not wait for the disk once an event. Files older than two weeks go at the start.
 */
export function openArchive(folder: string, clock: Clock): Archive {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const oldest = new Date(clock().getTime() - DAYS_KEPT * DAY_MS).toISOString().slice(0, 10);
  for (const name of readdirSync(folder)) {
    const [, date] = FILE.exec(name) ?? [];
    if (date !== undefined && date < oldest) rmSync(path.join(folder, name));
  }

  let today: { readonly date: string; readonly file: FileHandle } | undefined;
  let waiting: string[] = [];
  let next: Promise<void> | undefined;
  let writing: Promise<void> = Promise.resolve();

  async function fileOf(date: string): Promise<FileHandle> {
    if (today?.date === date) return today.file;
    await today?.file.close();
    const file = await open(path.join(folder, `${date}.jsonl`), 'a', 0o600);
    // A line that a loss of power cut short must not swallow the one behind it.
    if ((await file.stat()).size > 0) await file.appendFile('\n');
    today = { date, file };
    return file;
  }

  async function write(): Promise<void> {
    const lines = waiting;
    waiting = [];
    next = undefined;
    const file = await fileOf(clock().toISOString().slice(0, 10));
    await file.appendFile(lines.map((line) => `${line}\n`).join(''));
    await file.datasync();
  }

  return {
    append(envelopes) {
      if (envelopes.length === 0) return Promise.resolve();
      waiting.push(...envelopes);
      next ??= writing.then(write);
      // One failure is told to those who waited for it, and is no reason to refuse what follows.
      writing = next.catch(() => undefined);
      return next;
    },
    async close() {
      await writing;
      await today?.file.close();
      today = undefined;
    },
  };
}
