import { type Fetch, type HttpPorts } from '../../../lambda/adapters/providers/http';
import { createAlpacaClient } from '../../../lambda/adapters/providers/alpaca';
import { createAlpacaTrading } from '../../../lambda/adapters/providers/alpaca-trading';
import { createAlphaVantageClient } from '../../../lambda/adapters/providers/alpha-vantage';

/** What a stubbed provider answers with: text as it is, anything else as JSON; a function may throw like the network. */
export interface StubAnswer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export const SECRET = 'SECRETKEY1234';

/** A fetch that answers from a list (the last answer repeats), and the time that passes in it. */
export function stubPorts(...answers: (StubAnswer | Error)[]) {
  const calls: { url: URL; init: RequestInit }[] = [];
  const slept: number[] = [];
  let instant = Date.parse('2026-05-17T12:00:00Z');
  const fetch: Fetch = async (url, init) => {
    const answer = answers[Math.min(calls.length, answers.length - 1)];
    calls.push({ url: new URL(url), init });
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error('no answer left');
    const { status = 200, body = '', headers = {} } = answer;
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });
  };
  const ports: HttpPorts = {
    fetch,
    clock: () => new Date(instant),
    sleep: async (ms) => {
      slept.push(ms);
      instant += ms;
    },
    random: () => 0.5,
  };
  return { ports, calls, slept, now: () => instant };
}

export function stubAlphaVantage(...answers: (StubAnswer | Error)[]) {
  const stub = stubPorts(...answers);
  const client = createAlphaVantageClient({
    ...stub.ports,
    baseUrl: 'https://av.test/',
    apiKey: async () => SECRET,
  });
  return { client, ...stub };
}

export function stubAlpaca(...answers: (StubAnswer | Error)[]) {
  const stub = stubPorts(...answers);
  const client = createAlpacaClient({
    ...stub.ports,
    baseUrl: 'https://trading.test/v2/',
    dataUrl: 'https://data.test',
    credentials: async () => ({ keyId: 'KEYID', secretKey: SECRET }),
  });
  return { client, ...stub };
}

export function stubAlpacaTrading(...answers: (StubAnswer | Error)[]) {
  const stub = stubPorts(...answers);
  const client = createAlpacaTrading({
    ...stub.ports,
    baseUrl: 'https://trading.test/v2/',
    credentials: async () => ({ keyId: 'KEYID', secretKey: SECRET }),
  });
  return { client, ...stub };
}
