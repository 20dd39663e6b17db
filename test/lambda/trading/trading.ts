import { events } from '../../../contract/events';
import { createMarketHours } from '../../../lambda/adapters/market-hours';
import type { LogFields, MetricName, PublishedEvent } from '../../../lambda/adapters/ports';
import { createAlpacaClient } from '../../../lambda/adapters/providers/alpaca';
import { createAlpacaTrading } from '../../../lambda/adapters/providers/alpaca-trading';
import { alpacaVenue } from '../../../lambda/adapters/venues/alpaca';
import { startSandbox, type SandboxProps } from '../../../local/sandbox/sandbox';
import { alwaysAwake } from '../../ledger-activity';
import { memoryLedger } from './memory-ledger';

/** A Monday, eleven in the morning in New York. */
export const MONDAY = '2026-05-18T15:00:00.000Z';

/** Trading over the sandbox's real HTTP, on a ledger in memory; its clock moves only when told, or when a client sleeps. */
export async function startTrading({ at = MONDAY, ...options }: Partial<SandboxProps> & { readonly at?: string } = {}) {
  let instant = Date.parse(at);
  const clock = () => new Date(instant);
  const sandbox = await startSandbox({ universe: 25, ...options, now: clock });
  const ledger = memoryLedger(clock);
  const ports = {
    fetch: globalThis.fetch,
    clock,
    sleep: async (ms: number) => void (instant += ms),
    random: () => 0.5,
    credentials: async () => ({ keyId: 'sandbox', secretKey: 'sandbox' }),
    baseUrl: sandbox.alpacaUrl,
  };
  const logged: { level: string; message: string; fields?: LogFields }[] = [];
  const line = (level: string) => (message: string, fields?: LogFields) => {
    logged.push({ level, message, ...(fields && { fields }) });
  };
  const log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
  const counted: Partial<Record<MetricName, number>> = {};
  const published: PublishedEvent[] = [];
  const bus = {
    /** What the bus refuses; nothing by default. */
    refuses: (_: PublishedEvent): boolean => false,
    publish: async (batch: readonly PublishedEvent[]) => {
      if (batch.some((event) => bus.refuses(event))) throw new Error('the bus refused an event');
      for (const { event, detail } of batch) published.push({ event, detail: events[event].detail.parse(detail) });
    },
  };
  const alpaca = createAlpacaClient({ ...ports, dataUrl: sandbox.alpacaUrl });
  const trading = createAlpacaTrading({ ...ports, http: { maxAttempts: 1, timeoutMs: 2_000 } });
  return {
    sandbox,
    ledger,
    activity: alwaysAwake,
    bus,
    published,
    logged,
    counted,
    clock,
    log,
    metrics: { count: (name: MetricName, value: number) => void (counted[name] = (counted[name] ?? 0) + value) },
    alpaca,
    trading,
    marketHours: createMarketHours({ alpaca: trading, clock, log }),
    venue: alpacaVenue({ trading, ledger, clock, log }),
    quoteMaxAgeSeconds: 120,
    pass: (milliseconds: number) => void (instant += milliseconds),
    price: async (symbol = 'ACMEJ') => (await alpaca.snapshots([symbol])).snapshots.get(symbol)!.latestTrade!.p,
    job: (job: string) => ({ job, scheduled_time: clock().toISOString() }),
    stop: () => sandbox.close(),
  };
}
export type TestTrading = Awaited<ReturnType<typeof startTrading>>;
