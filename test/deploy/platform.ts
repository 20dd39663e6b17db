import { mkdirSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SERVICE_PORT } from '../../contract/service';
import { CACHE_PORT } from '../../lib/constructs/cache-access';
import { LEDGER_PORT } from '../../lib/constructs/ledger-access';
import { PORTFOLIO_PORT } from '../../lib/constructs/portfolio-access';
import { startSandbox } from '../../local/sandbox/sandbox';
import { accepts } from '../accepting';
import { certify } from '../certificate';
import { type Emulator, GATEWAY_PORT, startEmulator } from './emulator';
import { type StandIns, startStandIns, STOOD_IN } from './stand-ins';

/** What a deployment stands on here: the emulator, the servers that stand in, and the sandbox's providers. */
export interface Platform {
  readonly folder: string;
  readonly emulator: Emulator;
  readonly standIns: StandIns;
  /** For every process that runs deployed code. */
  readonly trust: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Alpaca's of the sandbox; Alpha Vantage's is the next. The same in every run, for they are in the templates. */
const SANDBOX_PORT = 4570;
const COMPANIES = 25;

/** The configuration of dev, with the sandbox for its providers. */
export const OVERRIDES = {
  providers: {
    alpaca: { baseUrl: `http://127.0.0.1:${SANDBOX_PORT}`, dataUrl: `http://127.0.0.1:${SANDBOX_PORT}` },
    alphaVantage: {
      baseUrl: `http://127.0.0.1:${SANDBOX_PORT + 1}`,
      requestsPerSecond: 100,
      requestsPerMinute: null,
      requestsPerDay: null,
    },
  },
};

/** The templates, or the emulator's endpoint in the environment, name these: no others can be taken instead. */
const PORTS: Readonly<Record<string, number>> = {
  'the emulator of AWS': GATEWAY_PORT,
  'the sandbox’s Alpaca': SANDBOX_PORT,
  'the sandbox’s Alpha Vantage': SANDBOX_PORT + 1,
  'the ledger’s MariaDB': LEDGER_PORT,
  'the portfolios’ PostgreSQL': PORTFOLIO_PORT,
  'the cache’s Redis': CACHE_PORT,
  'the portfolio service': SERVICE_PORT,
};

/** @throws Error naming each of `ports` at which something listens already, and for whom it is needed */
export async function refuseTakenPorts(ports = PORTS): Promise<void> {
  const taken: string[] = [];
  for (const [whose, port] of Object.entries(ports)) if (await accepts(port)) taken.push(`${port} (${whose})`);
  if (taken.length > 0) throw new Error(`in use by other programs of this machine: port ${taken.join(', port ')}`);
}

/** @throws Error where a port is taken, or a part does not start: then none of them runs any more */
export async function startPlatform(accepted: readonly string[]): Promise<Platform> {
  await refuseTakenPorts();
  const folder = mkdtempSync(path.join(os.tmpdir(), 's9-deploy-'));
  const stops: (() => Promise<void>)[] = [];
  const stopAll = async () => {
    for (let one = stops.pop(); one; one = stops.pop()) await one();
  };
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= stopAll());
  try {
    return { ...(await startParts(folder, accepted, stops)), folder, stop };
  } catch (error) {
    await stop();
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${message} (kept for a look: ${folder})`, { cause: error });
  }
}

/** @param stops is told how to stop each part as soon as it runs */
async function startParts(
  folder: string,
  accepted: readonly string[],
  stops: (() => Promise<void>)[],
): Promise<Pick<Platform, 'emulator' | 'standIns' | 'trust'>> {
  const certificate = certify(folder);
  const trust = {
    SIGNAL9_AUTHORITY: certificate.authority,
    NODE_EXTRA_CA_CERTS: certificate.authority,
    NODE_OPTIONS: `--require ${path.join(__dirname, 'trust.cjs')}`,
    // The runtime brings an SDK along, which CDK's own functions rely on.
    NODE_PATH: path.join(__dirname, '..', '..', 'node_modules'),
  };
  const sandbox = await startSandbox({
    universe: COMPANIES,
    now: () => new Date(),
    port: SANDBOX_PORT,
    plan: { alpaca: { rpm: 1000 }, alphaVantage: { rps: null, rpm: null, rpd: null } },
  });
  stops.push(() => sandbox.close());
  const standIns = await startStandIns(certificate, GATEWAY_PORT);
  stops.push(() => standIns.stop());
  const kept = path.join(folder, 'emulator');
  mkdirSync(kept);
  const emulator = await startEmulator({
    standIns: standIns.url,
    stoodIn: STOOD_IN,
    accepted,
    environment: trust,
    log: path.join(folder, 'emulator.log'),
    folder: kept,
  });
  stops.push(() => emulator.stop());
  return { emulator, standIns, trust };
}
