import { ofType, type Properties, type Resource, strings, type SynthesisedStack } from '../synthesised';
import { type Check, describeChecks, find, list, named } from './check';

const POLICIES = [
  ['AWS::SQS::Queue', 'AWS::SQS::QueuePolicy', 'Queues'],
  ['AWS::SNS::Topic', 'AWS::SNS::TopicPolicy', 'Topics'],
  ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy', 'Bucket'],
] as const;

const refusesPlain = ({ properties }: Resource): boolean =>
  (properties.PolicyDocument.Statement as Properties[]).some(
    ({ Effect, Condition }) => Effect === 'Deny' && Condition?.Bool?.['aws:SecureTransport'] === 'false',
  );

/** Domain names of both kinds of API, each with its policies. */
const policiesOf = ({ SecurityPolicy, DomainNameConfigurations }: Properties): unknown[] => [
  ...list(SecurityPolicy),
  ...((DomainNameConfigurations ?? []) as Properties[]).map((configuration) => configuration.SecurityPolicy as unknown),
];

/** The parameters that a database runs with. */
const parameters = (group: unknown, of: SynthesisedStack) =>
  (find(group, of)?.properties.Parameters ?? {}) as Properties;
const spoilGroup = (group: unknown, of: SynthesisedStack, name: string) => {
  find(group, of)!.properties.Parameters[name] = '0';
};

describe('TLS only', () => {
  describeChecks([
    ...POLICIES.map(([type, policy, property]): Check => ({
      says: `every ${type} refuses what comes without`,
      of: [type],
      breaks: (resource, of) => !named(of, policy, property, resource).some(refusesPlain),
      spoil: (resource, of) => {
        for (const { properties } of named(of, policy, property, resource)) properties.PolicyDocument.Statement = [];
      },
    })),
    {
      says: 'every cluster refuses connections without',
      of: ['AWS::RDS::DBCluster'],
      breaks: ({ properties }, of) =>
        parameters(properties.DBClusterParameterGroupName, of).require_secure_transport !== 'ON',
      spoil: ({ properties }, of) => spoilGroup(properties.DBClusterParameterGroupName, of, 'require_secure_transport'),
    },
    {
      says: 'every database of its own refuses connections without',
      of: ['AWS::RDS::DBInstance'],
      where: ({ properties }) => properties.DBClusterIdentifier === undefined,
      breaks: ({ properties }, of) => parameters(properties.DBParameterGroupName, of)['rds.force_ssl'] !== '1',
      spoil: ({ properties }, of) => spoilGroup(properties.DBParameterGroupName, of, 'rds.force_ssl'),
    },
    {
      says: 'every proxy requires it',
      of: ['AWS::RDS::DBProxy'],
      breaks: ({ properties }) => properties.RequireTLS !== true,
      spoil: ({ properties }) => delete properties.RequireTLS,
    },
    {
      // A serverless cache speaks nothing else; what a template decides is who may speak.
      says: 'every cache, which has no other way, asks for a password too',
      of: ['AWS::ElastiCache::ServerlessCache'],
      breaks: ({ properties }, of) =>
        properties.UserGroupId === undefined ||
        ofType(of, 'AWS::ElastiCache::User').some((user) => user.properties.AuthenticationMode?.Type !== 'password'),
      spoil: ({ properties }) => delete properties.UserGroupId,
    },
    {
      says: 'every domain name of an API takes 1.2 or later',
      of: ['AWS::ApiGateway::DomainName', 'AWS::ApiGatewayV2::DomainName'],
      breaks: ({ properties }) => {
        const policies = policiesOf(properties);
        return policies.length === 0 || policies.some((policy) => !/TLS_?1_[23]/i.test(String(policy)));
      },
      spoil: ({ properties }) => {
        delete properties.SecurityPolicy;
        for (const configuration of list(properties.DomainNameConfigurations as Properties[]).flat())
          configuration.SecurityPolicy = 'TLS_1_0';
      },
    },
    {
      says: 'an API with a domain name answers nowhere else',
      of: ['AWS::ApiGateway::RestApi'],
      where: (_, of) => ofType(of, 'AWS::ApiGateway::DomainName').length > 0,
      breaks: ({ properties }) => properties.DisableExecuteApiEndpoint !== true,
      spoil: ({ properties }) => delete properties.DisableExecuteApiEndpoint,
    },
    {
      says: 'every behaviour of a distribution redirects to it or refuses',
      of: ['AWS::CloudFront::Distribution'],
      breaks: ({ properties: { DistributionConfig: config } }) =>
        [config.DefaultCacheBehavior, ...(config.CacheBehaviors ?? [])].some(
          ({ ViewerProtocolPolicy }: Properties) =>
            ViewerProtocolPolicy !== 'redirect-to-https' && ViewerProtocolPolicy !== 'https-only',
        ),
      spoil: ({ properties }) =>
        (properties.DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy = 'allow-all'),
    },
    {
      // With CloudFront's own certificate the version is CloudFront's too.
      says: 'every distribution with a certificate takes 1.2 or later',
      of: ['AWS::CloudFront::Distribution'],
      where: ({ properties }) => properties.DistributionConfig.ViewerCertificate !== undefined,
      breaks: ({ properties }) =>
        !/^TLSv1\.[23]/.test(String(properties.DistributionConfig.ViewerCertificate.MinimumProtocolVersion)),
      spoil: ({ properties }) =>
        (properties.DistributionConfig.ViewerCertificate.MinimumProtocolVersion = 'TLSv1.1_2016'),
    },
    {
      says: 'every other origin of a distribution is asked over 1.2 only',
      of: ['AWS::CloudFront::Distribution'],
      where: ({ properties }) => strings(properties.DistributionConfig.Origins).includes('CustomOriginConfig'),
      breaks: ({ properties }) =>
        (properties.DistributionConfig.Origins as { CustomOriginConfig?: Properties }[]).some(
          ({ CustomOriginConfig: origin }) =>
            origin !== undefined &&
            (origin.OriginProtocolPolicy !== 'https-only' || !/^TLSv1\.[23]$/.test(String(origin.OriginSSLProtocols))),
        ),
      spoil: ({ properties }) => {
        for (const { CustomOriginConfig: origin } of properties.DistributionConfig.Origins as Properties[])
          if (origin) origin.OriginProtocolPolicy = 'http-only';
      },
    },
    {
      says: 'a listener without stands inside the network, behind the VPC link; one with takes 1.2 or later',
      of: ['AWS::ElasticLoadBalancingV2::Listener'],
      breaks: ({ properties }, of) =>
        properties.Protocol === 'HTTPS'
          ? !/TLS(13|-1-2)/.test(String(properties.SslPolicy))
          : find(properties.LoadBalancerArn, of)?.properties.Scheme !== 'internal',
      spoil: ({ properties }, of) => {
        delete properties.SslPolicy;
        find(properties.LoadBalancerArn, of)!.properties.Scheme = 'internet-facing';
      },
    },
  ]);
});
