import { freePort } from '../../local/host/engine/free-port';
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '..', '..');

/** `npm start` under somebody who starts it again whenever it is down. */
export interface Supervisor {
  readonly url: string;
  /** Names the process that runs now, for the killer. */
  readonly pidFile: string;
  readonly starts: () => number;
  /** Ends that nobody asked for: the platform gave up by itself. What it said last. */
  readonly gaveUp: readonly string[];
  /** Resolves when it serves. @throws Error when it does not within a minute */
  serving(): Promise<void>;
  /** kill -9, and no start after it. PostgreSQL goes on. */
  kill(): Promise<void>;
  start(): void;
}

const SERVING_WITHIN_MS = 60_000;

export async function supervise(folder: string, dataDir: string): Promise<Supervisor> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const pidFile = path.join(folder, 'platform.pid');
  const output = createWriteStream(path.join(folder, 'platform.out'), { flags: 'a' });
  const gaveUp: string[] = [];
  let running: ChildProcess | undefined;
  let wanted = true;
  let starts = 0;

  function start(): void {
    wanted = true;
    starts += 1;
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, ['--import', 'tsx', path.join(ROOT, 'local', 'main.ts')], {
      cwd: ROOT,
      env: { PATH, HOME, PORT: String(port), SIGNAL9_DATA_DIR: dataDir, SIGNAL9_UNIVERSE: '25' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running = child;
    let last = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => {
        output.write(data);
        last = `${last}${data.toString()}`.slice(-500);
      });
    writeFileSync(pidFile, String(child.pid));
    child.once('close', (code, signal) => {
      rmSync(pidFile, { force: true });
      if (signal !== 'SIGKILL') gaveUp.push(`code ${String(code)}: ${last.trim().split('\n').at(-1) ?? ''}`);
      running = undefined;
      if (wanted) start();
    });
  }
  start();

  return {
    url,
    pidFile,
    starts: () => starts,
    gaveUp,
    start,
    async serving() {
      const until = Date.now() + SERVING_WITHIN_MS;
      while (!(await answers(url))) {
        if (Date.now() > until) throw new Error(`the platform does not serve:\n${tailOf(folder)}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async kill() {
      wanted = false;
      const child = running;
      if (!child) return;
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const tailOf = (folder: string): string =>
  readFileSync(path.join(folder, 'platform.out'), 'utf8').split('\n').slice(-20).join('\n');

const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/health`, { signal: AbortSignal.timeout(2000) }).then(
    ({ ok }) => ok,
    () => false,
  );
