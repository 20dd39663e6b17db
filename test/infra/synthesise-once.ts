import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { compliancePacks } from '../../lib/compliance/packs';
import { type Config, loadConfig } from '../../lib/config';
import { buildApp } from '../../lib/platform';
import { type Acknowledged, type Finding, SYNTHESISED } from './synthesised';

const ROOT = join(__dirname, '..', '..');

/**
 * Synthesises every environment once, before the tests of project `infra`: the templates go to a directory that the
 * tests read, with what only the construct tree knows (acknowledgements, and the findings without them) beside them.
 */
export default function synthesiseOnce(): void {
  const directory = mkdtempSync(join(tmpdir(), 'signal9-infra-'));
  const cdkJson = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  for (const [name, context] of Object.entries(SYNTHESISED)) {
    const outdir = join(directory, name);
    const app = new App({ outdir, context: cdkJson.context, analyticsReporting: false });
    const config = loadConfig(context);
    buildApp(app, config);
    app.synth();
    const report = { acknowledged: acknowledgedIn(app), findings: findingsIn(app, config) };
    writeFileSync(join(outdir, 'compliance.json'), JSON.stringify(report));
  }
  process.env.SIGNAL9_SYNTHESISED = directory;
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
}

function acknowledgedIn(app: App): Acknowledged[] {
  return app.node.findAll().flatMap((construct) =>
    construct.node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data as Record<string, string>))
      // CDK acknowledges some of CloudFormation Validate's rules for itself.
      .filter(([id]) => !id.startsWith('CloudFormation-Validate::'))
      .map(([id, reason]) => ({ path: construct.node.path, id: id.replace(/^annotation::/i, ''), reason })),
  );
}

/** Every finding of the environment's packs, as if nothing had been acknowledged. */
function findingsIn(app: App, config: Config): Finding[] {
  return compliancePacks(config).flatMap((pack) => {
    // The pack asks itself this question before it reports; here the answer is always no.
    Object.defineProperty(pack, 'isAcknowledged', { value: () => false });
    return pack
      .validateScope(app)
      .violations.flatMap(({ ruleName, violatingResources }) =>
        violatingResources.map(({ constructPath }) => ({ id: ruleName, path: constructPath ?? '' })),
      );
  });
}
