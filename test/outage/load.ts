import { setTimeout as sleep } from 'node:timers/promises';
import type { ImportReport } from '../../contract/schemas/portfolios';
import { between, oneOf } from '../fault/random';
import type { Asked, Entry, Journal, Route, Row, Shown } from './journal';
import { NEVER_HELD, SYMBOLS } from './market';

export interface Owner {
  readonly user_id: string;
  readonly token: string;
}
export interface Portfolio {
  readonly portfolio_id: string;
  readonly owner: Owner;
}
export interface Server {
  readonly name: string;
  readonly url: string;
}

export interface LoadProps {
  readonly servers: readonly Server[];
  readonly portfolios: readonly Portfolio[];
  readonly journal: Journal;
  readonly random: () => number;
  /** Tells the clients' entries apart. */
  readonly client: string;
}

const ONE_REQUEST_MS = 12_000;
/** Longer than any outage: whose entry is unanswered by then was forgotten. */
const GIVE_UP_MS = 60_000;

interface Answer extends Asked {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- read as the contract says
  readonly body: any;
}

interface Sent {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly owner: Owner;
  readonly body?: string;
  readonly type?: 'text/csv' | 'application/json';
}

/** One request to one process; written down whatever becomes of it. */
export async function ask(journal: Journal, { name, url }: Server, route: Route, sent: Sent): Promise<Answer> {
  const from = Date.now();
  const written = (answer: Partial<Answer>): Answer => {
    const one = {
      ...{ process: name, route, from, to: Date.now(), status: 0, code: null, retryAfter: null, body: null },
      ...answer,
    };
    const { body: _, ...asked } = one;
    journal.requests.push(asked);
    return one;
  };
  try {
    const response = await fetch(`${url}${sent.path}`, {
      method: sent.method,
      headers: {
        authorization: `Bearer ${sent.owner.token}`,
        ...(sent.body !== undefined && { 'content-type': sent.type ?? 'application/json' }),
      },
      body: sent.body ?? null,
      signal: AbortSignal.timeout(ONE_REQUEST_MS),
    });
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- read as the contract says
    const body: any = await response.json();
    const { status } = response;
    return written({
      ...{ status, body, code: body?.error?.code ?? null, retryAfter: response.headers.get('retry-after') },
      ...(route === 'holdings' && status === 200 && { prices: pricesOf(body) }),
    });
  } catch {
    return written({});
  }
}

const pricesOf = (body: { items: (Shown & { current_price: string | null; price_as_of: string | null })[] }): Shown[] =>
  body.items.map(({ symbol, current_price, price_as_of, stale }) => ({
    ...{ symbol, price: current_price, as_of: price_as_of, stale },
  }));

/** Asks any process until one gives an answer that says what became of it. */
async function untilAnswered({ servers, journal, random }: LoadProps, route: Route, sent: Sent): Promise<Answer> {
  const began = Date.now();
  for (;;) {
    const answer = await ask(journal, oneOf(random, servers), route, sent);
    if (answer.status !== 0 && answer.status < 500) return answer;
    if (Date.now() - began > GIVE_UP_MS) throw new Error(`no answer to ${sent.path} in ${GIVE_UP_MS / 1000} s`);
    await sleep(between(random, 100, 300));
  }
}

/** Records an entry, however often it has to be asked. */
export async function record(
  props: LoadProps,
  { portfolio_id, owner }: Portfolio,
  row: Row,
  id: string,
): Promise<void> {
  const entry: Entry = { portfolio_id, external_id: id, source: 'manual', row, outcome: 'unknown', ids: [] };
  props.journal.entries.push(entry);
  const body = JSON.stringify({ ...row, external_id: id });
  const sent = { method: 'POST', path: `/portfolios/${portfolio_id}/transactions`, owner, body } as const;
  // Now and then once more though it was answered, and at the same moment.
  const times = props.random() < 0.1 ? 2 : 1;
  const answers = await Promise.all(Array.from({ length: times }, () => untilAnswered(props, 'add', sent)));
  if (props.random() < 0.1) answers.push(await untilAnswered(props, 'add', sent));
  for (const { status, body: answered } of answers) {
    if (status === 201 || status === 200) entry.ids.push(answered.transaction_id);
    else if (status !== 422) throw new Error(`${id} was answered ${status}: ${JSON.stringify(answered)}`);
  }
  entry.outcome = entry.ids.length > 0 ? 'recorded' : 'refused';
}

