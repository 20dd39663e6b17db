import { type App, type CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { type IApplyRule, type NagPack, NagRuleCompliance } from 'cdk-nag';
import { CHECKOV } from '../../lib/compliance/acknowledge';

/** A reason that stands in the construct tree, and what it excuses there. */
export interface Acknowledged {
  /** Of the construct that it was given to: `Signal9-dev-us-east-1-Data/Ledger/Cluster`. */
  readonly path: string;
  /** The granular id: `AwsSolutions-IAM5[Resource::*]`. */
  readonly id: string;
  readonly reason: string;
}

/** A finding of one resource, as if nothing had been acknowledged. */
export interface Finding {
  /** Of the resource. */
  readonly path: string;
  /** The granular id, as it has to be acknowledged. */
  readonly id: string;
  readonly pack: string;
  /** The rule without the part of the id that makes it granular: `AwsSolutions-IAM5`. */
  readonly rule: string;
  /** The rule, in the words of the pack. */
  readonly info: string;
  readonly region: string;
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
}

/** A rule that a resource follows. Of one that it cannot follow or break, nothing is said. */
export type Compliant = Omit<Finding, 'id' | 'info'>;

export interface Assessment {
  readonly acknowledged: readonly Acknowledged[];
  readonly findings: readonly Finding[];
  readonly compliant: readonly Compliant[];
}

/** What the packs say of a synthesised app, and what its constructs acknowledge. */
export function assess(app: App, packs: readonly NagPack[]): Assessment {
  const findings: Finding[] = [];
  const compliant: Compliant[] = [];
  for (const pack of packs) {
    // A pack reports only what nobody acknowledged; the rules that it applies say everything.
    Object.defineProperty(pack, 'applyRule', {
      value: (applied: IApplyRule) => {
        const rule = `${pack.readPackName}-${applied.ruleSuffixOverride ?? applied.rule.name}`;
        const of = { pack: pack.readPackName, rule, ...identityOf(applied.node) };
        const verdict = verdictOf(applied);
        if (verdict === 'compliant') compliant.push(of);
        else findings.push(...verdict.map((finding) => ({ ...of, id: `${rule}${finding}`, info: applied.info })));
      },
    });
    pack.validateScope(app);
  }
  return { acknowledged: acknowledgedIn(app), findings, compliant };
}

/** The suffixes that make the rule's id granular; none where the rule does not apply. A rule that throws is a finding. */
function verdictOf(applied: IApplyRule): 'compliant' | readonly string[] {
  try {
    const result = applied.rule(applied.node);
    if (Array.isArray(result)) return result.map((finding) => `[${finding}]`);
    if (result === NagRuleCompliance.COMPLIANT) return 'compliant';
    return result === NagRuleCompliance.NON_COMPLIANT ? [''] : [];
  } catch {
    return [''];
  }
}

function identityOf(node: CfnResource) {
  const { region, stackName } = Stack.of(node);
  const logicalId = Stack.of(node).resolve(node.logicalId) as string;
  return { path: node.node.path, region, stack: stackName, logicalId, type: node.cfnResourceType };
}

/** What the constructs of an app acknowledge. */
export function acknowledgedIn(app: App): Acknowledged[] {
  return app.node.findAll().flatMap((construct) =>
    construct.node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data as Record<string, string>))
      // CDK acknowledges some of CloudFormation Validate's rules for itself.
      .filter(([id]) => !id.startsWith('CloudFormation-Validate::'))
      .map(([id, reason]) => ({ path: construct.node.path, id: id.replace(/^annotation::/i, ''), reason })),
  );
}

/** Whether it is of a check of Checkov's, which reads templates and knows no constructs: `npm run checkov` holds it against those. */
export const isOfCheckov = ({ id }: Pick<Acknowledged, 'id'>): boolean => id.startsWith(`${CHECKOV}-`);

/** Whether the acknowledgement is of this finding: given to its resource or to what that is a part of. */
export const covers = (acknowledged: Pick<Acknowledged, 'path' | 'id'>, finding: Pick<Finding, 'path' | 'id'>) =>
  acknowledged.id === finding.id && `${finding.path}/`.startsWith(`${acknowledged.path}/`);
