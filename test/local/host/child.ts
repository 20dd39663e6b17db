import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { eventually } from './temporary';

const ROOT = path.resolve(__dirname, '..', '..', '..');

/** A program of local/ as npm runs it, and what it printed. */
export interface Child {
  readonly process: ChildProcess;
  readonly output: () => string;
  /** Resolves with the exit code when it ended. */
  readonly ended: Promise<number | null>;
  /** Waits until it has printed something. @throws Error with the output when it does not */
  says(text: string, withinMs?: number): Promise<void>;
}

const children = new Set<ChildProcess>();

/** Whatever a failing test leaves running. */
export function killChildren(): void {
  for (const child of children) child.kill('SIGKILL');
}

export function run(
  program: 'main' | 'job',
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Child {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(ROOT, 'local', `${program}.ts`), ...args], {
    cwd: ROOT,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  return {
    process: child,
    output: () => output,
    ended: new Promise((resolve) => child.once('close', resolve)),
    async says(text, withinMs = 30_000) {
      await eventually(() => output.includes(text), withinMs).catch(() => {
        throw new Error(`not "${text}" but:\n${output}`);
      });
    },
  };
}
