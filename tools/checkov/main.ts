/**
 * Runs the pinned Checkov over the templates of dev, staging and prod, first region, without an account and without the
 * network. Exits 1 on a failed check that no construct acknowledges, and on an acknowledgement of none. `npm run checkov`
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { CfnResource, Stack } from 'aws-cdk-lib';
import { loadConfig } from '../../lib/config';
import { helpAsked } from '../../local/help';
import { acknowledgedIn } from '../compliance/findings';
import { ENVIRONMENT_NAMES, ENVIRONMENTS, synthesise } from '../synthesise';
import { complaintsOf, judge, placeOf, unseen } from './judge';
import { checkov, type CheckovOutput } from './run';

/** Wrong on purpose: a checker that finds nothing in it would find nothing in ours. */
const WRONG = { Resources: { Open: { Type: 'AWS::S3::Bucket', Properties: { AccessControl: 'PublicRead' } } } };
const FOUND_IN_WRONG = 'CKV_AWS_20';

function proveChecker({ results }: CheckovOutput): void {
  const found = results.failed_checks.filter(({ file_path }) => placeOf(file_path).environment === 'wrong');
  if (!found.some(({ check_id }) => check_id === FOUND_IN_WRONG))
    throw new Error(`Checkov does not find ${FOUND_IN_WRONG} in a bucket that everybody may read`);
}

async function main(): Promise<void> {
  if (helpAsked('usage: npm run checkov   the templates of dev, staging and prod, in the first region of each')) return;
  const folder = mkdtempSync(join(tmpdir(), 'signal9-checkov-'));
  try {
    const templates = join(folder, 'templates');
    const into = (environment: string) => {
      mkdirSync(join(templates, environment), { recursive: true });
      return join(templates, environment);
    };
    writeFileSync(join(into('wrong'), 'Wrong.template.json'), JSON.stringify(WRONG));
    const synthesised = ENVIRONMENT_NAMES.map((name) => {
      const [region] = loadConfig(ENVIRONMENTS[name]).regions;
      // Compliance has a command of its own.
      const { app } = synthesise({ ...ENVIRONMENTS[name], region }, join(folder, name), false);
      const files = app.synth().stacks.map(({ templateFullPath }) => {
        const file = basename(templateFullPath);
        copyFileSync(templateFullPath, join(into(name), file));
        return `/${name}/${file}`;
      });
      const paths = new Map<string, string>();
      for (const construct of app.node.findAll())
        if (CfnResource.isCfnResource(construct)) {
          const stack = Stack.of(construct);
          paths.set(`${stack.stackName} ${String(stack.resolve(construct.logicalId))}`, construct.node.path);
        }
      return { name, acknowledged: acknowledgedIn(app), paths, files };
    });
    const output = await checkov(templates);
    proveChecker(output);
    const [missed] = unseen(
      synthesised.flatMap(({ files }) => files),
      output,
    );
    if (missed !== undefined) throw new Error(`Checkov says nothing of ${missed}`);
    const complaints = synthesised.flatMap(({ name, acknowledged, paths }) => {
      const judgement = judge(name, output, acknowledged, (stack, logicalId) => {
        const path = paths.get(`${stack} ${logicalId}`);
        if (path === undefined) throw new Error(`${stack} has no resource ${logicalId}`);
        return path;
      });
      const { passed, acknowledged: explained, open } = judgement;
      console.log(`${name}: ${passed} passed, ${explained} acknowledged, ${open.length} open`);
      return complaintsOf(judgement);
    });
    for (const complaint of complaints) console.error(complaint);
    if (complaints.length > 0) {
      console.error('Fix it, or acknowledge it beside its construct: docs/compliance.md#to-acknowledge');
      process.exitCode = 1;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
