import { ArnFormat, Stack } from 'aws-cdk-lib';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { CfnIPSet, CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { type Config, type Region } from '../config';
import { names } from '../names';
import { EncryptedLogGroup } from './log-group';

export interface FirewallProps {
  readonly config: Config;
  readonly region: Region;
  /** Encrypts the log. */
  readonly key: IKey;
  /** Tells it from the region's other firewalls. @default the REST API's */
  readonly of?: string;
  /** What it stands before: an API's stage or a load balancer. */
  readonly protectedArn: string;
  /** Address block that speaks for many callers, as a VPC link's does: the limit leaves it out. @default none */
  readonly shared?: string;
}

const visible = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
  metricName,
  cloudWatchMetricsEnabled: true,
  sampledRequestsEnabled: true,
});

/** AWS's own rules against the known kinds of attack, a limit by address, and a log without tokens. */
export class Firewall extends Construct {
  constructor(scope: Construct, id: string, props: FirewallProps) {
    super(scope, id);
    const { config, region, key, protectedArn, of, shared } = props;
    const managed = [
      'AWSManagedRulesAmazonIpReputationList',
      'AWSManagedRulesKnownBadInputsRuleSet',
      'AWSManagedRulesCommonRuleSet',
    ].map((name, index): CfnWebACL.RuleProperty => ({
      name,
      priority: index + 1,
      overrideAction: { none: {} },
      visibilityConfig: visible(name),
      statement: {
        managedRuleGroupStatement: {
          vendorName: 'AWS',
          name,
          // It stops bodies over 8 KB, and an imported CSV may be longer; API Gateway stops at 10 MB.
          ruleActionOverrides:
            name === 'AWSManagedRulesCommonRuleSet'
              ? [{ name: 'SizeRestrictions_BODY', actionToUse: { count: {} } }]
              : undefined,
        },
      },
    }));
    const acl = new CfnWebACL(this, 'WebAcl', {
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visible('Firewall'),
      rules: [this.limit(config, shared), ...managed],
    });
    new CfnWebACLAssociation(this, 'Association', { resourceArn: protectedArn, webAclArn: acl.attrArn });

    const logGroupName = names.firewallLogGroup(config.env, region, of);
    const logGroup = new EncryptedLogGroup(this, 'Logs', { config, key, name: logGroupName });
    const logging = new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: acl.attrArn,
      // Without the `:*` that a log group's own ARN ends with: WAF refuses it.
      logDestinationConfigs: [
        Stack.of(this).formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: logGroupName,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
      redactedFields: [{ singleHeader: { Name: 'authorization' } }, { queryString: {} }],
    });
    logging.node.addDependency(logGroup);
  }

  private limit({ api }: Config, shared?: string): CfnWebACL.RuleProperty {
    return {
      name: 'LimitByAddress',
      priority: 0,
      action: { block: {} },
      visibilityConfig: visible('LimitByAddress'),
      statement: {
        rateBasedStatement: {
          limit: api.requestsPerAddress,
          aggregateKeyType: 'IP',
          scopeDownStatement: shared === undefined ? undefined : this.outside(shared),
        },
      },
    };
  }

  private outside(addresses: string): CfnWebACL.StatementProperty {
    const inside = new CfnIPSet(this, 'Shared', {
      scope: 'REGIONAL',
      ipAddressVersion: 'IPV4',
      addresses: [addresses],
    });
    return { notStatement: { statement: { ipSetReferenceStatement: { arn: inside.attrArn } } } };
  }
}
