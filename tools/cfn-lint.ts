import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { pythonEnvironment } from './python-environment';

const CONFIG = join(__dirname, '..', '.cfnlintrc.yaml');
const MOST_OUTPUT = 64 * 1024 * 1024;

const findingSchema = z.object({
  /** Null for a file that there is not. */
  Filename: z.nullable(z.string()),
  Message: z.string(),
  Rule: z.object({ Id: z.string() }),
  Location: z.object({
    Path: z.nullable(z.array(z.union([z.string(), z.number()]))),
    Start: z.object({ LineNumber: z.number() }),
  }),
});
export type LintFinding = z.infer<typeof findingSchema>;

/** The rules that `.cfnlintrc.yaml` ignores, each with its reason there. */
export function ignoredRules(): readonly string[] {
  return z.object({ ignore_checks: z.array(z.string()) }).parse(parse(readFileSync(CONFIG, 'utf8'))).ignore_checks;
}

/**
 * Everything that cfn-lint finds of the templates, for a deployment to `region`; what the configuration ignores included,
 * but not what a template's own metadata does.
 *
 * @param folder where cfn-lint runs; one without a configuration file
 * @throws Error where cfn-lint did not finish
 */
export async function lint(templates: readonly string[], region: string, folder: string): Promise<LintFinding[]> {
  const program = join(pythonEnvironment(), 'cfn-lint');
  const options = ['--format', 'json', '--non-zero-exit-code', 'none', '--regions', region, '--'];
  const { stdout } = await promisify(execFile)(program, [...options, ...templates], {
    cwd: folder,
    maxBuffer: MOST_OUTPUT,
  });
  return z.array(findingSchema).parse(JSON.parse(stdout));
}

/** One line for each finding that nothing ignores. */
export function complaintsOf(findings: readonly LintFinding[], ignored: readonly string[]): string[] {
  return findings
    .filter(({ Rule }) => !ignored.includes(Rule.Id))
    .map(({ Filename, Rule, Message, Location }) => {
      const path = (Location.Path ?? []).join('/');
      return `${Filename ?? 'no such file'}:${Location.Start.LineNumber}: ${Rule.Id} ${path}: ${Message}`;
    });
}

/** The ignored rules that nothing breaks: their entries have to go. */
export function unusedRules(findings: readonly LintFinding[], ignored: readonly string[]): string[] {
  return ignored.filter((id) => !findings.some(({ Rule }) => Rule.Id === id));
}
