import { mkdirSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startSandbox } from '../../local/sandbox/sandbox';
import { SERVICE_PORT } from '../../contract/service';
import { CACHE_PORT } from '../../lib/constructs/cache-access';
import { LEDGER_PORT } from '../../lib/constructs/ledger-access';
import { PORTFOLIO_PORT } from '../../lib/constructs/portfolio-access';
import { accepts } from './accepting';
import { certify } from './certificate';
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

/** Who listens where, on loopback: the addresses are in the templates. */
const PORTS: Readonly<Record<number, string>> = {
  [GATEWAY_PORT]: 'the emulator',
  [SANDBOX_PORT]: 'the sandbox of Alpaca',
  [SANDBOX_PORT + 1]: 'the sandbox of Alpha Vantage',
  [LEDGER_PORT]: 'MariaDB',
  [PORTFOLIO_PORT]: 'PostgreSQL',
  [CACHE_PORT]: 'Redis',
  [SERVICE_PORT]: 'the portfolio service',
};

/** @throws Error naming each port that somebody else has, before anything is started */
export async function startPlatform(accepted: readonly string[]): Promise<Platform> {
  const ports = Object.entries(PORTS).map(async ([port, who]) =>
    (await accepts(Number(port))) ? [`${port} (${who})`] : [],
  );
  const taken = (await Promise.all(ports)).flat();
  if (taken.length > 0) throw new Error(`these ports of loopback are taken: ${taken.join(', ')}`);
  const folder = mkdtempSync(path.join(os.tmpdir(), 's9-deploy-'));
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
  const standIns = await startStandIns(certificate, GATEWAY_PORT);
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
  return {
    folder,
    emulator,
    standIns,
    trust,
    async stop() {
      await emulator.stop();
      await standIns.stop();
      await sandbox.close();
    },
  };
}
