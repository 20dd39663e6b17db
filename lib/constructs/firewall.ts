import { ArnFormat, Stack } from 'aws-cdk-lib';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { CfnIPSet, CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { type Route } from '../../contract/route';
import { routes } from '../../contract/routes';
import { type Config, type Region } from '../config';
import { EDGE_HEADER, names, VIEWER_HEADER } from '../names';
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
  /**
   * What CloudFront says in `EDGE_HEADER`. A request that says so too is counted by the viewer whom CloudFront names, any
   * other by its own address. @default none: nobody comes by CloudFront
   */
  readonly edge?: string;
}

const visible = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
  metricName,
  cloudWatchMetricsEnabled: true,
  sampledRequestsEnabled: true,
});

const CORE_RULE_SET = 'AWSManagedRulesCommonRuleSet';
const MANAGED = ['AWSManagedRulesAmazonIpReputationList', 'AWSManagedRulesKnownBadInputsRuleSet', CORE_RULE_SET];

/**
 * The core rule set's rules on bodies, and the labels they leave: spelt as AWS spells them, which is not as the rules.
 * https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
 */
const BODY_RULES = {
  EC2MetaDataSSRF_BODY: 'awswaf:managed:aws:core-rule-set:EC2MetaDataSSRF_Body',
  GenericLFI_BODY: 'awswaf:managed:aws:core-rule-set:GenericLFI_Body',
  GenericRFI_BODY: 'awswaf:managed:aws:core-rule-set:GenericRFI_Body',
  CrossSiteScripting_BODY: 'awswaf:managed:aws:core-rule-set:CrossSiteScripting_Body',
} as const;

/** Last parts of the paths whose body is a file of somebody's own, such as a broker's CSV. */
const FILE_PATHS = Object.values<Route>(routes).flatMap(({ path, bodyMediaType }) =>
  bodyMediaType === undefined ? [] : [path.slice(path.lastIndexOf('/'))],
);

/**
 * AWS's own rules against the known kinds of attack, a limit by address, and a log and samples without tokens. A file that
 * is imported is not searched for scripts and paths, which a broker's descriptions may well look like: it is read as CSV,
 * field by field, and never shown as a page. Any other body is, as far as WAF reads it: 16 KB at an API, 8 KB at a load balancer.
 */
export class Firewall extends Construct {
  constructor(scope: Construct, id: string, props: FirewallProps) {
    super(scope, id);
    const { config, region, key, protectedArn, of, shared, edge } = props;
    const before = this.limits(config.api.requestsPerAddress, shared, edge);
    const managed = MANAGED.map((name, index): CfnWebACL.RuleProperty => ({
      name,
      priority: before.length + index,
      overrideAction: { none: {} },
      visibilityConfig: visible(name),
      statement: {
        managedRuleGroupStatement: {
          vendorName: 'AWS',
          name,
          // SizeRestrictions_BODY stops bodies over 8 KB, and an imported file may be longer; API Gateway stops at 10 MB.
          ruleActionOverrides:
            name === CORE_RULE_SET
              ? ['SizeRestrictions_BODY', ...Object.keys(BODY_RULES)].map((rule) => ({
                  name: rule,
                  actionToUse: { count: {} },
                }))
              : undefined,
        },
      },
    }));
    const secretHeaders = ['authorization', ...(edge === undefined ? [] : [EDGE_HEADER])];
    const acl = new CfnWebACL(this, 'WebAcl', {
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visible('Firewall'),
      rules: [...before, ...managed, refuseBodies(before.length + managed.length)],
      // What the log leaves out, the samples that WAF keeps would show: "the redacted fields configuration for logging has
      // no impact on request sampling" (https://docs.aws.amazon.com/waf/latest/developerguide/logging.html).
      dataProtectionConfig: {
        dataProtections: [
          { action: 'SUBSTITUTION', field: { fieldType: 'SINGLE_HEADER', fieldKeys: secretHeaders } },
          { action: 'SUBSTITUTION', field: { fieldType: 'QUERY_STRING' } },
        ],
      },
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
      redactedFields: [...secretHeaders.map((Name) => ({ singleHeader: { Name } })), { queryString: {} }],
    });
    logging.node.addDependency(logGroup);
  }

  private limits(limit: number, shared?: string, edge?: string): CfnWebACL.RuleProperty[] {
    const byAddress = (scopeDownStatement?: CfnWebACL.StatementProperty) => ({
      limit,
      aggregateKeyType: 'IP',
      scopeDownStatement,
    });
    if (edge === undefined)
      return [rateRule('LimitByAddress', 0, byAddress(shared === undefined ? undefined : this.outside(shared)))];
    return [
      rateRule('LimitByAddress', 0, byAddress(not(cameBy(edge)))),
      rateRule('LimitByViewer', 1, {
        limit,
        aggregateKeyType: 'FORWARDED_IP',
        forwardedIpConfig: { headerName: VIEWER_HEADER, fallbackBehavior: 'MATCH' },
        scopeDownStatement: cameBy(edge),
      }),
    ];
  }

  private outside(addresses: string): CfnWebACL.StatementProperty {
    const inside = new CfnIPSet(this, 'Shared', {
      scope: 'REGIONAL',
      ipAddressVersion: 'IPV4',
      addresses: [addresses],
    });
    return not({ ipSetReferenceStatement: { arn: inside.attrArn } });
  }
}

const not = (statement: CfnWebACL.StatementProperty): CfnWebACL.StatementProperty => ({ notStatement: { statement } });

const rateRule = (
  name: string,
  priority: number,
  rateBasedStatement: CfnWebACL.RateBasedStatementProperty,
): CfnWebACL.RuleProperty => ({
  name,
  priority,
  action: { block: {} },
  visibilityConfig: visible(name),
  statement: { rateBasedStatement },
});

/** Only CloudFront knows the value, and overwrites what a viewer sends by the same name. */
const cameBy = (edge: string): CfnWebACL.StatementProperty => ({
  byteMatchStatement: {
    fieldToMatch: { singleHeader: { Name: EDGE_HEADER } },
    positionalConstraint: 'EXACTLY',
    searchString: edge,
    textTransformations: [{ priority: 0, type: 'NONE' }],
  },
});

/** What the core rule set only counted, everywhere but on the paths that take a file. */
function refuseBodies(priority: number): CfnWebACL.RuleProperty {
  const labelled = Object.values(BODY_RULES).map((key) => ({ labelMatchStatement: { scope: 'LABEL', key } }));
  const file = FILE_PATHS.map((searchString) =>
    not({
      byteMatchStatement: {
        fieldToMatch: { uriPath: {} },
        positionalConstraint: 'ENDS_WITH',
        searchString,
        textTransformations: [{ priority: 0, type: 'NONE' }],
      },
    }),
  );
  return {
    name: 'RefuseBodies',
    priority,
    action: { block: {} },
    visibilityConfig: visible('RefuseBodies'),
    statement: { andStatement: { statements: [{ orStatement: { statements: labelled } }, ...file] } },
  };
}
