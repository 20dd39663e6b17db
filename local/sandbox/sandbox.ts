import { createAlpacaProvider } from './alpaca-provider';
import { createAlphaVantageProvider } from './alpha-vantage-provider';
import { createMarket, type MarketHours } from './market';
import { createMisbehaviourQueue, type Misbehaviour } from './misbehaviour';
import { SANDBOX_SYMBOLS } from './named-symbols';
import { type SandboxCall, startProvider } from './provider-server';
import { type PlanLimits } from './rate-limit';
import { createUniverse, type Universe } from './universe';

export { type Misbehaviour, type MisbehaviourKind, MISBEHAVIOURS } from './misbehaviour';
export { MARKET_HOURS, type MarketHours } from './market';
export { SANDBOX_SYMBOLS, type Trait } from './named-symbols';
export { type SandboxCall } from './provider-server';

export interface SandboxProps {
  /** Companies, at most 12,000; the named ones are always among them. @default 250 */
  readonly universe?: number;
  /** @default 9 */
  readonly seed?: number;
  /** The sandbox's day: what is reported, quoted, published and counted by now. */
  readonly now: () => Date;
  readonly plan?: { readonly alpaca?: { readonly rpm: number }; readonly alphaVantage?: PlanLimits };
  /** @default 'open' */
  readonly market?: MarketHours;
  /** Of Alpaca; Alpha Vantage takes the next one. 0 takes free ones. @default 0 */
  readonly port?: number;
  readonly log?: (line: string) => void;
}

export interface Sandbox {
  /** Trading and market data both. */
  readonly alpacaUrl: string;
  readonly alphaVantageUrl: string;
  readonly universe: Universe;
  /** The calls so far, oldest first; no keys. */
  callLog(): readonly SandboxCall[];
  misbehave(rule: Misbehaviour): void;
  /** Forgets misbehaviour that was asked for and not used up. */
  behave(): void;
  close(): Promise<void>;
}

/** DESIGN §5: 600 a minute at Alpha Vantage, Alpaca's free plan. */
const DEFAULT_PLAN = { alpaca: { rpm: 200 }, alphaVantage: { rps: null, rpm: 600, rpd: null } };
const MAX_UNIVERSE = 12_000;

/**
 * Both providers, on 127.0.0.1: the wire formats of DOMAIN.md §1 and §2 over one seeded, fictional, coherent universe.
 * Whatever the seed, the same question at the same `now` has the same answer.
 */
export async function startSandbox(props: SandboxProps): Promise<Sandbox> {
  const { universe: size = 250, seed = 9, now, plan, port = 0, log: print } = props;
  if (!Number.isInteger(size) || size < 1 || size > MAX_UNIVERSE) {
    throw new RangeError(`the sandbox's universe has 1 to ${MAX_UNIVERSE} companies, not ${size}`);
  }
  const universe = createUniverse(Math.max(size, Object.keys(SANDBOX_SYMBOLS).length), seed);
  const market = createMarket(props.market ?? 'open', now);
  const misbehaviours = createMisbehaviourQueue();
  const log: SandboxCall[] = [];
  const shared = { now, misbehaviours, log, ...(print && { print }) };
  const ground = { universe, market, now };

  const alpaca = await startProvider({
    ...shared,
    ...createAlpacaProvider({ ...ground, plan: plan?.alpaca ?? DEFAULT_PLAN.alpaca }),
    provider: 'alpaca',
    port,
  });
  const alphaVantage = await startProvider({
    ...shared,
    ...createAlphaVantageProvider({ ...ground, plan: plan?.alphaVantage ?? DEFAULT_PLAN.alphaVantage }),
    provider: 'alpha_vantage',
    port: port === 0 ? 0 : port + 1,
  }).catch(async (error: unknown) => {
    await alpaca.close();
    throw error;
  });

  return {
    alpacaUrl: alpaca.url,
    alphaVantageUrl: alphaVantage.url,
    universe,
    callLog: () => [...log],
    misbehave: (rule) => misbehaviours.add(rule),
    behave: () => misbehaviours.clear(),
    close: async () => {
      await Promise.all([alpaca.close(), alphaVantage.close()]);
    },
  };
}
