import { errorBody } from '../../../contract/schemas/errors';
import { tableName, type TableId, tables } from '../../../contract/tables';
import { LOCAL_ENV } from '../../../local/host/ground';
import { ROOT } from '../../../local/host/version';
import { type Answer, HANG_MS, type Sent } from './wire';

/** What only the inside knows: stacks, paths, names of tables and of libraries, errors of the system and of the engine. */
const INTERNAL: readonly (string | RegExp)[] = [
  ROOT,
  ...Object.keys(tables).map((id) => tableName(LOCAL_ENV, id as TableId)),
  /\bat (async )?[\w.<>[\] ]+ \(/,
  /\bat Object\b/,
  /node_modules|node:internal|file:\/\/|\.[cm]?[jt]s:\d+/,
  /\b(E(CONN|NOENT|PIPE|ACCES|TIMEDOUT|AI_)\w*)\b/,
  /\b(Type|Reference|Syntax|Range|Zod|Fastify)Error\b|FST_ERR/,
  /ResourceNotFoundException|ValidationException|ConditionalCheckFailed|ExpressionAttribute|KeyCondition|dynalite/i,
  /invalid_type|invalid_union|unrecognized_keys|too_small|too_big|\b_zod\b/,
  /is not a function|of undefined|of null|Unexpected token|in JSON at/,
];

/** What is wrong with an answer; nothing, if all is well. */
export function faultsOf(sent: Sent, answer: Answer, secrets: readonly string[]): string[] {
  const { status, text, json, headers } = answer;
  const faults: string[] = [];
  const asked = askedWith(sent);
  const shown = `${text}\n${JSON.stringify(headers)}`;
  // Files of the documentation page are a library's own.
  const isContent = status < 300 && json === undefined;

  if (status >= 500) faults.push(`status ${status}`);
  for (const secret of secrets) {
    // Who asks by an id may be told that there is none.
    if (shown.toLowerCase().includes(secret.toLowerCase()) && !asked.includes(secret.toLowerCase()))
      faults.push(`leaks ${secret}`);
  }
  for (const internal of isContent ? [] : INTERNAL) {
    const found =
      typeof internal === 'string' ? (text.includes(internal) ? internal : undefined) : internal.exec(text)?.[0];
    if (found !== undefined && !asked.includes(found.toLowerCase())) faults.push(`shows ${found}`);
  }
  if (status >= 400 && sent.method !== 'HEAD') {
    const error = errorBody.safeParse(json);
    if (!error.success) faults.push('is no error of the contract');
    else if (error.data.error.request_id !== headers['x-request-id']) faults.push('names another request id');
  }
  if (status < 200 || (status >= 300 && status < 400 && status !== 304)) faults.push(`status ${status}`);
  if ('x-injected' in headers) faults.push('took a header in');
  return faults;
}

export const hung = (error: unknown): string =>
  `no answer in ${HANG_MS} ms, or the connection was cut: ${error instanceof Error ? error.message : 'unknown'}`;

function askedWith({ path, headers, body }: Sent): string {
  return [path, decoded(path), ...Object.values(headers), body ?? ''].join('\n').toLowerCase();
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
