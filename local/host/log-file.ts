import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Log, LogFields } from '../../lambda/adapters/ports';

/** The type names every field, so that one added to LogFields and forgotten here does not compile. */
const ALLOWED: Readonly<Record<keyof LogFields, true>> = {
  run_id: true,
  request_id: true,
  message_id: true,
  event_id: true,
  asset_id: true,
  analysis_id: true,
  symbol: true,
  job: true,
  table: true,
  route: true,
  method: true,
  status: true,
  duration_ms: true,
  attempt: true,
  delay_seconds: true,
  counts: true,
  operation: true,
  provider: true,
  reason: true,
  error_name: true,
  error_message: true,
  stack: true,
  change: true,
  details: true,
};

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

  function write(level: string, message: string, fields: LogFields = {}): void {
    if (descriptor === undefined) return;
    const allowed = Object.entries(fields).filter(([name]) => Object.hasOwn(ALLOWED, name));
    const entry = { time: clock().toISOString(), level, message, ...Object.fromEntries(allowed) };
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

/** What a log line may say of an error. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error_name: typeof error };
  return { error_name: error.name, error_message: error.message, ...(error.stack && { stack: error.stack }) };
}
