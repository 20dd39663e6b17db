import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from './error';

const ROOT = join(__dirname, '..', '..');

/** The keys of `cdk -c` that the app reads. */
export const CONTEXT_KEYS = ['env', 'region', 'overrides', 'example'] as const;

/** Words that people take for one of ours. */
const SYNONYMS: Readonly<Record<string, (typeof CONTEXT_KEYS)[number]>> = {
  environment: 'env',
  stage: 'env',
  config: 'overrides',
  examples: 'example',
};

/** Of the CLI itself, which keeps them among the context. */
const OF_THE_CLI = ['cli-telemetry', 'acknowledged-issue-numbers'];

/** Flags (`@aws-cdk/core:…`), what the CLI passes (`aws:cdk:…`) and looked-up values (`availability-zones:account=…`). */
const OF_CDK = /^@|:/;

/**
 * CDK takes any key: `-c Env=prod` would deploy dev, and say nothing. What stands in a file was put there on purpose, by
 * a person or by the CLI.
 *
 * @param context all of the app's
 * @throws ConfigError naming the first key that nobody reads, and what was probably meant
 */
export function refuseUnknownContext(context: Readonly<Record<string, unknown>>): void {
  const known: readonly string[] = [...CONTEXT_KEYS, ...OF_THE_CLI];
  const unknown = Object.keys(context).filter((key) => !known.includes(key) && !OF_CDK.test(key));
  if (unknown.length === 0) return;
  const written = inFiles();
  const wrong = unknown.find((key) => !written.has(key));
  if (wrong === undefined) return;
  throw new ConfigError(
    `context ${JSON.stringify(wrong)} is not read by anything: did you mean ${JSON.stringify(nearest(wrong))}? (known: ${CONTEXT_KEYS.join(', ')}; fields of the configuration go into -c overrides or signal9.config.ts)`,
  );
}

function inFiles(): Set<string> {
  const keys = new Set<string>();
  for (const file of [join(ROOT, 'cdk.json'), join(ROOT, 'cdk.context.json'), join(homedir(), '.cdk.json')]) {
    if (!existsSync(file)) continue;
    const content = JSON.parse(readFileSync(file, 'utf8')) as { context?: object };
    for (const key of Object.keys(file.endsWith('cdk.context.json') ? content : (content.context ?? {}))) keys.add(key);
  }
  return keys;
}

function nearest(wrong: string): string {
  const key = wrong.toLowerCase();
  const words: Readonly<Record<string, string>> = {
    ...Object.fromEntries(CONTEXT_KEYS.map((name) => [name, name])),
    ...SYNONYMS,
  };
  const [first] = Object.keys(words).sort((a, b) => distance(key, a) - distance(key, b));
  if (first === undefined || distance(key, first) > Math.ceil(key.length / 2)) return 'overrides';
  return words[first] ?? 'overrides';
}

/** Levenshtein's: how many letters are to be put in, taken out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++)
      row[j] = Math.min(
        (above[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
  }
  return row[b.length] ?? 0;
}
