import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { AWS_ENVIRONMENT } from './emulator';

const ROOT = path.join(__dirname, '..', '..');
const CLI = path.join(ROOT, 'node_modules', '.bin', 'cdk');

export interface CdkProps {
  /** Told every line. */
  readonly log: (line: string) => void;
  /** Folder of the app. @default this one */
  readonly app?: string;
}

const TIMEOUT_MS = 600_000;

/** A profile would be preferred to the emulator's keys, and an endpoint of one service to the emulator's. */
const withoutAws = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(?:AWS|CDK)_/.test(name)));

/** The CDK CLI of package.json against the emulator. @returns what it wrote @throws Error with its last lines */
export async function cdk(args: readonly string[], { log, app = ROOT }: CdkProps): Promise<string[]> {
  const child = spawn(CLI, [...args, '--no-notices'], {
    cwd: app,
    env: {
      ...withoutAws(process.env),
      ...AWS_ENVIRONMENT,
      CI: 'true',
      FORCE_COLOR: '0',
      NO_COLOR: '1',
      CDK_DISABLE_CLI_TELEMETRY: 'true',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
  });
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr])
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      log(line);
    });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`cdk ${args.join(' ')} ended with ${String(code)}:\n${lines.slice(-40).join('\n')}`);
  return lines;
}
