import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { BUNDLING_STACKS } from 'aws-cdk-lib/cx-api';
import { STACKS } from '../../lib/platform';

const ROOT = join(__dirname, '..', '..');

/** Runs the app's own process as the CDK CLI does, and without credentials. */
function app(context: Record<string, unknown>) {
  const outdir = mkdtempSync(join(tmpdir(), 'signal9-cli-'));
  try {
    return spawnSync(process.execPath, ['--import', 'tsx', 'bin/signal9.ts'], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: outdir, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) },
    });
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** The CLI lists from the manifest: what the app writes there, with these contexts, is in invariants/stacks.test.ts. */
test.each([
  ['an impossible environment', { env: 'PROD!' }, 'signal9: env "PROD!" must be'],
  ['a region that is none of ours', { region: 'eu-west-9' }, 'signal9: dev: regions.0'],
  ['a wrong type', { overrides: '{"retain":"yes"}' }, 'signal9: dev: retain'],
  ['a key that nobody reads', { Env: 'prod' }, 'signal9: context "Env" is not read by anything: did you mean "env"?'],
  ['a name that Cognito refuses', { env: 'aws-fix' }, 'signal9: env "aws-fix" must not contain "aws"'],
  ['prod with the example values', { env: 'prod' }, 'signal9: prod: domain.name, domain.hostedZoneId,'],
])('%s is one line on stderr and exit 1, before anything is synthesised', (_, context, start) => {
  const { status, stderr, stdout } = app(context);
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr.startsWith(start)).toBe(true);
});

test('a list of prod is made without its example values replaced, without a bundle and without a verdict', () => {
  const { status, stderr } = app({ env: 'prod', region: 'us-east-1', [BUNDLING_STACKS]: [] });
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining('signal9:') as string });
});

test('`cdk watch` sees no folder that a synthesis, a test or a server writes into', () => {
  const { watch } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { watch: Record<string, string[]> };
  const watched = watch.include?.map((pattern) => pattern.replace('/**', ''));
  expect(watched).toEqual([
    'bin',
    'contract',
    'core',
    'lambda',
    'lib',
    'package-lock.json',
    'package.json',
    'service',
    'signal9.config.ts',
    'tsconfig.json',
  ]);
  for (const written of ['build', 'cdk.out', 'coverage', 'node_modules', '.signal9'])
    expect(watch.exclude).toContain(written);
});

describe('a synthesised assembly', () => {
  const assembly = join(process.env.SIGNAL9_SYNTHESISED ?? '', 'dev');
  const folder = mkdtempSync(join(tmpdir(), 'signal9-assembly-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('holds all that it refers to, so that it can be deployed from elsewhere', () => {
    const manifests = readdirSync(assembly).filter((name) => name.endsWith('.assets.json'));
    expect(manifests).toHaveLength(STACKS.length);
    const paths = manifests.flatMap((name) => {
      const { files, dockerImages } = JSON.parse(readFileSync(join(assembly, name), 'utf8')) as {
        files: Record<string, { source: { path?: string; executable?: string[] } }>;
        dockerImages: object;
      };
      expect(dockerImages).toEqual({});
      return Object.values(files).map(({ source }) => source.path ?? `made by ${String(source.executable)}`);
    });
    expect(paths.length).toBeGreaterThan(STACKS.length);
    const there = readdirSync(assembly);
    for (const path of paths) {
      expect(resolve(assembly, path).startsWith(`${resolve(assembly)}${sep}`)).toBe(true);
      expect(there).toContain(path);
    }
  });

  test('is read by the CLI where it was copied to', () => {
    const copy = join(folder, 'copy');
    cpSync(assembly, copy, { recursive: true });
    const { status, stdout } = spawnSync(
      join(ROOT, 'node_modules', '.bin', 'cdk'),
      ['ls', '--app', copy, '--no-notices'],
      {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env.PATH, HOME: folder, CDK_DISABLE_CLI_TELEMETRY: 'true' },
      },
    );
    expect(status).toBe(0);
    expect(stdout.trim().split('\n')).toEqual(STACKS.map((part) => `Signal9-dev-us-east-1-${part}`));
  });
});
