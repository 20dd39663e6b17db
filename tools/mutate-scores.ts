import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import vm from 'node:vm';
import { transformSync } from 'esbuild';
import ts from 'typescript';

/**
 * Do the tests of core/ notice a wrong formula? Changes one operator, constant or field name at a time, in memory, runs
 * the tests of test/core in this process, and lists the changes that none of them noticed.
 *
 *   npx tsx tools/mutate-scores.ts [part of a path in core/ …]
 *
 * A survivor is a test to write, or a change that makes no difference (say why in EQUIVALENT).
 */
const ROOT = join(__dirname, '..');
const SOURCES = [
  'advisor/scores/altman',
  'advisor/scores/beneish',
  'advisor/scores/dupont',
  'advisor/scores/graham',
  'advisor/scores/magic-formula',
  'advisor/scores/piotroski',
  'advisor/scores/sloan',
  'advisor/score',
  'advisor/ratios',
  'advisor/measure',
  'advisor/figures',
  'advisor/fiscal-years',
  'advisor/rules',
  'advisor/rating',
  'advisor/sentiment',
  'advisor/percentile',
  'advisor/analyze',
  'advisor/settings',
  'advisor/pollination-plan',
  'advisor/token-bucket',
  'money/decimal',
].map((path) => join(ROOT, 'core', `${path}.ts`));
const TESTS = [
  'ratios',
  'scores',
  'rules',
  'universe',
  'fiscal-years',
  'worked-examples',
  'ibm',
  'pollination-plan',
  'token-bucket',
  'decimal',
  'properties',
].map((name) => join(ROOT, 'test', 'core', `${name}.test.ts`));

