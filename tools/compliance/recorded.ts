import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { CHECKOV } from '../../lib/compliance/acknowledge';
import { type Acknowledged, isOfCheckov } from './findings';
import { countOf } from './report';

const ROOT = join(__dirname, '..', '..');
/**
 * The number of acknowledgements of each environment: those of cdk-nag's packs by its name, those of another rule set by its
 * name and the set's (`dev Checkov`), so that a new set begins with a number of its own and makes none rise. A test holds it
 * against what is synthesised.
 */
export const RECORD = 'test/infra/acknowledgements.json';

const recordSchema = z.record(z.string(), z.int().nonnegative());
export type Recorded = z.infer<typeof recordSchema>;

export const parseRecord = (text: string): Recorded => recordSchema.parse(JSON.parse(text));

/** What stands in the record for an environment. */
export function recordOf(environment: string, acknowledged: readonly Acknowledged[]): Recorded {
  return {
    [environment]: countOf(acknowledged.filter((one) => !isOfCheckov(one))),
    [`${environment} ${CHECKOV}`]: countOf(acknowledged.filter(isOfCheckov)),
  };
}

/**
 * What was recorded at a commit.
 *
 * @returns nothing where that commit had no record yet
 * @throws Error where there is no such commit
 */
export function recordedAt(ref: string): Recorded | undefined {
  const commit = git('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`)?.trim();
  if (commit === undefined) throw new Error(`--base ${ref}: there is no such commit`);
  const text = git('show', `${commit}:${RECORD}`);
  return text === undefined ? undefined : parseRecord(text);
}

function git(...args: readonly string[]): string | undefined {
  try {
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}

/** One line for each number that rose, and for each that is no longer recorded. */
export function risen(before: Recorded, now: Recorded): string[] {
  return Object.entries(before).flatMap(([environment, count]) => {
    const current = now[environment];
    if (current === undefined)
      return [`${environment}: ${count} acknowledgements were recorded, now there is no number`];
    return current > count ? [`${environment}: acknowledgements rose from ${count} to ${current}`] : [];
  });
}
