import type { LightMyRequestResponse } from 'fastify';
import { PERSON_SCOPE } from '../../contract/route';
import { memoryCache } from '../../lambda/adapters/market/memory-cache';
import { createCloseSource } from '../../lambda/adapters/market/close-source';
import { createMarketData } from '../../lambda/adapters/market/market-data';
import type { PublishedEvent } from '../../lambda/adapters/ports';
import { createService, type PortfolioService, type ServiceOptions } from '../../service/app';
import type { PortfolioServices } from '../../service/services';
import { recordingLog } from '../lambda/api/call';
import { type TestAlpaca, testAlpaca } from './alpaca';
import { memoryPortfolios, type MemoryPortfolios } from './memory-portfolios';

export const ANNA = 'f4b8c2d6-0000-4000-8000-000000000001';
export const BERT = 'f4b8c2d6-0000-4000-8000-000000000002';
/** A Wednesday, eleven in the morning in New York. */
export const NOW = '2026-05-20T15:00:00.000Z';

export interface TestService extends PortfolioService {
  readonly services: PortfolioServices;
  readonly store: MemoryPortfolios;
  readonly alpaca: TestAlpaca;
  readonly log: ReturnType<typeof recordingLog>;
  readonly published: PublishedEvent[];
  readonly watched: { portfolios: string[]; symbols: string[] };
  /** The clock, to be set. */
  readonly time: { now: Date };
  readonly ask: (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, asked?: Asked) => Promise<Answered>;
  /** A new portfolio of Anna's; its id. */
  readonly portfolio: (fields?: object) => Promise<string>;
  readonly add: (portfolioId: string, transaction: object) => Promise<Answered>;
}

interface Asked {
  /** @default Anna; null: no token */
  readonly as?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what it expects
export type Answered = LightMyRequestResponse & { readonly body_: any };

/** The service on a store in memory and a provider of the test's own. A token is the name of who carries it. */
export function testService(
  more: Partial<PortfolioServices> & { readonly options?: ServiceOptions; readonly shared?: Partial<TestService> } = {},
): TestService {
  const { options, shared, ...given } = more;
  const time = shared?.time ?? { now: new Date(NOW) };
  const clock = () => new Date(time.now);
  const log = recordingLog();
  const store = shared?.store ?? memoryPortfolios();
  const alpaca = shared?.alpaca ?? testAlpaca();
  const published: PublishedEvent[] = [];
  const watched = shared?.watched ?? { portfolios: [], symbols: [] };
  const timeZone = 'America/New_York';
  const services: PortfolioServices = {
    ...{ env: 'test', region: 'local', version: '1', timeZone, clock, log, store, random: () => 0.5 },
    sleep: async () => undefined,
    market: createMarketData({ alpaca, cache: memoryCache({ clock }), clock, log }),
    closes: createCloseSource({ store, alpaca, clock, log, timeZone }),
    bus: {
      publish: async (events) => {
        published.push(...events);
      },
    },
    topics: { watched: async () => watched },
    tokens: {
      verify: async (token) => (token === 'bad' ? null : { sub: token, scope: PERSON_SCOPE }),
      health: async () => 'ok',
    },
    ...given,
  };
  const service = createService(services, options);

  async function ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, asked: Asked = {}): Promise<Answered> {
    const { as = ANNA, body, headers = {} } = asked;
    const answer = await service.app.inject({
      method,
      url,
      headers: {
        ...(as !== null && { authorization: `Bearer ${as}` }),
        ...(body !== undefined && { 'content-type': typeof body === 'string' ? 'text/csv' : 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const isJson = String(answer.headers['content-type']).startsWith('application/json') && answer.body !== '';
    return Object.assign(answer, { body_: isJson ? JSON.parse(answer.body) : undefined });
  }

  return Object.assign(service, {
    ...{ services, store, alpaca, log, published, watched, time, ask },
    portfolio: async (fields: object = {}) => {
      const answer = await ask('POST', '/portfolios', { body: { name: 'Main', ...fields } });
      if (answer.statusCode !== 201) throw new Error(answer.body);
      return answer.body_.portfolio_id as string;
    },
    add: (portfolioId: string, transaction: object) =>
      ask('POST', `/portfolios/${portfolioId}/transactions`, { body: transaction }),
  });
}
