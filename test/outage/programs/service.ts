import { appendFileSync, readFileSync } from 'node:fs';
import { jwtVerify } from 'jose';
import { EXCHANGE_TIME_ZONE } from '../../../core/trading/trading-day';
import { createCloseSource } from '../../../lambda/adapters/market/close-source';
import { createMarketData } from '../../../lambda/adapters/market/market-data';
import { valkeyCache } from '../../../lambda/adapters/market/valkey-cache';
import type { PortfolioStore } from '../../../lambda/adapters/portfolio/portfolios';
import { createAlpacaClient } from '../../../lambda/adapters/providers/alpaca';
import { createService } from '../../../service/app';
import { serviceLog } from '../../../service/logs';
import type { TokenVerifier } from '../../../service/services';
import { PACE, pacedClock, pacedTimers } from '../pace';
import { ready, settingsOf, sleep, storeOf } from './settings';

/** The portfolio service as service/main.ts makes it, on what a test can kill. */
const settings = settingsOf();
const log = serviceLog('WARN');
const clock = pacedClock(settings.began);
/** A provider that failed is left alone so long; by the machine's time a second. */
const REST_MS = 1_000 * PACE;

const write = (line: object) =>
  appendFileSync(settings.events, `${JSON.stringify({ pid: process.pid, at: Date.now(), ...line })}\n`);

/** Tells when this process thinks that it leads. */
function telling(store: PortfolioStore): PortfolioStore {
  return {
    ...store,
    lead: (props) =>
      store.lead({
        ...props,
        onChange: (leads) => {
          write({ kind: 'lead', leads });
          props.onChange(leads);
        },
      }),
  };
}

const key = Buffer.from(settings.key);
const tokens: TokenVerifier = {
  verify: (token) =>
    jwtVerify(token, key).then(
      ({ payload: { sub = '', scope } }) => ({ sub, scope: String(scope) }),
      () => null,
    ),
  health: async () => 'ok',
};

async function main(): Promise<void> {
  const { host, port, ca, username, password } = settings.cache;
  const alpaca = createAlpacaClient({
    ...{ fetch: globalThis.fetch, clock, sleep, random: Math.random },
    ...{ baseUrl: settings.alpacaUrl, dataUrl: settings.alpacaUrl },
    credentials: async () => ({ keyId: 'test', secretKey: 'test' }),
    http: { timeoutMs: 2_000, maxAttempts: 1 },
  });
  const store = telling(storeOf(settings, log));
  const cache = valkeyCache({ host, port, tls: { ca }, credentials: async () => ({ username, password }), log });
  const timeZone = EXCHANGE_TIME_ZONE;
  const service = createService(
    {
      ...{
        env: 'test',
        region: 'local',
        version: '1',
        clock,
        sleep,
        random: Math.random,
        log,
        timeZone,
        store,
        tokens,
      },
      market: createMarketData({ alpaca, cache, clock, log, restMs: REST_MS }),
      closes: createCloseSource({ store, alpaca, clock, log, timeZone, restMs: REST_MS }),
      bus: {
        publish: async (events) => events.forEach(({ event, detail }) => write({ kind: 'event', event, detail })),
      },
      topics: {
        watched: async () => ({
          portfolios: JSON.parse(readFileSync(settings.watched, 'utf8')) as string[],
          symbols: [],
        }),
      },
    },
    { timers: pacedTimers },
  );
  process.on('unhandledRejection', (thrown) => {
    log.error('the service ended', { error_message: String(thrown) });
    process.exit(1);
  });
  await service.app.listen({ host: '127.0.0.1', port: settings.port });
  service.start();
  ready();
}

void main();
