import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../../lib/config';
import { awsCli } from '../../tools/preflight/aws';
import { preflight, type Result } from '../../tools/preflight/preflight';
import { pythonEnvironment } from '../../tools/python-environment';
import { readStacks } from '../../tools/templates';
import { AWS_ENVIRONMENT, REGION } from './emulator';
import { OVERRIDES } from './platform';

/** What the emulator does not answer, so that the check says it does not know. A check that learns to is to be taken out. */
const UNANSWERED = ['account-plan', 'vcpus', 'instance-types'];
/** Asked only where it is not deployed yet. */
const UNANSWERED_BEFORE = [...UNANSWERED, 'vpcs'];

/**
 * Asks the emulator what `npm run preflight` asks an account, by requests that botocore checks against AWS's models.
 *
 * @param out where the stacks were synthesised to
 * @param expected the finding that a check must come to, by its id
 * @throws Error where a check comes to another, or where one does not know though the emulator answers it
 */
export async function preflightFinds(
  folder: string,
  out: string,
  expected: Readonly<Record<string, string | RegExp>>,
): Promise<string> {
  const program = path.join(folder, 'aws');
  const python = path.join(pythonEnvironment(), 'python');
  writeFileSync(program, `#!/bin/sh\nexec '${python}' '${path.join(__dirname, 'aws.py')}' "$@"\n`);
  chmodSync(program, 0o755);
  const results = await preflight({
    aws: awsCli(program, { ...process.env, ...AWS_ENVIRONMENT }),
    config: loadConfig({ overrides: OVERRIDES }),
    stacks: new Map([[REGION, readStacks(out, 'dev', REGION)]]),
    qualifier: 'hnb659fds',
  });
  const said = ({ finding: { status, message } }: Result) => `${status}: ${message}`;
  const wrong = Object.entries(expected).flatMap(([id, message]) => {
    const found = results.filter((result) => result.id === id).map(said);
    const isFound = (one: string) => (message instanceof RegExp ? message.test(one) : one === message);
    return found.some(isFound) ? [] : [`${id}: ${found.join('; ')}, not ${String(message)}`];
  });
  const unknown = results.filter(({ finding }) => finding.status === 'unknown');
  const unanswered = [...new Set(unknown.map(({ id }) => id))].sort();
  const isDeployed = results.some(({ id, finding }) => id === 'stacks' && finding.message.endsWith('are deployed'));
  const known = isDeployed ? UNANSWERED : UNANSWERED_BEFORE;
  if (wrong.length > 0 || unanswered.join() !== [...known].sort().join())
    throw new Error([...wrong, 'not answered:', ...unknown.map((result) => `${result.id} ${said(result)}`)].join('\n'));
  return `${results.length - unknown.length} findings; not answered here: ${unanswered.join(', ') || 'none'}`;
}
