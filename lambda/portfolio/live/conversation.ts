import * as z from 'zod/mini';
import {
  type ClientMessage,
  clientMessage,
  type LIVE_ERRORS,
  MAX_MESSAGE_BYTES,
  MAX_SYMBOLS,
  MAX_WATCHED_PORTFOLIOS,
} from '../../../contract/schemas/live';
import type { Connection, Connections, Topic } from '../../adapters/live/connections';
import { errorFields } from '../../adapters/log-fields';
import type { PortfolioStore } from '../../adapters/portfolio/portfolios';
import type { Log } from '../../adapters/ports';
import { detailsOf, wordsFor } from '../../api/request';
import type { Speaker } from './speaker';

export interface ConversationServices {
  readonly connections: Connections;
  readonly store: Pick<PortfolioStore, 'find' | 'touch'>;
  readonly log: Log;
}

/** Why a message is not done; the connection stays. */
class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly code: (typeof LIVE_ERRORS)[number],
    message: string,
  ) {
    super(message);
  }
}

/** Hears one message of a connection whose token is good, and answers it. Whatever is wrong with it is an answer too. */
export async function converse(
  { connections, store, log }: ConversationServices,
  speaker: Speaker,
  connection: Connection,
  body: string,
): Promise<void> {
  const { connection_id, user_id } = connection;
  let id: string | undefined;
  try {
    const message = parse(body);
    id = message.id;
    const echo = id === undefined ? {} : { id };
    if (message.action === 'ping') {
      await speaker.say(connection_id, { type: 'pong', ...echo });
      return;
    }
    const { action, portfolio_id } = message;
    const symbols = message.symbols && [...new Set(message.symbols.map((symbol) => symbol.toUpperCase()))];
    const topics = topicsOf(portfolio_id, symbols);
    if (action === 'subscribe') await subscribe(topics, portfolio_id);
    else await connections.unwatch(connection_id, topics);
    await speaker.say(connection_id, {
      type: 'ack',
      action,
      ...(portfolio_id !== undefined && { portfolio_id }),
      ...(symbols && { symbols }),
      ...echo,
    });
    if (action === 'subscribe') await hurry(portfolio_id, symbols);
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal('unavailable', 'not possible now, try again later');
    if (refusal !== error) log.error('a message was not answered', { operation: 'live', ...errorFields(error) });
    const { code, message } = refusal;
    await speaker.say(connection_id, { type: 'error', code, message, ...(id !== undefined && { id }) });
  }

  async function subscribe(topics: readonly Topic[], portfolioId: string | undefined): Promise<void> {
    if (portfolioId !== undefined && (await store.find(user_id, portfolioId)) === null) {
      throw new Refusal('not_found', 'no such portfolio');
    }
    if ((await connections.watch(connection, topics)) === 'watching') return;
    throw new Refusal(
      'too_many_subscriptions',
      `a connection watches at most ${MAX_SYMBOLS} symbols and ${MAX_WATCHED_PORTFOLIOS} portfolios`,
    );
  }

  /** The first value comes now where it can; else with the next minute, so that a failure is nothing to tell of. */
  async function hurry(portfolioId: string | undefined, symbols: readonly string[] = []): Promise<void> {
    try {
      await store.touch({ portfolios: portfolioId === undefined ? [] : [portfolioId], symbols });
    } catch (error) {
      log.warn('the first value waits for the next minute', { operation: 'live', ...errorFields(error) });
    }
  }
}

const topicsOf = (portfolio_id: string | undefined, symbols: readonly string[] = []): Topic[] => [
  ...(portfolio_id === undefined ? [] : [{ kind: 'portfolio', portfolio_id } as const]),
  ...symbols.map((symbol) => ({ kind: 'symbol', symbol }) as const),
];

/** @throws Refusal naming the field */
function parse(body: string): ClientMessage {
  if (Buffer.byteLength(body) > MAX_MESSAGE_BYTES) {
    throw new Refusal('invalid_request', `a message has at most ${MAX_MESSAGE_BYTES} bytes`);
  }
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw new Refusal('invalid_request', 'the message is no JSON');
  }
  const parsed = z.safeParse(clientMessage, json, { error: wordsFor });
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.flatMap(detailsOf);
  throw new Refusal('invalid_request', details.map(({ path, message }) => `${path} ${message}`).join('; '));
}
