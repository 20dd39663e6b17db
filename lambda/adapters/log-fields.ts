import type { LogFields } from './ports';

const ALLOWED: Readonly<Record<keyof LogFields, true>> = {
  run_id: true,
  request_id: true,
  message_id: true,
  event_id: true,
  asset_id: true,
  trade_id: true,
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

/** Only what the list names gets into a log line, whatever a caller passes at run time. */
export const allowListed = (fields: LogFields = {}): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => Object.hasOwn(ALLOWED, name)));

/** An error as log fields. Provider errors carry no secret (lambda/adapters/providers/provider-error.ts). */
export const errorFields = (error: unknown): Pick<LogFields, 'error_name' | 'error_message' | 'stack'> =>
  error instanceof Error
    ? {
        error_name: error.name,
        error_message: error.message,
        ...(error.stack === undefined ? {} : { stack: error.stack }),
      }
    : { error_name: 'NonError', error_message: String(error) };
