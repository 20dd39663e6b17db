import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AssembledStack, readAssembly } from './assembly';
import { checkOut, commitOf } from './checkout';
import { finished, Processes } from './processes';

export interface Sides {
  /** The commit that the base ref names. */
  readonly commit: string;
  readonly base: readonly AssembledStack[];
  /** The working tree, with what is not committed. */
  readonly head: readonly AssembledStack[];
}

/**
 * Synthesises the commit that `ref` names and the working tree at `root`, at the same time, without credentials and
 * without a trace: what was written is removed and what was started is ended, also on Ctrl-C.
 * @param within folder for what is temporary
 * @throws DiffFailure when there is no such commit, or a side does not synthesise
 */
export async function synthesiseBoth(
  root: string,
  ref: string,
  environments: readonly string[],
  within = tmpdir(),
): Promise<Sides> {
  const commit = commitOf(root, ref);
  const temporary = mkdtempSync(join(within, 'signal9-diff-'));
  const processes = new Processes();
  const cleanUp = async () => {
    await processes.stop();
    rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
  };
  const interrupted = (_signal: NodeJS.Signals, number: number) =>
    void cleanUp().then(() => process.exit(128 + number));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, interrupted);
  try {
    const synthesise = (name: string, folder: string) =>
      synthesiseSide({ name, folder, temporary, environments }, processes);
    const [base, head] = await Promise.all([
      checkOut(root, commit, temporary, processes).then((folder) => synthesise(`base ${commit.slice(0, 10)}`, folder)),
      synthesise('head', root),
    ]);
    return { commit, base, head };
  } finally {
    for (const signal of signals) process.off(signal, interrupted);
    await cleanUp();
  }
}

interface Side {
  readonly name: string;
  readonly folder: string;
  readonly temporary: string;
  readonly environments: readonly string[];
}

async function synthesiseSide(side: Side, processes: Processes): Promise<AssembledStack[]> {
  const [kind = ''] = side.name.split(' ');
  const outdir = join(side.temporary, `${kind}-assemblies`);
  const temporary = join(side.temporary, `${kind}-tmp`);
  for (const folder of [outdir, temporary]) mkdirSync(folder);
  const program = [join(__dirname, 'synthesise.ts'), side.folder, outdir, ...side.environments];
  const child = spawn(process.execPath, ['--import', 'tsx', ...program], {
    cwd: side.folder,
    // What CDK writes besides goes with the rest when the process is ended; an interrupted head leaves its bundles in build/.
    env: { ...environment(), TMPDIR: temporary, CDK_VALIDATION: 'false' },
    detached: true,
  });
  await finished(processes.started(child), `synthesis of the ${side.name}`);
  return side.environments.flatMap((env) => readAssembly(env, join(outdir, env)));
}

/** Ours without what could tell a synthesis of an account. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|CDK)_/.test(name)));
