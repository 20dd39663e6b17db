import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CloudFormationValidatePlugin,
  type IPolicyValidationContext,
  type PolicyValidationPluginReport,
  type PolicyViolation,
} from 'aws-cdk-lib';

type StackTemplate = IPolicyValidationContext['stackTemplates'][number];

const CACHE = join(__dirname, '..', '..', 'node_modules', '.cache', 'signal9', 'validation');
const CDK = join(__dirname, '..', '..', 'node_modules', 'aws-cdk-lib', 'package.json');
const KEPT = 200;

/**
 * CDK's validator of templates, which asks only about templates that it has not judged before: its engine takes two seconds
 * to start and one to judge. A verdict depends on the template but for the hashes of its assets, on its stack, account and
 * region and on the version of CDK, which its name in the cache is made of (ADR 37).
 */
export class RememberedValidation extends CloudFormationValidatePlugin {
  private readonly cache: string;

  /** @param cache folder of the verdicts */
  constructor(cache = CACHE) {
    super();
    this.cache = cache;
  }

  override validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const known = new Map<StackTemplate, readonly PolicyViolation[]>();
    const names = new Map(context.stackTemplates.map((template) => [template, this.nameOf(template)]));
    for (const [template, name] of names) {
      const violations = remembered(join(this.cache, name));
      if (violations) known.set(template, at(template.templatePath, violations));
    }
    const open = context.stackTemplates.filter((template) => !known.has(template));
    if (open.length > 0) {
      const { violations } = super.validate({
        ...context,
        stackTemplates: open,
        templatePaths: open.map(({ templatePath }) => templatePath),
      });
      for (const template of open) {
        const own = of(template.templatePath, violations);
        known.set(template, own);
        remember(this.cache, names.get(template) ?? '', own);
      }
    }
    const violations = merged(context.stackTemplates.flatMap((template) => known.get(template) ?? []));
    return { success: violations.every(({ severity }) => severity !== 'error' && severity !== 'fatal'), violations };
  }

  private nameOf({ templatePath, stackConstructPath, accountId, region }: StackTemplate): string {
    const { version } = JSON.parse(readFileSync(CDK, 'utf8')) as { version: string };
    const about = [version, this.version, stackConstructPath, accountId, region];
    return createHash('sha256').update(JSON.stringify(about)).update(withoutHashes(templatePath)).digest('hex');
  }
}

/** Another bundle is another key in the bucket of assets, which looks the same to every rule. */
const withoutHashes = (templatePath: string): string =>
  readFileSync(templatePath, 'utf8').replaceAll(/\b[0-9a-f]{64}\b/g, '0'.repeat(64));

/** What concerns one template. */
const of = (templatePath: string, violations: readonly PolicyViolation[]): PolicyViolation[] =>
  violations
    .map((violation) => ({
      ...violation,
      violatingResources: violation.violatingResources.filter((resource) => resource.templatePath === templatePath),
    }))
    .filter(({ violatingResources }) => violatingResources.length > 0);

/** The same of a template in another folder. */
const at = (templatePath: string, violations: readonly PolicyViolation[]): PolicyViolation[] =>
  violations.map((violation) => ({
    ...violation,
    violatingResources: violation.violatingResources.map((resource) => ({ ...resource, templatePath })),
  }));

/** One violation of a rule, with the resources of all templates, as the validator itself reports it. */
function merged(violations: readonly PolicyViolation[]): PolicyViolation[] {
  const byRule = new Map<string, PolicyViolation>();
  for (const violation of violations) {
    const key = JSON.stringify([violation.ruleName, violation.severity, violation.description]);
    const before = byRule.get(key);
    const violatingResources = [...(before?.violatingResources ?? []), ...violation.violatingResources];
    byRule.set(key, { ...violation, violatingResources });
  }
  return [...byRule.values()];
}

function remembered(file: string): PolicyViolation[] | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as PolicyViolation[];
  } catch {
    return undefined;
  }
}

/** Whole or not at all: several syntheses may run at once. */
function remember(cache: string, name: string, violations: readonly PolicyViolation[]): void {
  mkdirSync(cache, { recursive: true });
  const temporary = join(cache, `${name}.${process.pid}`);
  writeFileSync(temporary, JSON.stringify(violations));
  renameSync(temporary, join(cache, name));
  const files = readdirSync(cache);
  if (files.length <= KEPT) return;
  const byAge = files.map((file) => join(cache, file)).sort((a, b) => ageOf(b) - ageOf(a));
  for (const file of byAge.slice(0, files.length - KEPT)) rmSync(file, { force: true });
}

function ageOf(file: string): number {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}
