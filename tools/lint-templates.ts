/**
 * Runs the pinned cfn-lint over every template of every environment, and fails unless all are clean. `npm run lint:templates`
 * With files it lints those: `npm run lint:templates -- cdk.out/Signal9-dev-us-east-1-Data.template.json`
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { helpAsked } from '../local/help';
import { complaintsOf, ignoredRules, lint, type LintFinding, unusedRules } from './cfn-lint';
import { COPY, ENVIRONMENTS, ownConfiguration, synthesise, VARIANTS } from './synthesise';

/** Wrong on purpose: a linter that finds nothing in it would find nothing in ours. */
const WRONG = {
  Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: -1, Colour: 'red' } } },
};
const FOUND_IN_WRONG = ['E3002', 'E3034'];

/** Templates that a person deploys beside the app. */
const BY_HAND = [join(__dirname, '..', 'docs', 'deploy-role.yaml')];

/** Templates by the region that they are for; one of several that are byte for byte the same. */
function synthesised(folder: string): Map<string, string[]> {
  const byRegion = new Map<string, string[]>([['us-east-1', [...BY_HAND]]]);
  const seen = new Set<string>();
  for (const [name, context] of Object.entries({ ...ENVIRONMENTS, ...COPY, ...VARIANTS })) {
    // Compliance has a command of its own.
    const { app } = synthesise({ ...ownConfiguration(), ...context }, join(folder, name), false);
    for (const { templateFullPath, environment } of app.synth().stacks) {
      const content = createHash('sha256')
        .update(readFileSync(templateFullPath))
        .update(environment.region)
        .digest('hex');
      if (seen.has(content)) continue;
      seen.add(content);
      byRegion.set(environment.region, [...(byRegion.get(environment.region) ?? []), templateFullPath]);
    }
  }
  return byRegion;
}

/** @throws Error where the linter does not see what is wrong */
async function proveLinter(folder: string): Promise<void> {
  const file = join(folder, 'wrong.template.json');
  writeFileSync(file, JSON.stringify(WRONG));
  const found = (await lint([file], 'us-east-1', folder)).map(({ Rule }) => Rule.Id).sort();
  if (found.join() !== FOUND_IN_WRONG.join())
    throw new Error(
      `cfn-lint finds ${found.join(', ') || 'nothing'} in a template that breaks ${FOUND_IN_WRONG.join(', ')}`,
    );
}

async function main(files: readonly string[]): Promise<void> {
  if (helpAsked('usage: npm run lint:templates -- [template]…   every environment by default', files)) return;
  const folder = mkdtempSync(join(tmpdir(), 'signal9-templates-'));
  try {
    await proveLinter(folder);
    const ignored = ignoredRules();
    const templates =
      files.length > 0 ? new Map([['us-east-1', files.map((file) => resolve(file))]]) : synthesised(folder);
    const runs = [...templates].map(([region, paths]) => lint(paths, region, folder));
    const findings: LintFinding[] = (await Promise.all(runs)).flat();
    const unused = files.length > 0 ? [] : unusedRules(findings, ignored);
    const complaints = [
      ...complaintsOf(findings, ignored),
      ...unused.map((id) => `.cfnlintrc.yaml: ${id} is ignored, but no template breaks it`),
    ];
    for (const complaint of complaints) console.error(complaint.replace(`${folder}/`, ''));
    const count = [...templates.values()].flat().length;
    console.log(`${count} templates, ${complaints.length} complaints`);
    if (complaints.length > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
