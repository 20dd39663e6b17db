import { setTimeout as sleep } from 'node:timers/promises';
import { errorFields } from '../lambda/adapters/log-fields';
import { helpAsked } from './help';
import { platformFunctions } from './host/functions';
import { type Host, startHost } from './host/host';
import { HostError } from './host/host-error';
import { readyLines } from './host/ready';
import { VERSION } from './host/version';
import { parseSettings, type Settings, SettingsError } from './settings';

/** The URLs are printed by then, whatever the first day is doing; counted from the start of the process. */
const READY_BY_MS = 25_000;
/** npm and the terminal may both pass one Ctrl-C on; a second one from a person comes later. */
const SAME_KEYSTROKE_MS = 400;

const USAGE = 'usage: npm start   the platform on this machine; settings are environment variables (README.md)';

const say = (line: string) => console.log(line);

async function main(): Promise<void> {
  if (helpAsked(USAGE)) return;
  // The SDK's reminder to leave Node 20 is for those who deploy it.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const settings = parseSettings(process.env);
  say(`Signal9 ${VERSION} on one machine, ${providersInWords(settings)}, data in ${settings.dataDir}`);
  const running: { host?: Host } = {};
  process.on('uncaughtException', (error) => {
    running.host?.log.error('uncaught', errorFields(error));
    fail(`Signal9 stopped unexpectedly: ${error.message}`);
  });
  const host = await startHost(settings, { functions: platformFunctions, say });
  running.host = host;
  stopOnSignals(host);
  const left = Math.max(0, READY_BY_MS - performance.now());
  await Promise.race([host.firstDay, sleep(left, undefined, { ref: false })]);
  for (const line of await readyLines(host)) say(line);
}

function providersInWords({ providers }: Settings): string {
  return providers.mode === 'live'
    ? `with Alpaca at ${providers.alpaca.baseUrl} and Alpha Vantage at ${providers.alphaVantage.baseUrl}`
    : `with a sandbox of ${providers.universe} fictional companies`;
}

function stopOnSignals(host: Host): void {
  let first: number | undefined;
  const stop = () => {
    if (first !== undefined) {
      if (performance.now() - first > SAME_KEYSTROKE_MS) process.exit(130);
      return;
    }
    first = performance.now();
    say('Stopping; once more to stop at once');
    host.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(`Signal9 did not stop cleanly: ${error instanceof Error ? error.message : 'unknown'}`),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
}

function fail(line: string): never {
  console.error(line);
  process.exit(1);
}

main().catch((error: unknown) => {
  if (error instanceof SettingsError || error instanceof HostError) fail(error.message);
  console.error(error);
  process.exit(1);
});
