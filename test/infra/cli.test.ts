import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** Runs the app's own process as the CDK CLI does, and without credentials. */
function app(context: Record<string, string>) {
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
])('%s is one line on stderr and exit 1, before anything is synthesised', (_, context, start) => {
  const { status, stderr, stdout } = app(context);
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr.startsWith(start)).toBe(true);
});
