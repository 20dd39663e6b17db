import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** Pages that say what to do, step by step: whoever is sent there is sent to a section of it. */
const INSTRUCTIONS = ['deploy', 'runbook', 'diff'];

/** Mentions of such a page as a whole, by file. */
const WHOLE: Readonly<Record<string, string>> = {
  'lib/constructs/alarm-definition.ts': 'each alarm names its article; test/infra/monitoring.test.ts looks each one up',
  'lib/constructs/alarms.ts': 'the same',
  'lib/constructs/operations-dashboard.ts': 'each graph bears the name of its article',
  'tools/running-cost/main.ts': 'writes tables into the page',
  'tools/synthesise.ts': 'names the environments of the page',
};

/** What stands for `${…}` in an anchor. */
const WRITTEN: Readonly<Record<string, readonly string[]>> = {
  '${migrated.function}-failed': ['ledger-migration-failed', 'portfolio-migration-failed'],
};

interface Promised {
  /** `lib/config/schema.ts:24` */
  readonly at: string;
  readonly page: string;
  /** Empty where the whole page is meant. */
  readonly anchor: string;
}

const files = (folder: string): string[] =>
  readdirSync(join(ROOT, folder)).flatMap((name) => {
    const path = `${folder}/${name}`;
    return statSync(join(ROOT, path)).isDirectory() ? files(path) : [path];
  });

function promisesIn(path: string, text: string): Promised[] {
  return text
    .split('\n')
    .flatMap((line, at) =>
      [...line.matchAll(/(?<![\w./])docs\/([\w/-]+)\.md(?:#((?:\$\{[^}]+\}|[\w-])+))?/g)].map(
        ([, page = '', anchor = '']) => ({ at: `${path}:${at + 1}`, page, anchor }),
      ),
    );
}

const promises = ['bin', 'lib', 'contract', 'core', 'service', 'lambda', 'local', 'tools']
  .flatMap(files)
  .flatMap((path) => promisesIn(path, readFileSync(join(ROOT, path), 'utf8')));

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .trim()
    .replace(/\s/g, '-');

/** The sections of a page by their anchors, each up to the next heading of its level. Headings in code are none. */
function sectionsOf(markdown: string): Map<string, string> {
  const parts = markdown.split(/^(?=```)/m);
  const plain = parts.map((part, at) => (at % 2 === 1 ? part.replace(/^#/gm, '\\#') : part)).join('');
  const headings = [...plain.matchAll(/^(#+) (.+)$/gm)];
  return new Map(
    headings.map((heading, at) => {
      const level = heading[1]!.length;
      const next = headings.slice(at + 1).find(([, marks]) => marks!.length <= level);
      return [anchorOf(heading[2]!), plain.slice(heading.index, next?.index)];
    }),
  );
}

/** A command: a line of a block of code, or one in a sentence. */
const COMMAND = /^```(sh|bash|ts)?\n|`(aws|npx|npm|curl|-c) [^`]+`/m;

/** What is wrong with a promise; nothing where it is kept. */
function broken({ at, page, anchor }: Promised, read: (page: string) => string | undefined): string[] {
  const text = read(page);
  if (text === undefined) return [`${at}: there is no docs/${page}.md`];
  const isInstructions = INSTRUCTIONS.includes(page);
  if (anchor === '')
    return isInstructions && !(at.replace(/:\d+$/, '') in WHOLE)
      ? [`${at}: docs/${page}.md is long: say which section`]
      : [];
  const sections = sectionsOf(text);
  return (WRITTEN[anchor] ?? [anchor]).flatMap((one) => {
    const section = sections.get(one);
    if (section === undefined) return [`${at}: docs/${page}.md has no section #${one}`];
    return isInstructions && !COMMAND.test(section) ? [`${at}: docs/${page}.md#${one} has no command`] : [];
  });
}

function readPage(page: string): string | undefined {
  try {
    return readFileSync(join(ROOT, 'docs', `${page}.md`), 'utf8');
  } catch {
    return undefined;
  }
}

test('every page and section that code and messages send somebody to is there, and says what to type', () => {
  expect(promises.length).toBeGreaterThan(20);
  expect(promises.flatMap((one) => broken(one, readPage))).toEqual([]);
});

test('every mention of a whole page is one still', () => {
  const mentioning = new Set(promises.filter(({ anchor }) => anchor === '').map(({ at }) => at.replace(/:\d+$/, '')));
  expect(Object.keys(WHOLE).filter((path) => !mentioning.has(path))).toEqual([]);
});

test('a promise that is not kept is named', () => {
  const page = '# Deploy\n\n## Keys\n\n```sh\n# put\naws x\n```\n\n### More\n\nWords.\n\n## Zones\n\nAsk somebody.\n';
  const said = (line: string) =>
    promisesIn('lib/a.ts', line).flatMap((one) => broken(one, (name) => (name === 'deploy' ? page : undefined)));
  expect(said('as docs/deploy.md#keys tells, and (docs/deploy.md#keys)')).toEqual([]);
  expect(said('see docs/deploy.md')).toEqual(['lib/a.ts:1: docs/deploy.md is long: say which section']);
  expect(said('see docs/deploy.md#put')).toEqual(['lib/a.ts:1: docs/deploy.md has no section #put']);
  expect(said('see docs/deploy.md#zones.')).toEqual(['lib/a.ts:1: docs/deploy.md#zones has no command']);
  expect(said('see docs/gone.md')).toEqual(['lib/a.ts:1: there is no docs/gone.md']);
  expect(said('https://example.com/docs/deploy.md is not ours')).toEqual([]);
});
