import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');

/** The virtual environments by the files that pin what is in them. Checkov's own pins contradict the emulator's. */
const ENVIRONMENTS = { 'requirements.txt': '.venv', 'requirements-checkov.txt': '.venv-checkov' } as const;

/**
 * A virtual environment with exactly what a file pins; made where it is missing or of other pins.
 *
 * @returns the folder of its programs: `python`, `cfn-lint`
 * @throws Error with pip's last words
 */
export function pythonEnvironment(requirements: keyof typeof ENVIRONMENTS = 'requirements.txt'): string {
  const file = join(ROOT, requirements);
  const folder = join(ROOT, ENVIRONMENTS[requirements]);
  const programs = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');
  const pins = createHash('sha256').update(readFileSync(file)).digest('hex');
  const mark = join(folder, 'signal9-pins');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === pins) return programs;
  rmSync(folder, { recursive: true, force: true });
  run(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', folder]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes'];
  run(join(programs, 'python'), [...pip, '-r', file]);
  writeFileSync(mark, pins);
  return programs;
}

function run(program: string, args: readonly string[]): void {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (error) throw new Error(`${program} did not run: ${error.message}. Python 3.11 or later is needed for this`);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${`${stdout}${stderr}`.trim().slice(-2000)}`);
}
