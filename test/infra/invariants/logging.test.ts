import { ofType, type Properties, referredTo, strings } from '../synthesised';
import { type Check, describeChecks, find, named } from './check';

/** Of each engine the logs that tell who connected and what was changed. */
const EXPORTED: Readonly<Record<string, readonly string[]>> = {
  'aurora-mysql': ['audit', 'error'],
  postgres: ['postgresql', 'upgrade'],
};

const exportsLogs: Omit<Check, 'of' | 'says'> = {
  breaks: ({ properties }) => {
    const demanded = EXPORTED[String(properties.Engine)];
    return demanded?.every((log) => strings(properties.EnableCloudwatchLogsExports).includes(log)) !== true;
  },
  spoil: ({ properties }) => (properties.EnableCloudwatchLogsExports = ['slowquery']),
};

const attributes = ({ LoadBalancerAttributes }: Properties): Map<string, unknown> =>
  new Map((LoadBalancerAttributes as Properties[]).map(({ Key, Value }) => [Key as string, Value as unknown]));

describe('logged', () => {
  describeChecks([
    {
      says: 'every network, all its flows',
      of: ['AWS::EC2::VPC'],
      breaks: (vpc, of) =>
        !named(of, 'AWS::EC2::FlowLog', 'ResourceId', vpc).some(({ properties }) => properties.TrafficType === 'ALL'),
      spoil: (vpc, of) => {
        for (const { properties } of named(of, 'AWS::EC2::FlowLog', 'ResourceId', vpc))
          properties.TrafficType = 'REJECT';
      },
    },
    {
      says: 'every stage of the REST API, each request',
      of: ['AWS::ApiGateway::Stage'],
      breaks: ({ properties }) => properties.AccessLogSetting?.DestinationArn === undefined,
      spoil: ({ properties }) => delete properties.AccessLogSetting,
    },
    {
      says: 'every stage of the WebSocket API, each message',
      of: ['AWS::ApiGatewayV2::Stage'],
      breaks: ({ properties }) => properties.AccessLogSettings?.DestinationArn === undefined,
      spoil: ({ properties }) => delete properties.AccessLogSettings,
    },
    {
      says: 'every firewall, what it saw',
      of: ['AWS::WAFv2::WebACL'],
      breaks: (acl, of) => named(of, 'AWS::WAFv2::LoggingConfiguration', 'ResourceArn', acl).length === 0,
      spoil: (acl, of) => {
        for (const { properties } of named(of, 'AWS::WAFv2::LoggingConfiguration', 'ResourceArn', acl))
          delete properties.ResourceArn;
      },
    },
    {
      // Its own log would have no end.
      says: 'every bucket but the one that the logs go to',
      of: ['AWS::S3::Bucket'],
      where: ({ logicalId }, of) =>
        !ofType(of, 'AWS::S3::Bucket').some(
          ({ properties }) => referredTo(properties.LoggingConfiguration?.DestinationBucketName) === logicalId,
        ),
      breaks: ({ properties }) => properties.LoggingConfiguration?.DestinationBucketName === undefined,
      spoil: ({ properties }) => delete properties.LoggingConfiguration,
    },
    {
      says: 'every distribution',
      of: ['AWS::CloudFront::Distribution'],
      breaks: ({ properties }, of) => find(properties.DistributionConfig.Logging?.Bucket, of) === undefined,
      spoil: ({ properties }) => delete properties.DistributionConfig.Logging,
    },
    {
      says: 'every load balancer',
      of: ['AWS::ElasticLoadBalancingV2::LoadBalancer'],
      breaks: ({ properties }, of) => {
        const set = attributes(properties);
        return set.get('access_logs.s3.enabled') !== 'true' || !find(set.get('access_logs.s3.bucket'), of);
      },
      spoil: ({ properties }) => (properties.LoadBalancerAttributes = []),
    },
    { says: 'every cluster, by its audit', of: ['AWS::RDS::DBCluster'], ...exportsLogs },
    {
      says: 'every database of its own',
      of: ['AWS::RDS::DBInstance'],
      where: ({ properties }) => properties.DBClusterIdentifier === undefined,
      ...exportsLogs,
    },
    {
      says: 'every log for as long as is configured',
      of: ['AWS::Logs::LogGroup'],
      breaks: ({ properties }) => !(properties.RetentionInDays > 0),
      spoil: ({ properties }) => delete properties.RetentionInDays,
    },
  ]);
});