const COLUMNS = ['type', 'symbol', 'qty', 'price', 'amount', 'executed_at'] as const;

async function importFile(props: LoadProps, { portfolio_id, owner }: Portfolio, name: string): Promise<void> {
  const { random, journal } = props;
  const rows = Array.from({ length: 2 + Math.floor(random() * 5) }, () => someRow(random, false));
  const entries = rows.map((row, line): Entry => ({
    ...{ portfolio_id, external_id: `${name}.${line}`, source: 'import', row, outcome: 'unknown', ids: [] },
  }));
  journal.entries.push(...entries);
  const lines = entries.map(({ row, external_id }) => [...COLUMNS.map((column) => row[column] ?? ''), external_id]);
  const body = [[...COLUMNS, 'external_id'], ...lines].map((cells) => cells.join(',')).join('\n');
  const sent: Sent = {
    ...{ method: 'POST', path: `/portfolios/${portfolio_id}/import?format=signal9`, owner, body, type: 'text/csv' },
  };
  for (const _ of random() < 0.2 ? [1, 2] : [1]) {
    const { status, body: answered } = await untilAnswered(props, 'import', sent);
    const { imported, unchanged } = answered as ImportReport;
    if (status !== 200 || imported + unchanged !== rows.length)
      throw new Error(`${name} was answered ${status}: ${JSON.stringify(answered)}`);
  }
  for (const entry of entries) entry.outcome = 'recorded';
}

/** One client that only reads, at whichever process, until `isOver`. */
export async function read({ servers, portfolios, journal, random }: LoadProps, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const { portfolio_id, owner } = oneOf(random, portfolios);
    await ask(journal, oneOf(random, servers), 'holdings', holdingsOf(portfolio_id, owner));
    await sleep(between(random, 50, 150));
  }
}

/** One client that records and imports, and asks again until it is answered, until `isOver`. */
export async function write(props: LoadProps, isOver: () => boolean): Promise<void> {
  const { portfolios, random, client } = props;
  for (let turn = 1; !isOver(); turn += 1) {
    const portfolio = oneOf(random, portfolios);
    if (random() < 0.85) await record(props, portfolio, someRow(random, true), `${client}-${turn}`);
    else await importFile(props, portfolio, `${client}-${turn}`);
    await sleep(between(random, 20, 120));
  }
}

export const holdingsOf = (portfolioId: string, owner: Owner): Sent => ({
  ...{ method: 'GET', path: `/portfolios/${portfolioId}/holdings`, owner },
});

/** What is bought first, so that no small sell is one too many. */
export const STOCK: readonly Row[] = [
  { ...none(), type: 'deposit', amount: '90000000', executed_at: '2026-01-02T15:00:00.000Z' },
  ...SYMBOLS.map((symbol) => ({
    ...{ ...none(), type: 'buy', symbol, qty: '10000', price: '50', executed_at: '2026-01-05T15:00:00.000Z' },
  })),
];

function none() {
  return { symbol: null, qty: null, price: null, amount: null } as const;
}

function someRow(random: () => number, mayBeRefused: boolean): Row {
  const day = Date.UTC(2026, 1, 2) + Math.floor(random() * 90 * 86_400) * 1000;
  const executed_at = new Date(day).toISOString();
  const symbol = oneOf(random, SYMBOLS);
  const price = between(random, 1, 300).toFixed(2);
  const qty = between(random, 0.001, 3).toFixed(1 + Math.floor(random() * 9));
  const kind = random();
  if (kind < 0.6) return { ...none(), type: 'buy', symbol, qty: positive(qty), price, executed_at };
  if (kind < 0.8) return { ...none(), type: 'sell', symbol, qty: positive(qty), price, executed_at };
  if (kind < 0.87) return { ...none(), type: 'dividend', symbol, amount: price, executed_at };
  if (kind < 0.95 || !mayBeRefused) return { ...none(), type: 'deposit', amount: price, executed_at };
  return { ...none(), type: 'sell', symbol: NEVER_HELD, qty: '1', price, executed_at };
}

const positive = (qty: string): string => (Number(qty) > 0 ? qty : '1');
