import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** One read-only call of an AWS service, by the names that the AWS CLI gives them: `ec2`, `describe-addresses`. */
export interface AwsCall {
  readonly service: string;
  readonly operation: string;
  /** The request, as the service's API reference spells it. @default {} */
  readonly input?: Readonly<Record<string, unknown>>;
  readonly region: string;
}

/** Asks AWS. Lists are complete: whoever implements it follows the pages. */
export type Aws = (call: AwsCall) => Promise<unknown>;

/** AWS answered with an error. */
export class AwsRefusal extends Error {
  override readonly name = 'AwsRefusal';
  constructor(
    /** `AccessDenied`, `NoSuchEntity`, … */
    readonly code: string,
    message: string,
    /** What was asked. */
    readonly call?: AwsCall,
  ) {
    super(message);
  }
}

/** AWS could not be asked at all: no CLI, no credentials, no network. */
export class AwsUnreachable extends Error {
  override readonly name = 'AwsUnreachable';
}

/** `An error occurred (NoSuchEntity) when calling the GetRole operation: The role … cannot be found.` */
const REFUSAL = /An error occurred \(([A-Za-z0-9._]+)\) when calling the \w+ operation(?: \([^)]*\))?: ?([\s\S]*)$/;

/**
 * Asks by the AWS CLI, which docs/deploy.md#what-you-need asks for anyway: it finds credentials wherever its user keeps them.
 *
 * @param program a program that takes the CLI's arguments
 * @throws AwsRefusal, AwsUnreachable
 */
export function awsCli(program = 'aws', environment: NodeJS.ProcessEnv = process.env): Aws {
  return async (call) => {
    const { service, operation, input = {}, region } = call;
    const args = [
      service,
      operation,
      '--region',
      region,
      '--output',
      'json',
      '--cli-input-json',
      JSON.stringify(input),
    ];
    const child = spawn(program, args, {
      env: { ...environment, AWS_PAGER: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 1));
    });
    const said = Promise.all([text(child.stdout), text(child.stderr)]);
    let code: number;
    try {
      code = await ended;
    } catch (error) {
      throw new AwsUnreachable(`${program} did not run: install the AWS CLI 2`, { cause: error });
    }
    const [out, errors] = await said;
    if (code === 0) return out.trim() === '' ? {} : (JSON.parse(out) as unknown);
    const [, name, message = ''] = REFUSAL.exec(errors.trim()) ?? [];
    if (name === undefined) throw new AwsUnreachable(lastLine(errors) || `${program} ended with ${code}`);
    throw new AwsRefusal(name, message.trim(), call);
  };
}

const lastLine = (said: string): string => said.trim().split('\n').at(-1) ?? '';
