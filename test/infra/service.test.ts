// A template is JSON without a type of its own.
/* eslint-disable @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return */
import { SERVICE_HEALTH_PATH, SERVICE_PORT, SERVICE_TABLES } from '../../contract/service';
import { manifest, ofType, type Properties, referredTo, type Resource, stack, strings } from './synthesised';

const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const;
const one = (of: ReturnType<typeof stack>, type: string): Resource => {
  const [resource, ...more] = ofType(of, type);
  expect(more).toEqual([]);
  return resource!;
};

describe.each(ENVIRONMENTS)('the portfolio service in %s', (name) => {
  const of = stack(name, 'Compute');
  const balancer = one(of, 'AWS::ElasticLoadBalancingV2::LoadBalancer');
  const targets = one(of, 'AWS::ElasticLoadBalancingV2::TargetGroup');
  const group = one(of, 'AWS::AutoScaling::AutoScalingGroup');
  const template = one(of, 'AWS::EC2::LaunchTemplate').properties.LaunchTemplateData as Properties;
  const attributes = (list: { Key: string; Value: string }[]) =>
    Object.fromEntries(list.map(({ Key, Value }) => [Key, Value]));

  describe('its load balancer', () => {
    test('is internal, in private subnets, in a group of its own', () => {
      expect(balancer.properties.Scheme).toBe('internal');
      for (const subnet of balancer.properties.Subnets) expect(strings(subnet).join('')).toMatch(/privateSubnet/);
      expect(strings(balancer.properties.SecurityGroups).join('')).toMatch(/SecurityGroupsLoadBalancer/);
    });

    test('speaks HTTPS behind a firewall where there is a domain, and HTTP inside the VPC where there is none', () => {
      const { properties } = one(of, 'AWS::ElasticLoadBalancingV2::Listener');
      const { template: api } = stack(name, 'Api');
      const uri = Object.values(api.findResources('AWS::ApiGateway::Method'))
        .map(({ Properties }) => Properties.Integration as Properties)
        .filter(({ ConnectionType }) => ConnectionType === 'VPC_LINK')
        .map(({ Uri }) => strings(Uri).find((text) => !text.startsWith('Fn::'))!);
      expect(uri.length).toBeGreaterThan(0);
      // No record of the name: API Gateway comes by its link.
      expect(ofType(of, 'AWS::Route53::RecordSet')).toEqual([]);
      if (name !== 'prod') {
        expect(properties).toMatchObject({ Port: 80, Protocol: 'HTTP' });
        expect(ofType(of, 'AWS::WAFv2::WebACLAssociation')).toEqual([]);
        return;
      }
      expect(properties).toMatchObject({ Port: 443, Protocol: 'HTTPS', SslPolicy: expect.stringContaining('TLS13') });
      expect(strings(properties.Certificates).join('')).toContain(':acm:us-east-1:');
      for (const url of uri) expect(url).toMatch(/^https:\/\/portfolio\.signal9\.example\.com:443\//);
      expect(one(of, 'AWS::WAFv2::WebACLAssociation').properties.ResourceArn).toEqual({ Ref: balancer.logicalId });
    });

    test('does not count the requests of all callers as those of the VPC link’s few addresses', () => {
      if (name !== 'prod') {
        expect(ofType(of, 'AWS::WAFv2::IPSet')).toEqual([]);
        return;
      }
      const shared = one(of, 'AWS::WAFv2::IPSet');
      expect(shared.properties.Addresses).toEqual(['10.0.0.0/16']);
      const { Statement } = (one(of, 'AWS::WAFv2::WebACL').properties.Rules as Properties[]).find(
        ({ Name }) => Name === 'LimitByAddress',
      )!;
      expect(Statement.RateBasedStatement.ScopeDownStatement).toEqual({
        NotStatement: {
          Statement: { IPSetReferenceStatement: { Arn: { 'Fn::GetAtt': [shared.logicalId, 'Arn'] } } },
        },
      });
    });

    test('logs, drops what is no header, and is protected against deletion in prod', () => {
      const of = attributes(balancer.properties.LoadBalancerAttributes);
      expect(of).toMatchObject({
        'access_logs.s3.enabled': 'true',
        'access_logs.s3.prefix': 'portfolio-service',
        'routing.http.drop_invalid_header_fields.enabled': 'true',
        'idle_timeout.timeout_seconds': '60',
      });
      expect(of['deletion_protection.enabled'] ?? 'false').toBe(String(name === 'prod'));
      const log = of['access_logs.s3.bucket'];
      expect(strings(log).join('')).toMatch(/Storage:.*AccessLogsBucket/);
    });

    test('may write to the bucket of the access logs', () => {
      const policies = ofType(stack(name, 'Storage'), 'AWS::S3::BucketPolicy');
      const policy = policies.find(({ properties }) => strings(properties.Bucket).join('').includes('AccessLogs'))!;
      const puts = policy.properties.PolicyDocument.Statement.filter(
        ({ Action, Effect, Resource }: Properties) =>
          Effect === 'Allow' && Action === 's3:PutObject' && strings(Resource).join('').includes('portfolio-service'),
      );
      expect(puts.length).toBeGreaterThan(0);
    });

    test('asks for health where the contract says, and lets go of an instance in 30 seconds', () => {
      expect(targets.properties).toMatchObject({
        Port: SERVICE_PORT,
        Protocol: 'HTTP',
        TargetType: 'instance',
        HealthCheckPath: SERVICE_HEALTH_PATH,
        Matcher: { HttpCode: '200' },
        HealthCheckIntervalSeconds: 10,
        UnhealthyThresholdCount: 2,
      });
      expect(attributes(targets.properties.TargetGroupAttributes)).toMatchObject({
        'deregistration_delay.timeout_seconds': '30',
        'stickiness.enabled': 'true',
        'stickiness.type': 'lb_cookie',
      });
    });

    test('takes the API’s stage off the path, which a VPC link puts there', () => {
      const { properties } = one(of, 'AWS::ElasticLoadBalancingV2::ListenerRule');
      expect(properties.Conditions).toEqual([{ Field: 'path-pattern', PathPatternConfig: { Values: ['/v1/*'] } }]);
      const [{ Regex, Replace }] = properties.Transforms[0].UrlRewriteConfig.Rewrites;
      expect('/v1/portfolios/1/holdings'.replace(new RegExp(Regex as string), Replace as string)).toBe(
        '/portfolios/1/holdings',
      );
      expect(
        stack(name, 'Api').resources.find(({ type }) => type === 'AWS::ApiGateway::Stage')!.properties.StageName,
      ).toBe('v1');
    });
  });

  describe('its instances', () => {
    test('are as many as the configuration says, in private subnets, judged by the load balancer once their start is over', () => {
      const sizes = { dev: ['1', '2'], staging: ['2', '3'], prod: ['2', '6'] } as const;
      expect([group.properties.MinSize, group.properties.MaxSize]).toEqual(sizes[name]);
      expect(group.properties).toMatchObject({
        HealthCheckType: 'ELB',
        // As long as the deployment waits for them: replaced sooner, an instance would never say what became of it.
        HealthCheckGracePeriod: 720,
        TargetGroupARNs: [{ Ref: targets.logicalId }],
      });
      expect(group.raw.CreationPolicy.ResourceSignal.Timeout).toBe('PT12M');
      for (const subnet of group.properties.VPCZoneIdentifier)
        expect(strings(subnet).join('')).toMatch(/privateSubnet/);
    });

    test('run Amazon Linux 2023 on arm64 from AWS’s own parameter, which needs no look-up here', () => {
      const parameters = of.template.toJSON().Parameters as Record<string, Properties>;
      expect(parameters[referredTo(template.ImageId)!]).toMatchObject({
        Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>',
        Default: expect.stringMatching(/^\/aws\/service\/ami-amazon-linux-latest\/al2023-ami-kernel-[\d.]+-arm64$/),
      });
      expect(template.InstanceType).toMatch(/^t4g\./);
      expect((manifest(name).missing ?? []) as unknown[]).toEqual([]);
    });

    test('are measured each minute where somebody pays for it', () => {
      expect(template.Monitoring).toEqual({ Enabled: name !== 'dev' });
    });

    test('demand a token of whoever asks for their metadata, and encrypt their disk', () => {
      expect(template.MetadataOptions).toEqual({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 });
      expect(template.BlockDeviceMappings).toEqual([
        { DeviceName: '/dev/xvda', Ebs: { Encrypted: true, VolumeSize: 20, VolumeType: 'gp3' } },
      ]);
    });

    test('are entered by Systems Manager: no key pair, no public address, no port', () => {
      expect(template.KeyName ?? template.NetworkInterfaces).toBeUndefined();
      expect(template.SecurityGroupIds).toHaveLength(1);
      expect(strings(template.SecurityGroupIds).join('')).toMatch(/SecurityGroupsPortfolioService/);
      expect(strings(statements()).filter((text) => text.startsWith('ssmmessages:'))).toHaveLength(4);
    });

    test('grow and shrink by work', () => {
      const tracked = ofType(of, 'AWS::AutoScaling::ScalingPolicy').map(
        ({ properties }) =>
          properties.TargetTrackingConfiguration.PredefinedMetricSpecification.PredefinedMetricType as string,
      );
      expect(tracked.sort()).toEqual(['ALBRequestCountPerTarget', 'ASGAverageCPUUtilization']);
    });

    test('are replaced one by one, each when the one before has said that it is healthy', () => {
      const { CreationPolicy, UpdatePolicy } = group.raw;
      const { MinSize, MaxSize } = group.properties;
      expect(CreationPolicy.ResourceSignal).toEqual({ Count: Number(MinSize), Timeout: 'PT12M' });
      const rolling = UpdatePolicy.AutoScalingRollingUpdate;
      expect(rolling).toMatchObject({ MaxBatchSize: 1, WaitOnResourceSignals: true, PauseTime: 'PT12M' });
      expect(rolling.SuspendProcesses).toEqual(expect.arrayContaining(['AlarmNotification', 'ReplaceUnhealthy']));
      expect(rolling.MinInstancesInService).toBe(Number(MinSize));
      expect(rolling.MinInstancesInService).toBeLessThan(Number(MaxSize));
    });

    test('start when the tables and their permissions are there', () => {
      const [schema] = ofType(of, 'Custom::PortfolioSchema');
      const policy = ofType(of, 'AWS::IAM::ManagedPolicy').find(({ logicalId }) =>
        logicalId.includes('FleetRolePolicy'),
      )!;
      expect(group.raw.DependsOn).toEqual(expect.arrayContaining([schema!.logicalId, policy.logicalId]));
    });
  });

  function statements(): { Action: string | string[]; Resource: unknown; Condition?: unknown }[] {
    const profile = of.resources.find(({ logicalId }) => logicalId === referredTo(template.IamInstanceProfile.Arn))!;
    const [role] = profile.properties.Roles.map(referredTo) as string[];
    const policies = ofType(of, 'AWS::IAM::ManagedPolicy').filter(({ properties }) =>
      strings(properties.Roles).includes(role!),
    );
    expect(policies).toHaveLength(1);
    return policies[0]!.properties.PolicyDocument.Statement;
  }

  describe('its role', () => {
    const allowed = (action: string) => statements().filter(({ Action }) => [Action].flat().includes(action));

    test('allows exactly these actions', () => {
      const actions = statements().flatMap(({ Action }) => Action);
      expect([...new Set(actions)].sort()).toEqual(
        [
          'cloudformation:SignalResource',
          'cloudwatch:PutMetricData',
          ...Object.values(SERVICE_TABLES).flatMap((list) => list.map((action) => `dynamodb:${action}`)),
          'events:PutEvents',
          'kms:Decrypt',
          'kms:DescribeKey',
          'logs:CreateLogStream',
          'logs:DescribeLogStreams',
          'logs:PutLogEvents',
          's3:GetObject',
          'secretsmanager:GetSecretValue',
          'ssm:GetParameter',
          'ssm:UpdateInstanceInformation',
          'ssmmessages:CreateControlChannel',
          'ssmmessages:CreateDataChannel',
          'ssmmessages:OpenControlChannel',
          'ssmmessages:OpenDataChannel',
        ].sort(),
      );
    });

    test('reads one object, one parameter and three secrets', () => {
      expect(strings(allowed('s3:GetObject')[0]!.Resource).join('')).toMatch(/[0-9a-f]{64}\.zip$/);
      expect(strings(allowed('ssm:GetParameter')[0]!.Resource).at(-1)).toBe(`:parameter/signal9/${name}/user-pool-id`);
      const secrets = allowed('secretsmanager:GetSecretValue').flatMap(({ Resource }) => Resource);
      expect(secrets.map((secret) => strings(secret).join('')).sort()).toEqual([
        expect.stringMatching(/Data:.*PortfolioDatabase\w*MasterUserSecret/),
        expect.stringMatching(/Data:.*CacheSecret/),
        expect.stringMatching(/Secrets:.*Alpaca/),
      ]);
    });

    test('uses keys through the services that hold what they encrypt, and measures in one namespace', () => {
      for (const { Condition } of allowed('kms:Decrypt'))
        expect(strings(Condition).join(' ')).toMatch(/kms:ViaService (secretsmanager|dynamodb)\./);
      expect(allowed('cloudwatch:PutMetricData').map(({ Condition }) => Condition)).toEqual([
        { StringEquals: { 'cloudwatch:namespace': 'Signal9/Service' } },
      ]);
    });
  });
});

test('no two environments share a launch template by chance: the bundle is named by its hash', () => {
  const bundles = ENVIRONMENTS.map((name) => {
    const [template] = ofType(stack(name, 'Compute'), 'AWS::EC2::LaunchTemplate');
    const text = strings(template!.properties.LaunchTemplateData.UserData).join('');
    return /[0-9a-f]{64}\.zip/.exec(text)?.[0];
  });
  // One program for all of them: what was tried in staging is what runs in prod.
  expect(new Set(bundles).size).toBe(1);
  expect(bundles[0]).toBeDefined();
});