/** Changes that cannot make a difference: how the survivor's line begins or what it contains, and why. */
const EQUIVALENT: readonly (readonly [RegExp, string])[] = [
  [
    / (<|>|<=|>=) → (<|>|<=|>=) .*(tied\(|!equal|\|\| equal)/,
    'the edge itself is decided by tied(), whichever of < and <= stands beside it',
  ],
  [/measure\.ts (Math\.max|Math\.abs|<=) → .*1e-12/, 'two numbers that nearly tie have nearly the same size and sign'],
  [
    /→ \d+\.\d+ .*(slice\(|\.length|=== 0|most <=|DRIFT_DAYS =|OLDEST_LAG =)/,
    'a fraction where only whole numbers meet',
  ],
  [/figures\.ts 3 → 4 .*OLDEST_LAG/, 'one more year is joined than any formula reads'],
  [/slice\(8, 10\)/, 'a date is ten characters long'],
  [/canonical\(left/, 'either of two differing rows serves, so long as it is always the same one'],
  [/origin === undefined \|\| field/, 'the pattern matched both or neither'],
  [/left\.length > right\.length/, 'on a line reached only where they differ'],
  [
    /entries\.sort|candidate\.symbol|a < b \? -1 : 1|const tier =|turn:/,
    'any order serves, and only the sign or order of these numbers counts',
  ],
  [/date > latest|ends > latest/, 'no date comes twice'],
  [/fiscal-years\.ts 86_400_000 → /, 'a day a hundredth too long still tells 15 days of drift from 16'],
  [/\?\? 0/, 'the key was put there a line before: the fallback only tells the compiler'],
  [/\['F', 0\]/, 'gradeOf answers F for whatever is left'],
  [/status: sentiment === null/, 'a status is read only where there is no value'],
  [/multiple > 0|pe <= 0/, 'a multiple of 0 is unknown, and has been read as none'],
  [/rpm === null \? 0/, 'the other operand of the maximum is always greater'],
  [/Math\.max\(0, Math\.floor\(budget/, 'slice() cuts the fraction off'],
];

interface Mutant {
  readonly file: string;
  readonly line: number;
  readonly what: string;
  readonly source: string;
}

const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '<': ['<=', '>'],
  '<=': ['<', '>'],
  '>': ['>=', '<'],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '&&': ['||'],
  '||': ['&&'],
  '+=': ['-='],
};

/** Functions whose first argument names a field of the payload. */
const FIELD_READERS = new Set(['income', 'balance', 'cashFlow', 'earnings', 'overview']);

function mutantsOf(file: string): Mutant[] {
  const text = readFileSync(file, 'utf8');
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const found: Mutant[] = [];
  const replace = (node: ts.Node, by: string): void => {
    const [start, end] = [node.getStart(tree), node.getEnd()];
    const line = tree.getLineAndCharacterOfPosition(start).line + 1;
    const context = text
      .slice(text.lastIndexOf('\n', start) + 1, (text.indexOf('\n', end) + 1 || text.length + 1) - 1)
      .trim();
    found.push({
      file,
      line,
      what: `${node.getText(tree)} → ${by}   in   ${context}`,
      source: text.slice(0, start) + by + text.slice(end),
    });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isImportDeclaration(node)) return;
    if (ts.isBinaryExpression(node)) {
      for (const by of OPERATORS[node.operatorToken.getText(tree)] ?? []) replace(node.operatorToken, by);
    } else if (ts.isNumericLiteral(node)) {
      replace(node, String(Number(node.text.replaceAll('_', '')) * 1.01 + (Number(node.text) < 2 ? 0.5 : 0)));
      if (Number.isInteger(Number(node.text))) replace(node, String(Number(node.text) + 1));
    } else if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken) {
      replace(node, node.operand.getText(tree));
    } else if (ts.isCallExpression(node)) {
      const callee = node.expression.getText(tree);
      const [first] = node.arguments;
      if (callee === 'Math.max') replace(node.expression, 'Math.min');
      if (callee === 'Math.min') replace(node.expression, 'Math.max');
      if (callee === 'Math.abs') replace(node.expression, 'Number');
      if (FIELD_READERS.has(callee) && first !== undefined && ts.isStringLiteral(first)) replace(first, "'mutated'");
    } else if (node.kind === ts.SyntaxKind.TrueKeyword) replace(node, 'false');
    else if (node.kind === ts.SyntaxKind.FalseKeyword) replace(node, 'true');
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

type Registry = Map<string, { exports: Record<string, unknown> }>;
const compiled = new Map<string, string>();
const nodeRequire = createRequire(join(ROOT, 'package.json'));

const compile = (source: string): string =>
  transformSync(source, { loader: 'ts', format: 'cjs', target: 'node20' }).code;

function cachedCode(file: string): string {
  const known = compiled.get(file);
  if (known !== undefined) return known;
  const code = compile(readFileSync(file, 'utf8'));
  compiled.set(file, code);
  return code;
}

function resolveFile(from: string, request: string): string {
  const base = resolve(dirname(from), request);
  return [`${base}.ts`, join(base, 'index.ts')].find((path) => ts.sys.fileExists(path)) ?? base;
}

/** Loads a module of the project with one file's source exchanged. */
function load(file: string, registry: Registry, changed: Mutant | null): Record<string, unknown> {
  const known = registry.get(file);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  registry.set(file, module);
  const code = changed?.file === file ? compile(changed.source) : cachedCode(file);
  const localRequire = (request: string): unknown =>
    request.startsWith('.') ? load(resolveFile(file, request), registry, changed) : nodeRequire(request);
  const wrapped = vm.runInThisContext(`(function (exports, require, module, __dirname) {${code}\n})`, {
    filename: file,
  }) as (...args: unknown[]) => void;
  wrapped(module.exports, localRequire, module, dirname(file));
  return module.exports;
}

/** What jest gives a test file, as far as these tests use it: everything runs at once, the first failure throws. */
function installJest(): void {
  type Body = (...args: unknown[]) => unknown;
  const it = Object.assign((_: string, body: Body) => void body(), {
    each: (rows: readonly unknown[]) => (_: string, body: Body) => {
      for (const row of rows) body(...(Array.isArray(row) ? (row as unknown[]) : [row]));
    },
  });
  const describe = Object.assign((_: string, body: Body) => void body(), {
    each: it.each,
    skip: () => undefined,
  });
  const { expect } = nodeRequire('expect') as { expect: unknown };
  Object.assign(globalThis, { describe, it, test: it, expect });
}

/** Why the tests refuse the change, or null when they do not notice it. */
function refusal(changed: Mutant | null): string | null {
  Object.assign(globalThis, {
    runMutant: () => {
      const registry: Registry = new Map();
      for (const test of TESTS) load(test, registry, changed);
    },
  });
  try {
    // An exchanged operator may loop for ever.
    vm.runInThisContext('runMutant()', { timeout: 20_000 });
    return null;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? 'failed') : 'failed';
  }
}

function main(): void {
  installJest();
  const untouched = refusal(null);
  if (untouched !== null) throw new Error(`the tests fail on the unchanged source: ${untouched}`);
  const wanted = process.argv.slice(2);
  const files = SOURCES.filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)));
  let [killed, equivalent, survived] = [0, 0, 0];
  for (const mutant of files.flatMap(mutantsOf)) {
    if (refusal(mutant) !== null) killed += 1;
    else if (EQUIVALENT.some(([pattern]) => pattern.test(`${relative(ROOT, mutant.file)} ${mutant.what}`)))
      equivalent += 1;
    else {
      survived += 1;
      console.log(`survived  ${relative(ROOT, mutant.file)}:${mutant.line}  ${mutant.what}`);
    }
  }
  console.log(`${killed} killed, ${survived} survived, ${equivalent} known to be equivalent`);
  if (survived > 0) process.exitCode = 1;
}

main();
