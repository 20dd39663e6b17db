import { cpSync, createWriteStream, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { STACKS } from '../../lib/platform';
import { helpAsked } from '../../local/help';
import { program } from '../engines/mariadb';
import { columnOf, complaints, readRecord, STUBS, table, typesByColumn, writeRecord } from './columns';
import { conformance } from './conformance';
import { type Deployment, findDeployment, resourcesOf } from './deployment';
import { AWS_ENVIRONMENT } from './emulator';
import { bootstrap, deploy, deployAssembly, deployUnchanged, destroy, diffNothing, update } from './lifecycle';
import { signInPeople } from './people';
import { type Platform, startPlatform } from './platform';
import { preflightFinds } from './preflight';
import { remains } from './remains';
import { overstep, startService } from './service';
import { until } from './until';
import { type User, uses } from './usage';

/**
 * Deploys the platform, dev's unmodified templates, to an emulator of AWS on this machine, by CDK's own CLI; uses what it
 * deployed; deploys again, compares, updates and destroys. `npm run verify:deploy`; exit code 1 and what is wrong where
 * something does not hold. `-- --record` writes down what comes of each resource type.
 */
const say = (line: string) => process.stdout.write(`${line}\n`);

/** What did not hold; the verification goes on where it can. */
const wrong: string[] = [];

type Said = string | readonly string[];

/** @returns what `run` made, or that it did not hold */
async function attempt<T>(says: string, run: () => Promise<T>, tell: (made: T) => Said): Promise<{ made: T } | null> {
  const began = Date.now();
  const seconds = () => `${((Date.now() - began) / 1000).toFixed(1)} s`;
  try {
    const made = await run();
    const [first = '', ...rest] = [tell(made)].flat();
    say(`ok    ${says} (${seconds()})${first && `: ${first}`}`);
    for (const line of rest) say(`      ${line}`);
    return { made };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    wrong.push(says);
    say(`FAIL  ${says} (${seconds()})\n${message}`);
    return null;
  }
}

const step = (says: string, run: () => Promise<Said>) => attempt(says, run, (said) => said);

/** Without which there is nothing to go on with. */
async function must<T>(says: string, run: () => Promise<T>, tell: (made: T) => Said = () => ''): Promise<T> {
  const done = await attempt(says, run, tell);
  if (!done) throw new Stopped();
  return done.made;
}
class Stopped extends Error {}

async function main(): Promise<number> {
  if (helpAsked('usage: npm run verify:deploy -- [--record]')) return 0;
  const needed = ['openssl', 'redis-server', 'mariadbd', 'python3'].filter((name) => program(name) === undefined);
  if (needed.length > 0) {
    process.stderr.write(
      `verify:deploy: needs ${needed.join(', ')} (Debian: apt-get install openssl redis-server mariadb-server-core mariadb-client-core python3-venv)\n`,
    );
    return 1;
  }
  // A profile would be preferred to the emulator's keys, and one service's endpoint to the emulator's.
  for (const name of Object.keys(process.env))
    if (/^(?:AWS|CDK)_/.test(name)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, AWS_ENVIRONMENT, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
  const began = Date.now();
  const started: { platform?: Platform } = {};
  stopOnSignals(started);
  const platform = await startPlatform(STUBS);
  started.platform = platform;
  try {
    await verified(platform);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  } finally {
    await step('stops what it started', async () => {
      await platform.stop();
      return '';
    });
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

  await must('cdk bootstrap', () => bootstrap(log));
  await must(
    'cdk deploy --all',
    () => deploy(out, log),
    () => `${STACKS.length} stacks, servers: ${platform.standIns.running().join(', ')}`,
  );
  await step('what was made, and what only accepted', () => columns(platform));
  // Before a command that synthesises without the code.
  const assembly = path.join(folder, 'elsewhere', 'assembly');
  cpSync(out, assembly, { recursive: true });

  const deployment = await must('finds the deployment by its outputs', findDeployment, ({ restUrl }) => restUrl);
  const people = await must('signs two people up and in, by SRP, and a machine by its secret', () =>
    signInPeople(deployment),
  );
  const service = await must(
    'starts the portfolio service from its deployed program',
    () => startService(platform),
    ({ asset }) => asset,
  );
  const user: User = { deployment, people };
  try {
    for (const { says, run } of uses) await step(says, () => run(user));
    await step('the conformance suite of the local host', async () => {
      const { passed, excepted, complaints: complained } = await conformance(user);
      if (complained.length > 0) throw new Error(complained.join('\n'));
      return [`${passed} cases pass`, ...excepted];
    });
    await step('no policy denied a call, but one that has to be', () => deniedOnly(deployment, folder));
    await step('a second deployment changes nothing', () => deployUnchanged(out, log));
    await step('cdk diff is empty', () => diffNothing(out, log));
    await step('an update deploys', () => update(user, folder, log));
    await step('preflight knows what is deployed', () => preflightFinds(folder, out, WHILE_DEPLOYED));
  } finally {
    await service.stop();
  }
  await step('cdk destroy --all leaves what is meant to be retained: nothing, in dev', () =>
    destroyed(platform, out, log),
  );
  await step('preflight finds every name free again', () => preflightFinds(folder, out, AFTER_DESTRUCTION));
  await step('cdk deploy --app of the first synthesis, where everything was before', async () => {
    await deployAssembly(assembly, log);
    const { restUrl } = await findDeployment();
    return restUrl;
  });
  await step('cdk destroy --all once more', () => destroyed(platform, out, log));
}

const WHILE_DEPLOYED = {
  bootstrap: /^ok: bootstrapped, version \d+$/,
  stacks: 'ok: 7 are deployed',
  'physical-names': 'ok: all are in use by this environment',
  'provider-keys': 'ok: signal9-dev-alpaca was filled in',
} as const;

const AFTER_DESTRUCTION = {
  stacks: 'ok: none is deployed',
  'physical-names': /^ok: \d+ are free$/,
  'provider-keys': 'ok: to be put in after the first deployment',
} as const;

async function destroyed(platform: Platform, out: string, log: (line: string) => void): Promise<string> {
  const blind = Object.entries(await remains()).flatMap(([kind, names]) => (names.length === 0 ? [kind] : []));
  if (blind.length > 0) throw new Error(`nothing is seen of ${blind.join(', ')} while they are deployed`);
  await destroy(out, log);
  const after = await remains();
  const left = Object.entries(after).flatMap(([kind, names]) => names.map((name) => `${kind}: ${name}`));
  const running = platform.standIns.running().map((name) => `server: ${name}`);
  if (left.length + running.length > 0) throw new Error([...left, ...running].join('\n'));
  return Object.keys(after).join(', ');
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

/** The emulator judges each call of a function, and of the service, by the policies of its role. */
async function deniedOnly(deployment: Deployment, folder: string): Promise<string> {
  const denials = () => {
    const said = readFileSync(path.join(folder, 'emulator.log'), 'utf8').matchAll(/^signal9 denied (.+)$/gm);
    return [...said].map(([, whoAndWhat = '']) => whoAndWhat);
  };
  const before = new Set(denials());
  if (before.size > 0) throw new Error([...before].join('\n'));
  await overstep(deployment);
  // What the emulator says comes to the file a moment later.
  const told = await until('a denial in the log of the emulator', () =>
    Promise.resolve(denials().length > 0 && denials()),
  );
  if (told.length !== 1) throw new Error(told.join('\n'));
  return 'each function and the service has its own role; the service may not read the users';
}

/** However somebody ends it, nothing stays behind: before there is a platform, what was started goes with this process. */
function stopOnSignals(started: { readonly platform?: Platform }): void {
  const stop = async (): Promise<void> => started.platform?.stop();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => void stop().finally(() => process.exit(130)));
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`verify:deploy: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
