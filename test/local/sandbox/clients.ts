import { createAlpacaClient } from '../../../lambda/adapters/providers/alpaca';
import { createAlpacaTrading } from '../../../lambda/adapters/providers/alpaca-trading';
import { createAlphaVantageClient } from '../../../lambda/adapters/providers/alpha-vantage';
import { startSandbox, type SandboxProps } from '../../../local/sandbox/sandbox';

/** A sandbox at a moment that the test moves, and the real clients pointed at it. Waiting moves the moment too. */
export async function sandboxWithClients(props: Partial<SandboxProps> & { readonly at?: string } = {}) {
  const { at = '2026-05-17T15:00:00Z', ...rest } = props;
  let instant = Date.parse(at);
  const slept: number[] = [];
  const clock = () => new Date(instant);
  const sandbox = await startSandbox({ universe: 60, ...rest, now: clock });
  const ports = {
    fetch,
    clock,
    sleep: async (ms: number) => {
      slept.push(ms);
      instant += ms;
    },
    random: () => 0.5,
    http: { timeoutMs: 2_000 },
  };
  const credentials = async () => ({ keyId: 'sandbox-key', secretKey: 'sandbox-secret' });
  const alpaca = createAlpacaClient({
    ...ports,
    baseUrl: sandbox.alpacaUrl,
    dataUrl: sandbox.alpacaUrl,
    credentials,
  });
  const trading = createAlpacaTrading({ ...ports, baseUrl: sandbox.alpacaUrl, credentials });
  const alphaVantage = createAlphaVantageClient({
    ...ports,
    baseUrl: sandbox.alphaVantageUrl,
    apiKey: async () => 'sandbox-api-key',
  });
  const pass = (ms: number) => {
    instant += ms;
  };
  return { sandbox, alpaca, trading, alphaVantage, pass, slept, ports };
}

export type SandboxWithClients = Awaited<ReturnType<typeof sandboxWithClients>>;

/** A figure as a number; the sandbox's stay below 2⁵³. */
export function number(figures: Readonly<Record<string, string | null>>, key: string): number {
  const text = figures[key];
  if (text === null || text === undefined) throw new Error(`${key} is missing`);
  return Number(text);
}
