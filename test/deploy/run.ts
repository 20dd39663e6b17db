import { execFileSync } from 'node:child_process';
import { createWriteStream, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { STACKS } from '../../lib/platform';
import { columnOf, complaints, readRecord, STUBS, table, typesByColumn, writeRecord } from './columns';
import { conformance } from './conformance';
import { findDeployment, resourcesOf } from './deployment';
import { AWS_ENVIRONMENT } from './emulator';
import { bootstrap, deploy, deployUnchanged, destroy, diffNothing, update } from './lifecycle';
import { signInPeople } from './people';
import { type Platform, startPlatform } from './platform';
import { remains } from './remains';
import { startService } from './service';
import { type User, uses } from './usage';

/**
 * Deploys the platform, dev's unmodified templates, to an emulator of AWS on this machine, by CDK's own CLI; uses what it
 * deployed; deploys again, compares, updates and destroys. `npm run verify:deploy`; exit code 1 and what is wrong where
 * something does not hold. `-- --record` writes down what comes of each resource type.
 */
const say = (line: string) => process.stdout.write(`${line}\n`);

/** What did not hold; the verification goes on where it can. */
const wrong: string[] = [];

async function step(says: string, run: () => Promise<string | readonly string[]>): Promise<void> {
  const began = Date.now();
  const seconds = () => `${((Date.now() - began) / 1000).toFixed(1)} s`;
  try {
    const [first = '', ...rest] = [await run()].flat();
    say(`ok    ${says} (${seconds()})${first && `: ${first}`}`);
    for (const line of rest) say(`      ${line}`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    wrong.push(says);
    say(`FAIL  ${says} (${seconds()})\n${message}`);
  }
}

/** Without which there is nothing to go on with. */
async function must(says: string, run: () => Promise<string | readonly string[]>): Promise<void> {
  const before = wrong.length;
  await step(says, run);
  if (wrong.length > before) throw new Stopped();
}
class Stopped extends Error {}

async function main(): Promise<number> {
  const needed = ['openssl', 'redis-server', 'mariadbd', 'python3'].filter((program) => !isInstalled(program));
  if (needed.length > 0) {
    process.stderr.write(
      `verify:deploy: needs ${needed.join(', ')} (Debian: apt-get install openssl redis-server mariadb-server-core mariadb-client-core python3-venv)\n`,
    );
    return 1;
  }
  Object.assign(process.env, AWS_ENVIRONMENT, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
  const began = Date.now();
  const platform = await startPlatform(STUBS);
  const stopped = stopOnSignals(platform);
  try {
    await verified(platform);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  } finally {
    await stopped();
  }
  const minutes = ((Date.now() - began) / 60_000).toFixed(1);
  if (wrong.length === 0) rmSync(platform.folder, { recursive: true, force: true });
  else say(`kept for a look: ${platform.folder}`);
  say(wrong.length === 0 ? `verified in ${minutes} minutes` : `${wrong.length} did not hold: ${wrong.join('; ')}`);
  return wrong.length === 0 ? 0 : 1;
}

async function verified(platform: Platform): Promise<void> {
  const { folder } = platform;
  const out = path.join(folder, 'cdk.out');
  const file = createWriteStream(path.join(folder, 'cdk.log'));
  const log = (line: string) => void file.write(`${line}\n`);

  await must('cdk bootstrap', async () => {
    await bootstrap(log);
    return '';
  });
  await must('cdk deploy --all', async () => {
    await deploy(out, log);
    return `${STACKS.length} stacks, servers: ${platform.standIns.running().join(', ')}`;
  });
  await step('what was made, and what only accepted', () => columns(platform));

  const deployment = await findDeployment();
  const user: User = { deployment, people: await signInPeople(deployment) };
  const service = { current: await startService(platform) };
  try {
    await step('starts the portfolio service from its deployed program', async () => service.current.asset);
    for (const { says, run } of uses) await step(says, () => run(user));
    await step('the conformance suite of the local host', async () => {
      const { passed, excepted, complaints: complained } = await conformance(user);
      if (complained.length > 0) throw new Error(complained.join('\n'));
      return [`${passed} cases pass`, ...excepted];
    });
    await step('no policy denied a call', async () => nothingDenied(folder));
    await step('a second deployment changes nothing', () => deployUnchanged(out, log));
    await step('cdk diff is empty', () => diffNothing(out, log));
    await step('an update deploys', () => update(user, folder, log));
  } finally {
    await service.current.stop();
  }
  await step('cdk destroy --all leaves what is meant to be retained: nothing, in dev', async () => {
    await destroy(out, log);
    const left = Object.entries(await remains()).flatMap(([kind, names]) => names.map((name) => `${kind}: ${name}`));
    const running = platform.standIns.running().map((name) => `server: ${name}`);
    if (left.length + running.length > 0) throw new Error([...left, ...running].join('\n'));
    return Object.keys(await remains()).join(', ');
  });
}

/** The table, and complaints of what changed since it was recorded. */
async function columns({ emulator }: Platform): Promise<readonly string[]> {
  const stacks: Record<string, readonly string[]> = {};
  for (const part of STACKS) stacks[part] = (await resourcesOf(part)).map(({ type }) => type);
  const types = Object.values(stacks).flat();
  const found = Object.fromEntries(types.map((type) => [type, columnOf(type)]));
  if (process.argv.includes('--record')) writeRecord(found);
  // A custom resource is what our own function makes of it.
  const unknown = Object.keys(found).filter(
    (type) => found[type] === 'made' && !type.startsWith('Custom::') && !emulator.known.has(type),
  );
  const complained = [
    ...complaints(readRecord(), found),
    ...unknown.map((type) => `${type} is made by nobody: the emulator does not know it`),
  ];
  const lines = [...table(stacks), ...typesByColumn(types)];
  if (complained.length > 0) throw new Error([...lines, ...complained].join('\n'));
  return ['', ...lines];
}

/** The emulator judges each call of a function and of the service by the policies of its role. */
function nothingDenied(folder: string): string {
  const said = ['emulator.log', 'service.log'].map((file) => readFileSync(path.join(folder, file), 'utf8')).join('\n');
  const denied = said.matchAll(/User: (\S+) is not authorized to perform: ([\w:-]+)/g);
  const lines = new Set([...denied].map(([, who = '', action = '']) => `${who}: ${action}`));
  if (lines.size > 0) throw new Error([...lines].join('\n'));
  return 'each function and the service had its own role';
}

/** Stops everything once, whether the verification ends or somebody ends it. */
function stopOnSignals(platform: Platform): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= platform.stop());
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().finally(() => process.exit(130)));
  return stop;
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `PATH="$PATH:/usr/sbin"; command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`verify:deploy: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
