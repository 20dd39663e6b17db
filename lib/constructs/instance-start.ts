import { join } from 'node:path';
import { readText } from '../text-file';

export interface InstanceStart {
  /** Id of the stack, which is told how the start went. */
  readonly STACK: string;
  /** Logical id of the resource in that stack that waits for the signal. */
  readonly RESOURCE: string;
  readonly REGION: string;
  /** What else the script is told. */
  readonly [variable: string]: string;
}

/**
 * What an instance runs when it starts: its variables, how it tells CloudFormation and tries again (instance-start.sh),
 * and the script itself.
 *
 * @param script file
 * @throws Error for a value with a quote, which would end it
 */
export const instanceStart = (variables: InstanceStart, script: string): string[] => [
  ...Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}`),
  readText(join(__dirname, 'instance-start.sh')).trimEnd(),
  '',
  readText(script).trimEnd(),
];

function quoted(value: string): string {
  if (value.includes("'")) throw new Error(`a variable of the user data must not contain a quote: ${value}`);
  return `'${value}'`;
}
