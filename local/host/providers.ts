import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Log } from '../../lambda/adapters/ports';
import { type AlpacaClient, createAlpacaClient } from '../../lambda/adapters/providers/alpaca';
import { startSandbox } from '../sandbox/sandbox';
import type { Settings } from '../settings';
import type { ProviderAddresses } from './ground';

export interface Providers extends ProviderAddresses {
  close(): Promise<void>;
}

/** Alpaca lists its assets in one call and quotes on request; nothing here is about its limits. */
const SANDBOX_ALPACA_RPM = 1000;

/** The real providers, or those of the sandbox, on ports of their own. */
export async function startProviders({ providers, plan }: Settings, clock: Clock, log: Log): Promise<Providers> {
  if (providers.mode === 'live') {
    const { alpaca, alphaVantage } = providers;
    return { alpaca, alphaVantage, close: () => Promise.resolve() };
  }
  const sandbox = await startSandbox({
    universe: providers.universe,
    market: providers.market,
    now: clock,
    plan: { alpaca: { rpm: SANDBOX_ALPACA_RPM }, alphaVantage: plan },
    log: (line) => log.debug(line),
  });
  return {
    alpaca: { baseUrl: sandbox.alpacaUrl, dataUrl: sandbox.alpacaUrl, keyId: 'sandbox', secretKey: 'sandbox' },
    alphaVantage: { baseUrl: sandbox.alphaVantageUrl, apiKey: 'sandbox' },
    close: () => sandbox.close(),
  };
}

/** Alpaca's market data and assets. @param maxAttempts what a caller waits for at most */
export function alpacaOf({ alpaca }: ProviderAddresses, clock: Clock, maxAttempts: number): AlpacaClient {
  const { baseUrl, dataUrl, ...credentials } = alpaca;
  return createAlpacaClient({
    fetch: globalThis.fetch,
    clock,
    sleep: (milliseconds) => sleep(milliseconds),
    random: Math.random,
    baseUrl,
    dataUrl,
    credentials: () => Promise.resolve(credentials),
    http: { maxAttempts },
  });
}
