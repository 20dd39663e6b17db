import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** Our own programs; the others know `--help` by themselves. */
const programs = Object.entries(scripts)
  .filter(([, command]) => command.startsWith('tsx '))
  .map(([name, command]) => [name, command.slice('tsx '.length)] as const);

test('there are programs to ask', () => expect(programs.length).toBeGreaterThan(8));

test.each([...programs, ['running-cost', 'tools/running-cost/main.ts'] as const])(
  '`npm run %s -- --help` says how it is called, and does nothing else',
  (name, program) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', program, '--help'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^usage: np[mx] /);
    expect(stdout).toContain(name);
  },
);
