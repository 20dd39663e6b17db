import { type RemovalPolicy } from 'aws-cdk-lib';
import {
  type AddToPrincipalPolicyResult,
  ManagedPolicy,
  type PolicyStatement,
  Role,
  type RoleProps,
} from 'aws-cdk-lib/aws-iam';
import { type Construct } from 'constructs';

export type OwnPolicyRoleProps = Pick<RoleProps, 'assumedBy' | 'description'>;

/**
 * A role for one purpose. Every grant lands in one managed policy of its own, where CDK would write an inline policy:
 * that can be read, versioned and attached to nobody else, and the compliance packs ask for it (IAMNoInlinePolicy).
 */
export class OwnPolicyRole extends Role {
  private readonly own: ManagedPolicy;

  constructor(scope: Construct, id: string, props: OwnPolicyRoleProps) {
    super(scope, id, props);
    this.own = new ManagedPolicy(this, 'Policy', { description: props.description, roles: [this] });
  }

  override addToPrincipalPolicy(statement: PolicyStatement): AddToPrincipalPolicyResult {
    this.own.addStatements(statement);
    return { statementAdded: true, policyDependable: this.own };
  }

  /** A role that stays keeps what it may do. */
  override applyRemovalPolicy(policy: RemovalPolicy): void {
    super.applyRemovalPolicy(policy);
    this.own.applyRemovalPolicy(policy);
  }
}
