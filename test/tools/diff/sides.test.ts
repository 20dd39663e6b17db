import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesiseBoth } from '../../../tools/diff/sides';

const ROOT = join(__dirname, '..', '..', '..');

/** An app of one bucket and one asset, in the files that the tool reads of ours. */
const APP = `
import { type App, Stack } from 'aws-cdk-lib';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { join } from 'node:path';
export function buildApp(app: App, { env }: { env: string }): void {
  const stack = new Stack(app, 'Signal9-' + env + '-us-east-1-Storage', { env: { region: 'us-east-1' }, terminationProtection: true });
  const asset = new Asset(stack, 'Code', { path: join(__dirname, '..', 'code') });
  new CfnBucket(stack, 'Files', { bucketName: 'NAME', tags: [{ key: 'code', value: asset.s3ObjectKey }] });
}`;
const CONFIG = 'export const loadConfig = ({ env }: { env: string }) => ({ env });';

let root: string;
let temporary: string;

function git(...args: string[]): void {
  const who = ['-c', 'user.name=test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
  const { status, stderr } = spawnSync('git', [...who, ...args], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'signal9-diff-test-'));
  temporary = join(root, 'temporary');
  mkdirSync(temporary);
  symlinkSync(realpathSync(join(ROOT, 'node_modules')), join(root, 'node_modules'));
  write({
    '.gitignore': 'node_modules\ntemporary\n',
    'package.json': '{}',
    'package-lock.json': '{}',
    'cdk.json': '{"context":{}}',
    'lib/config/index.ts': CONFIG,
    'lib/platform.ts': APP,
    'code/index.mjs': 'export const handler = 1;',
    'code/index.mjs.map': '{"sources":["one"]}',
  });
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'Base');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const both = (ref: string, ...environments: string[]) => synthesiseBoth(root, ref, environments, temporary);
const leftBehind = () => readdirSync(temporary).filter((name) => name.startsWith('signal9-diff-'));

test('the base is the commit, the head what stands in the working tree; nothing is left behind', async () => {
  write({ 'lib/platform.ts': APP.replace('NAME', 'OTHER'), 'code/index.mjs.map': '{"sources":["two"]}' });
  const { base, head, commit } = await both('HEAD', 'dev', 'prod');
  expect(commit).toMatch(/^[0-9a-f]{40}$/);
  expect(base.map(({ name, place, protected: kept }) => [name, place, kept])).toEqual(
    ['dev', 'prod'].map((environment) => [
      `Signal9-${environment}-us-east-1-Storage`,
      { environment, region: 'us-east-1' },
      true,
    ]),
  );
  const bucket = ([side]: typeof base) =>
    (side!.template.Resources as { Files: { Properties: { BucketName: string; Tags: unknown } } }).Files.Properties;
  expect([bucket(base).BucketName, bucket(head).BucketName]).toEqual(['NAME', 'OTHER']);
  // Only the source map differs.
  expect(JSON.stringify(bucket(base).Tags)).toMatch(/asset-[0-9a-f]{64}/);
  expect(bucket(head).Tags).toEqual(bucket(base).Tags);
  expect(leftBehind()).toEqual([]);
}, 60_000);

test('other code is another asset', async () => {
  write({ 'code/index.mjs': 'export const handler = 2;' });
  const { base, head } = await both('HEAD', 'dev');
  expect(head).not.toEqual(base);
  expect(JSON.stringify(head).replaceAll(/asset-[0-9a-f]{64}/g, '')).toBe(
    JSON.stringify(base).replaceAll(/asset-[0-9a-f]{64}/g, ''),
  );
}, 60_000);

test('a side that does not synthesise is named in one line with its reason, and nothing is left behind', async () => {
  write({
    'lib/platform.ts': 'export function buildApp(): void { throw new Error("no such thing\\nat all\\nand more"); }',
  });
  await expect(both('HEAD', 'dev')).rejects.toThrow(/^synthesis of the head failed: no such thing at all$/);
  git('commit', '-qam', 'Break');
  write({ 'lib/platform.ts': APP });
  await expect(both('HEAD', 'dev')).rejects.toThrow(/^synthesis of the base [0-9a-f]{10} failed: no such/);
  expect(leftBehind()).toEqual([]);
}, 60_000);

test('a synthesis that needs a look-up in an account is refused', async () => {
  write({
    'lib/platform.ts': APP.replace('new CfnBucket', 'lookUp(stack); new CfnBucket').replace(
      'env: { region',
      "env: { account: '111122223333', region",
    ).concat(`
      import { ContextProvider } from 'aws-cdk-lib';
      function lookUp(stack: Stack): void {
        ContextProvider.getValue(stack, { provider: 'ssm', props: { parameterName: '/x', account: '111122223333', region: 'us-east-1' }, dummyValue: '', includeEnvironment: false });
      }`),
  });
  await expect(both('HEAD', 'dev')).rejects.toThrow('dev needs a look-up in an account: ssm:');
}, 60_000);

test.each(['no-such-branch', '--all', 'HEAD~99', 'HEAD:lib'])('%s is no commit', async (ref) => {
  await expect(both(ref, 'dev')).rejects.toThrow(`${JSON.stringify(ref)} is no commit of this clone`);
  expect(leftBehind()).toEqual([]);
});

describe('the program', () => {
  const program = ['--import', 'tsx', join(ROOT, 'tools', 'diff', 'main.ts')];

  test.each([
    [['no-such-branch'], /^diff: "no-such-branch" is no commit of this clone.*\n$/],
    [[], /^diff: the base ref is missing; usage: .*\n$/],
  ])('%j is one line on stderr and exit 2', (argv, line) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...program, ...argv], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(line);
  });

  test('interrupted, ends what it started and removes what it wrote', async () => {
    const seen = new Promise<void>((resolve) => {
      const watcher = watch(temporary, { recursive: true }, (_, name) => {
        if (!name?.includes('head-tmp')) return;
        watcher.close();
        resolve();
      });
    });
    const child = spawn(process.execPath, [...program, 'HEAD', '--env', 'dev'], {
      cwd: ROOT,
      stdio: 'ignore',
      env: { ...process.env, TMPDIR: temporary },
    });
    await seen;
    child.kill('SIGTERM');
    const [status] = (await once(child, 'close')) as [number];
    expect(status).toBe(128 + 15);
    expect(leftBehind()).toEqual([]);
  }, 60_000);
});
