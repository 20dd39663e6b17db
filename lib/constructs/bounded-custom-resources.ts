import { CfnResource, type IAspect } from 'aws-cdk-lib';
import { type IConstruct } from 'constructs';

/** CDK's own, whose functions have 15 minutes and say nothing when they die; ours have their bound from their constructs. */
const OF_CDK = ['Custom::S3AutoDeleteObjects', 'Custom::VpcRestrictDefaultSG'];
/** Lambda tries again after a minute what ended without an answer. */
const SECONDS = 2 * 15 * 60 + 120;

/** Lets CloudFormation wait for a custom resource of CDK's for half an hour, not for its hour. */
export class BoundedCustomResources implements IAspect {
  visit(node: IConstruct): void {
    if (node instanceof CfnResource && OF_CDK.includes(node.cfnResourceType))
      node.addPropertyOverride('ServiceTimeout', String(SECONDS));
  }
}
