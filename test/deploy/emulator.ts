import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { pythonEnvironment } from '../../tools/python-environment';
import { accepting } from '../accepting';

export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';
export const GATEWAY_PORT = 4566;
export const ENDPOINT = `http://127.0.0.1:${GATEWAY_PORT}`;

/** What a program needs to take the emulator for AWS. */
export const AWS_ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_ENDPOINT_URL: ENDPOINT,
  AWS_EC2_METADATA_DISABLED: 'true',
} as const;

export interface Emulator {
  /** Types that it makes by itself. */
  readonly known: ReadonlySet<string>;
  stop(): Promise<void>;
}

export interface EmulatorProps {
  readonly standIns: string;
  readonly stoodIn: readonly string[];
  readonly accepted: readonly string[];
  /** What the processes that run deployed code are given besides. */
  readonly environment: Readonly<Record<string, string>>;
  /** File for what it says. */
  readonly log: string;
  /** For what it keeps. */
  readonly folder: string;
}

/** @throws Error where it ends at once */
export async function startEmulator(props: EmulatorProps): Promise<Emulator> {
  const python = path.join(pythonEnvironment(), 'python');
  const child = spawn(python, [path.join(__dirname, 'emulator.py')], {
    env: {
      ...process.env,
      ...AWS_ENVIRONMENT,
      ...props.environment,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(GATEWAY_PORT),
      MINISTACK_HOST: '127.0.0.1',
      LAMBDA_EXECUTOR: 'local',
      // Every call of a function is judged by the policies of its role.
      AUTH: 'true',
      S3_DATA_DIR: path.join(props.folder, 's3'),
      STATE_DIR: path.join(props.folder, 'state'),
      TMPDIR: props.folder,
      SIGNAL9_STAND_INS: props.standIns,
      SIGNAL9_STOOD_IN: JSON.stringify(props.stoodIn),
      SIGNAL9_ACCEPTED: JSON.stringify(props.accepted),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // With a group of its own: the workers that run functions end with it.
    detached: true,
  });
  // Whatever ends this process: the emulator leads a group of its own, which no Ctrl-C reaches.
  process.once('exit', () => endGroup(child));
  const ended = once(child, 'exit');
  const log = createWriteStream(props.log);
  child.stderr.pipe(log);
  const said = createInterface({ input: child.stdout });
  const [first] = (await Promise.race([once(said, 'line'), ended.then(() => ['{}'])])) as [string];
  child.stdout.pipe(log);
  try {
    const { known } = z.object({ known: z.array(z.string()) }).parse(JSON.parse(first));
    await accepting(GATEWAY_PORT, ended);
    return { known: new Set(known), stop: () => stop(child, ended) };
  } catch (error) {
    await stop(child, ended);
    throw new Error(`the emulator did not start, see ${props.log}`, { cause: error });
  }
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(patience);
  endGroup(child);
}

/** The workers that run functions are of its group. */
function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}
