import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DiffFailure, oneLine } from './failure';
import { finished, type Processes } from './processes';

/** What git says of a name that it does not know, or that names something else than a commit. */
const NO_SUCH_COMMIT = /Needed a single revision|unknown revision|expected commit type|bad revision/;

/** @returns the commit that `ref` names in the repository at `root`. @throws DiffFailure when there is none */
export function commitOf(root: string, ref: string): string {
  const args = ['rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`];
  const { status, stdout, stderr, error } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  if (error) throw new DiffFailure(`git did not run: ${error.message}`);
  if (status === 0) return stdout.trim();
  // Git's own words, but where it only says that the name is none.
  if (!NO_SUCH_COMMIT.test(stderr)) throw new DiffFailure(`git: ${oneLine(stderr.replace(/^fatal: /, ''))}`);
  throw new DiffFailure(
    `${JSON.stringify(ref)} is no commit of this clone (a shallow one lacks what it did not fetch)`,
  );
}

/**
 * The files of `commit` in a new folder, with the libraries of its own lock file: ours where the lock files are the same,
 * otherwise installed. An archive rather than a worktree, which leaves nothing in the repository to be cleaned up.
 * @returns the folder, inside `temporary`
 */
export async function checkOut(root: string, commit: string, temporary: string, processes: Processes): Promise<string> {
  const folder = join(temporary, 'base');
  mkdirSync(folder);
  // By a file: tar stops reading at the end of the archive, which may be before git has written its last padding.
  const archive = join(temporary, 'base.tar');
  const write = spawn('git', ['archive', '--format=tar', `--output=${archive}`, commit], { cwd: root });
  await finished(processes.started(write), `git archive ${commit}`);
  await finished(processes.started(spawn('tar', ['-x', '-f', archive, '-C', folder])), 'tar');
  for (const name of OWN)
    if (existsSync(join(root, name)) && !isTracked(root, name)) copyFileSync(join(root, name), join(folder, name));
  if (lockOf(folder) === lockOf(root))
    symlinkSync(realpathSync(join(root, 'node_modules')), join(folder, 'node_modules'));
  else await install(folder, processes);
  return folder;
}

/** An installation's own, which it may keep out of git: then both sides are synthesised with them. */
const OWN = ['signal9.config.ts', 'cdk.context.json'];

const isTracked = (root: string, name: string): boolean =>
  spawnSync('git', ['ls-files', '--error-unmatch', '--', name], { cwd: root }).status === 0;

const lockOf = (folder: string): string => {
  try {
    return readFileSync(join(folder, 'package-lock.json'), 'utf8');
  } catch {
    throw new DiffFailure(`${folder.endsWith('base') ? 'the base' : 'the working tree'} has no package-lock.json`);
  }
};

async function install(folder: string, processes: Processes): Promise<void> {
  console.error('The base has another package-lock.json: installing its libraries');
  // `npm run --silent diff` would silence this npm too, and with it why it failed.
  const npm = spawn(
    'npm',
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'],
    {
      cwd: folder,
      detached: true,
    },
  );
  await finished(processes.started(npm), "npm ci of the base's lock file");
}
