import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { build } from 'esbuild';
import path from 'node:path';
import type { Settings } from './programs/settings';

const READY_WITHIN_MS = 30_000;

/** A program of the test's, in a process of its own. */
export interface Program {
  readonly name: string;
  readonly url: string;
  pid(): number;
  /** Ends that nobody asked for. */
  readonly gaveUp: readonly string[];
  /** Resolves when it says that it is ready. */
  start(): Promise<void>;
  /** kill -9 */
  kill(): Promise<void>;
  send(message: object): void;
  /** Asks for the next message of a kind. */
  next(kind: string): Promise<object>;
}

export function programOf(name: string, file: string, settings: Settings, output: string): Program {
  const gaveUp: string[] = [];
  const log = openSync(output, 'a');
  let child: ChildProcess | undefined;
  let isWanted = false;

  function next(kind: string): Promise<object> {
    return new Promise((resolve, reject) => {
      const running = child;
      const timer = setTimeout(() => reject(new Error(`${name} says no ${kind}; see ${output}`)), READY_WITHIN_MS);
      const listen = (message: unknown) => {
        if ((message as { kind?: string }).kind !== kind) return;
        clearTimeout(timer);
        running?.off('message', listen);
        resolve(message as object);
      };
      running?.on('message', listen);
    });
  }

  return {
    name,
    url: `http://127.0.0.1:${settings.port}`,
    pid: () => child?.pid ?? 0,
    gaveUp,
    async start() {
      const { PATH = '', HOME = '' } = process.env;
      isWanted = true;
      const started = spawn(process.execPath, [path.join(path.dirname(output), file), JSON.stringify(settings)], {
        env: { PATH, HOME },
        stdio: ['ignore', log, log, 'ipc'],
      });
      child = started;
      started.once('close', (code, signal) => {
        if (isWanted && child === started) gaveUp.push(`${name} ended by itself: ${String(code ?? signal)}`);
      });
      await next('ready');
    },
    async kill() {
      isWanted = false;
      const running = child;
      if (running?.exitCode !== null || running.signalCode !== null) return;
      const ended = new Promise((resolve) => running.once('close', resolve));
      running.kill('SIGKILL');
      await ended;
    },
    send: (message) => void child?.send(message),
    next,
  };
}

/** Makes one file of each program, beside which it writes its output: so it starts as fast as it does in AWS. */
export async function bundle(files: readonly string[], folder: string): Promise<void> {
  await build({
    entryPoints: files.map((file) => path.join(__dirname, 'programs', file)),
    ...{ outdir: folder, bundle: true, platform: 'node', target: 'node20', format: 'cjs' },
    ...{ external: ['pg-native'], sourcemap: 'inline', logLevel: 'error' },
  });
}
