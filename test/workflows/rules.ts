import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const ROOT = join(__dirname, '..', '..');

type Permissions = Readonly<Record<string, string>> | string;

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions?: Permissions;
  readonly environment?: unknown;
  readonly container?: string | { readonly image: string };
  readonly 'timeout-minutes'?: number;
  readonly steps?: readonly Step[];
}

/** A workflow as GitHub reads it. `on` is a key of YAML 1.2 and no boolean. */
export interface Workflow {
  readonly name: string;
  readonly text: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Permissions;
  readonly concurrency?: { readonly 'cancel-in-progress'?: unknown };
  readonly jobs: Readonly<Record<string, Job>>;
}

export function workflow(name: string, text: string): Workflow {
  const read = parse(text) as Omit<Workflow, 'name' | 'text'>;
  return { ...read, name, text };
}

const jobsOf = ({ jobs }: Workflow): (readonly [string, Job])[] => Object.entries(jobs);
const stepsOf = (from: Workflow): Step[] => jobsOf(from).flatMap(([, { steps = [] }]) => [...steps]);
export const scriptsOf = (from: Workflow): string[] =>
  stepsOf(from).flatMap(({ run }) => (run === undefined ? [] : [run]));

/** What may be written, by workflow; everything else reads, or asks for nothing. */
const WRITES: Readonly<Record<string, readonly string[]>> = {
  'diff-comment.yml': ['pull-requests'],
  'deploy.yml': ['id-token'],
};

function writesOf(permissions: Permissions | undefined): string[] {
  if (permissions === undefined) return [];
  if (typeof permissions === 'string') return permissions === 'read-all' || permissions === '{}' ? [] : [permissions];
  return Object.entries(permissions).flatMap(([scope, access]) => (access === 'write' ? [scope] : []));
}

const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
const scripts = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> })
  .scripts;

type Rule = (from: Workflow) => readonly string[];

/** What each workflow must be, by name; a rule says what is wrong. */
export const RULES: Readonly<Record<string, Rule>> = {
  'actions are pinned by digest, with their version beside it': ({ text }) =>
    [...text.matchAll(/^\s*(?:- )?uses:\s*(.*)$/gm)].flatMap(([, used = '']) => (PINNED.test(used) ? [] : [used])),

  'images are pinned by digest': (from) =>
    jobsOf(from).flatMap(([, { container }]) => {
      const image = typeof container === 'object' ? container.image : container;
      return image === undefined || /@sha256:[0-9a-f]{64}$/.test(image) ? [] : [image];
    }),

  'permissions are declared, and no more is written than the table says': (from) => {
    const { name, permissions } = from;
    if (permissions === undefined) return ['no permissions at the top'];
    const written = [permissions, ...jobsOf(from).map(([, job]) => job.permissions)].flatMap(writesOf);
    return written.filter((scope) => !(WRITES[name] ?? []).includes(scope));
  },

  'what runs a pull request writes nothing': (from) => {
    const complaints = 'pull_request_target' in from.on ? ['pull_request_target'] : [];
    if (!('pull_request' in from.on)) return complaints;
    return [...complaints, ...[from.permissions, ...jobsOf(from).map(([, job]) => job.permissions)].flatMap(writesOf)];
  },

  'what follows another run checks out the default branch': (from) =>
    'workflow_run' in from.on
      ? stepsOf(from).flatMap(({ uses = '', with: given = {} }) =>
          uses.startsWith('actions/checkout@')
            ? Object.keys(given).filter((key) => key === 'ref' || key === 'repository')
            : [],
        )
      : [],

  'a token of another service is asked for in an environment only': (from) =>
    jobsOf(from).flatMap(([name, { permissions, environment }]) =>
      writesOf(permissions).includes('id-token') && environment === undefined ? [name] : [],
    ),

  'the token is not left behind in the clone': (from) =>
    stepsOf(from).flatMap(({ uses = '', with: given = {} }) =>
      uses.startsWith('actions/checkout@') && given['persist-credentials'] !== false ? [uses] : [],
    ),

  'no secret is stored': ({ text }) => text.match(/\bsecrets\b\s*[.[].*/g) ?? [],

  'no expression is written into a script': (from) => scriptsOf(from).filter((script) => script.includes('${{')),

  'what is run exists': (from) =>
    scriptsOf(from).flatMap((script) => {
      const npm = [...script.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name = '']) => name);
      const files = [...script.matchAll(/(?:^|node )((?:tools\/|\.ci\/)[\w./-]+)/gm)].map(([, file = '']) => file);
      return [...npm.filter((name) => !(name in scripts)), ...files.filter((file) => !existsSync(join(ROOT, file)))];
    }),

  'every job ends': (from) =>
    jobsOf(from).flatMap(([name, job]) => (job['timeout-minutes'] === undefined ? [`${name} has no timeout`] : [])),

  'a deployment is not broken off': ({ name, concurrency }) =>
    name !== 'deploy.yml' || concurrency?.['cancel-in-progress'] === false ? [] : ['cancel-in-progress'],
};
