import { type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { DiffFailure } from './failure';

/** The processes that were started and still run, so that an interruption leaves none behind. */
export class Processes {
  private readonly running = new Set<ChildProcess>();

  started<Child extends ChildProcess>(child: Child): Child {
    this.running.add(child);
    child.once('close', () => this.running.delete(child));
    child.once('error', () => this.running.delete(child));
    return child;
  }

  /** Ends each with what it started itself, and waits for it: a folder is removed only when nobody writes into it. */
  async stop(): Promise<void> {
    await Promise.all(
      [...this.running].map(
        (child) =>
          new Promise<void>((resolve) => {
            child.once('close', () => resolve());
            if (!endGroup(child)) child.kill('SIGKILL');
          }),
      ),
    );
  }
}

/** @returns false when `child` leads no group of its own */
function endGroup({ pid }: ChildProcess): boolean {
  try {
    if (pid === undefined) return false;
    process.kill(-pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}

/** @returns once `child` ended well. @throws DiffFailure with its last words */
export async function finished(child: ChildProcessWithoutNullStreams, name: string): Promise<void> {
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (words = (words + chunk).slice(-4000)));
  child.stdout.resume();
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(new DiffFailure(`${name} did not run: ${error.message}`)));
    child.once('close', resolve);
  });
  if (status !== 0) throw new DiffFailure(`${name} failed: ${lastWords(words)}`);
}

/** Of npm: where its log lies, and what there is to read about it. */
const POINTER = /^npm (?:error|ERR!) (?:A complete log of this run|\s*\/\S+\.log$)|^npm (?:error|ERR!)\s*$/;

/** What a program said on its standard error before it failed, in one line: npm takes several, and ends with a pointer. */
export function lastWords(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !POINTER.test(line));
  const ofNpm = lines
    .filter((line) => /^npm (?:error|ERR!) /.test(line))
    .map((line) => line.replace(/^npm (?:error|ERR!) /, ''))
    // The stack of npm's own code, and the fields of its error.
    .filter((line) => !/^\s|^\}/.test(line));
  return ofNpm.length === 0 ? (lines.at(-1) ?? 'without a word') : ofNpm.join('; ').slice(0, 600);
}
