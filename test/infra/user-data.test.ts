import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as z from 'zod/mini';
import { serviceEnvironment } from '../../contract/service';
import { DEPLOY } from '../../lib/constructs/bundles';
import { ENVIRONMENTS, ofType, stack } from './synthesised';

/** A reference, and what stands for it when the stack is deployed: no more than that it is a name. */
function resolved(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join, 'Fn::Base64': base64 } = value as {
    'Fn::Join'?: [string, unknown[]];
    'Fn::Base64'?: unknown;
  };
  if (base64 !== undefined) return resolved(base64);
  if (join) return join[1].map(resolved).join(join[0]);
  return 'arn:aws:some:us-east-1:111111111111:name-1';
}

const userData = (name: (typeof ENVIRONMENTS)[number]): string =>
  resolved(ofType(stack(name, 'Compute'), 'AWS::EC2::LaunchTemplate')[0]!.properties.LaunchTemplateData.UserData);

/** Runs a check of the system, if it has it. A test that was skipped says so. */
function check(command: string, args: string[]): { status: number | null; output: string } | undefined {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (error && 'code' in error && error.code === 'ENOENT') {
    process.stdout.write(`${command} is not installed: this check is left out\n`);
    return undefined;
  }
  return { status, output: `${stdout}${stderr}` };
}

describe.each(ENVIRONMENTS)('user data of %s', (name) => {
  const script = userData(name);
  const directory = mkdtempSync(join(tmpdir(), 'signal9-user-data-'));
  const file = join(directory, 'user-data.sh');
  beforeAll(() => writeFileSync(file, script));
  afterAll(() => rmSync(directory, { recursive: true }));

  test('is a script that bash can read', () => {
    expect(check('bash', ['-n', file])).toEqual({ status: 0, output: '' });
  });

  test('is clean in shellcheck', () => {
    const checked = check('shellcheck', ['--severity=style', '--shell=bash', file]);
    if (checked) expect(checked).toEqual({ status: 0, output: '' });
  });

  test('stops at the first command that fails, and tells the deployment so', () => {
    expect(script).toMatch(/^set -euo pipefail$/m);
    expect(script).toMatch(/^trap '.*signal 1' ERR$/m);
    expect(script).toMatch(/cfn-signal --exit-code "\$1"/);
  });

  test('leaves room below the 16 KB that EC2 takes', () => {
    expect(Buffer.byteLength(script)).toBeLessThan(12_000);
  });

  test('gives the service an environment that it can read, with no secret in it', () => {
    const [, block = ''] = /^ENVIRONMENT='([^']*)'$/m.exec(script) ?? [];
    const environment = Object.fromEntries(
      block.split('\n').map((line) => {
        const [, key = '', value = ''] = /^([A-Z0-9_]+)=(.*)$/.exec(line) ?? [];
        return [key, key === 'CONSOLE_ORIGIN' ? 'https://console.example.com' : value];
      }),
    );
    const { success, error } = (serviceEnvironment as z.ZodMiniObject).safeParse(environment);
    expect({ success, error }).toEqual({ success: true, error: undefined });
    expect(Object.keys(environment).sort()).toEqual(Object.keys(serviceEnvironment.shape).sort());
    expect(block).not.toMatch(/PASSWORD|resolve:/);
  });

  test('gives the agent a configuration that is JSON, for a log group of ours', () => {
    const [, json = ''] = /^AGENT='([^']*)'$/m.exec(script) ?? [];
    const { logs } = JSON.parse(json) as {
      logs: { logs_collected: { files: { collect_list: { file_path: string; log_group_name: string }[] } } };
    };
    const files = logs.logs_collected.files.collect_list;
    expect(files.map(({ file_path }) => file_path)).toContain('/var/log/signal9/portfolio.log');
    for (const { log_group_name } of files) expect(log_group_name).toContain('name-1');
  });
});

describe('the unit', () => {
  const unit = readFileSync(join(DEPLOY, 'signal9-portfolio.service'), 'utf8');
  const settings = new Map(
    [...unit.matchAll(/^([A-Za-z]+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value] as const),
  );

  test('is one that systemd can read', () => {
    const directory = mkdtempSync(join(tmpdir(), 'signal9-unit-'));
    try {
      // Checked with a program that every system has; the paths of Amazon Linux are not here.
      const file = join(directory, 'signal9-portfolio.service');
      writeFileSync(file, unit.replace(/^ExecStart=.*$/m, 'ExecStart=/bin/true').replace(/^WorkingDirectory=.*$/m, ''));
      const checked = check('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', file]);
      if (checked) expect(checked).toEqual({ status: 0, output: '' });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('runs the service under a user of its own that may do nothing but serve', () => {
    for (const [key, value] of Object.entries({
      DynamicUser: 'yes',
      NoNewPrivileges: 'yes',
      ProtectSystem: 'strict',
      ProtectHome: 'yes',
      PrivateTmp: 'yes',
      PrivateDevices: 'yes',
      CapabilityBoundingSet: '',
      AmbientCapabilities: '',
      RestrictNamespaces: 'yes',
      SystemCallArchitectures: 'native',
    }))
      expect([key, settings.get(key)]).toEqual([key, value]);
    expect(unit).toMatch(/^SystemCallFilter=@system-service/m);
    expect(unit).toMatch(/^SystemCallFilter=~@privileged/m);
    expect(settings.get('MemoryMax')).toMatch(/%$/);
  });

  test('is started again whatever happens, and has longer to stop than it takes to drain', () => {
    expect(settings.get('Restart')).toBe('always');
    // service/main.ts: 25 seconds of answering on, 10 for what was begun.
    expect(Number(settings.get('TimeoutStopSec'))).toBeGreaterThan(25 + 10);
  });

  test('runs the Node.js that the user data installs, on the program that it unpacks', () => {
    const script = readFileSync(join(DEPLOY, 'user-data.sh'), 'utf8');
    expect(script).toMatch(/dnf install --assumeyes nodejs24\b/);
    expect(settings.get('ExecStart')).toBe('/usr/bin/node-24 /opt/signal9/portfolio/index.mjs');
    expect(script).toContain('-d /opt/signal9/portfolio');
    expect(script).toContain('/etc/signal9/portfolio.env');
    expect(settings.get('EnvironmentFile')).toBe('/etc/signal9/portfolio.env');
  });
});
