import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { allowListed } from '../../lambda/adapters/log-fields';
import type { Log, LogFields } from '../../lambda/adapters/ports';

/** The host's log. */
export interface LogFile {
  readonly log: Log;
  close(): void;
}

/**
 * JSON lines in a file that never grows beyond `maxBytes`: the full one becomes `<file>.1`, in the place of the one before.
 * Only allowed fields are written, whatever an untyped caller passes.
 */
export function openLogFile(file: string, clock: () => Date, maxBytes = 10_000_000): LogFile {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  let descriptor: number | undefined = openSync(file, 'a', 0o600);
  let size = fstatSync(descriptor).size;

  function write(level: string, message: string, fields?: LogFields): void {
    if (descriptor === undefined) return;
    const entry = { time: clock().toISOString(), level, message, ...allowListed(fields) };
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    if (size + line.length > maxBytes && size > 0) {
      closeSync(descriptor);
      renameSync(file, `${file}.1`);
      descriptor = openSync(file, 'a', 0o600);
      size = 0;
    }
    writeSync(descriptor, line);
    size += line.length;
  }

  return {
    log: {
      debug: (message, fields) => write('DEBUG', message, fields),
      info: (message, fields) => write('INFO', message, fields),
      warn: (message, fields) => write('WARN', message, fields),
      error: (message, fields) => write('ERROR', message, fields),
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}
