// A template is JSON without a type of its own.
/* eslint-disable @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { EDGE_HEADER, VIEWER_HEADER } from '../../lib/names';
import { ofType, type Properties, stack, strings } from './synthesised';

describe('the storage', () => {
  const dev = stack('dev', 'Storage');
  const prod = stack('prod', 'Storage');
  const buckets = ofType(prod, 'AWS::S3::Bucket');
  const named = (part: string) =>
    buckets.find(({ logicalId }) => logicalId.startsWith(`Buckets${part}Bucket`))!.properties;

  test.each(['AccessLogs', 'Console', 'Files', 'History', 'Artifacts'])(
    'bucket %s is closed, versioned and encrypted, and has a generated name',
    (part) => {
      const properties = named(part);
      expect(properties.PublicAccessBlockConfiguration).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
      expect(properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
      expect(properties.BucketEncryption).toBeDefined();
      expect(properties.BucketName).toBeUndefined();
    },
  );

  test('every bucket refuses what is not TLS 1.2', () => {
    expect(buckets).toHaveLength(5);
    for (const { logicalId } of buckets)
      prod.template.hasResourceProperties('AWS::S3::BucketPolicy', {
        Bucket: { Ref: logicalId },
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Effect: 'Deny',
              Action: 's3:*',
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            }),
            Match.objectLike({ Effect: 'Deny', Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } }),
          ]),
        },
      });
  });

  test.each([
    ['Files', 365, 30],
    ['Artifacts', 90, 30],
  ])('%s expire after %d days, replaced versions after %d', (part, days, noncurrent) => {
    expect(named(part).LifecycleConfiguration.Rules).toContainEqual(
      expect.objectContaining({
        ExpirationInDays: days,
        NoncurrentVersionExpiration: { NoncurrentDays: noncurrent },
        Status: 'Enabled',
      }),
    );
  });

  test('history stays for good, and Athena can read all of it: colder with time, and nowhere to be restored first', () => {
    const rules = named('History').LifecycleConfiguration.Rules as Record<string, unknown>[];
    expect(rules.flatMap(({ Transitions }) => Transitions ?? [])).toEqual([
      { StorageClass: 'STANDARD_IA', TransitionInDays: 90 },
      { StorageClass: 'GLACIER_IR', TransitionInDays: 365 },
    ]);
    for (const rule of rules) expect(rule.ExpirationInDays).toBeUndefined();
    expect(rules).toContainEqual(
      expect.objectContaining({ NoncurrentVersionExpiration: { NoncurrentDays: 30 }, Status: 'Enabled' }),
    );
  });

  test('files, history and artifacts are under our key', () => {
    for (const part of ['Files', 'History', 'Artifacts'])
      expect(
        named(part).BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.SSEAlgorithm,
      ).toBe('aws:kms');
  });

  test('a throw-away bucket stays closed to late logs once it is emptied: its policy goes with it, not before', () => {
    const policies = (of: typeof dev) =>
      ofType(of, 'AWS::S3::BucketPolicy').map(({ raw }) => String(raw.DeletionPolicy));
    expect(policies(dev)).toEqual(Array(5).fill('Retain'));
    expect(policies(prod)).toEqual(Array(5).fill('undefined'));
    // The denial is written by CDK's own function. Should it stop to, this says so.
    const handler = readFileSync(
      join(
        dirname(require.resolve('aws-cdk-lib')),
        'custom-resource-handlers/dist/aws-s3/auto-delete-objects-handler/index.js',
      ),
      'utf8',
    );
    expect(handler).toMatch(/Principal:"\*",Effect:"Deny",Action:\["s3:PutObject"\]/);
  });

  test('a throw-away environment empties its buckets; prod keeps them', () => {
    dev.template.resourceCountIs('Custom::S3AutoDeleteObjects', 5);
    prod.template.resourceCountIs('Custom::S3AutoDeleteObjects', 0);
    for (const { raw } of buckets) expect(raw.DeletionPolicy).toBe('RetainExceptOnCreate');
  });

  describe('the console on CloudFront', () => {
    const distribution = (of: typeof dev) =>
      ofType(of, 'AWS::CloudFront::Distribution')[0]!.properties.DistributionConfig;

    test('is read through origin access control, by HTTPS, with security headers', () => {
      dev.template.resourceCountIs('AWS::CloudFront::OriginAccessControl', 1);
      expect(distribution(dev).DefaultCacheBehavior).toMatchObject({ ViewerProtocolPolicy: 'redirect-to-https' });
      expect(distribution(dev).DefaultCacheBehavior.ResponseHeadersPolicyId).toBeDefined();
    });

    test('falls back to the application by a function on the default behaviour, never by error responses', () => {
      expect(distribution(prod).CustomErrorResponses).toBeUndefined();
      expect(distribution(prod).DefaultCacheBehavior.FunctionAssociations[0].EventType).toBe('viewer-request');
      const [fallback] = ofType(prod, 'AWS::CloudFront::Function').filter(({ logicalId }) =>
        logicalId.includes('SpaFallback'),
      );
      const handler = functionOf(fallback!.properties.FunctionCode as string);
      expect(handler('/assets/AAPL')).toBe('/index.html');
      expect(handler('/')).toBe('/index.html');
      expect(handler('/main.4f2a.js')).toBe('/main.4f2a.js');
    });

    test('passes /api/* to the API under its domain, without the prefix and without a cache', () => {
      const [behaviour] = distribution(prod).CacheBehaviors;
      expect(behaviour.PathPattern).toBe('/api/*');
      const origin = distribution(prod).Origins.find(({ Id }: { Id: string }) => Id === behaviour.TargetOriginId);
      expect(origin.DomainName).toBe('api.signal9.example.com');
      const [strip] = ofType(prod, 'AWS::CloudFront::Function').filter(({ logicalId }) =>
        logicalId.includes('StripApiPrefix'),
      );
      const handler = functionOf(strip!.properties.FunctionCode as string);
      expect(handler('/api/assets')).toBe('/assets');
      expect(handler('/api/')).toBe('/');
      expect(handler('/api/api-keys')).toBe('/api-keys');
      expect(distribution(dev).CacheBehaviors).toBeUndefined();
    });

    test('tells the API’s firewall that it was CloudFront, and who asked, whatever the viewer says of himself', () => {
      const api = stack('prod', 'Api');
      const origin = distribution(prod).Origins.find(({ DomainName }: Properties) =>
        String(DomainName).startsWith('api.'),
      );
      const [said] = origin.OriginCustomHeaders as Properties[];
      expect(said).toEqual({
        HeaderName: EDGE_HEADER,
        HeaderValue: prod.outputs.ExportSignal9produseast1StorageEdge?.Value,
      });
      const byEdge = strings(ofType(api, 'AWS::WAFv2::WebACL')[0]!.properties).filter((text) =>
        text.endsWith('Storage:Edge'),
      );
      expect(byEdge).toHaveLength(2);
      const [code] = ofType(prod, 'AWS::CloudFront::Function').filter(({ logicalId }) =>
        logicalId.includes('StripApiPrefix'),
      );
      const { headers } = run(code!.properties.FunctionCode as string, '/api/x', {
        [VIEWER_HEADER]: { value: '10.0.0.1' },
      });
      expect(headers[VIEWER_HEADER]).toEqual({ value: VIEWER });
    });

    test('asks for TLS 1.2, the certificate of us-east-1 and the web ACL where there is a domain', () => {
      for (const region of ['us-east-1', 'us-east-2', 'us-west-2'] as const) {
        const config = distribution(stack('prod', 'Storage', region));
        expect(config.ViewerCertificate).toMatchObject({ MinimumProtocolVersion: 'TLSv1.2_2021' });
        expect(config.ViewerCertificate.AcmCertificateArn).toMatch(/^arn:aws:acm:us-east-1:/);
        expect(config.WebACLId).toMatch(/^arn:aws:wafv2:us-east-1:/);
      }
    });

    test('has a name of its own in every region, for a name belongs to one distribution only', () => {
      const aliases = (['us-east-1', 'us-east-2', 'us-west-2'] as const).flatMap(
        (region) => distribution(stack('prod', 'Storage', region)).Aliases as string[],
      );
      expect(aliases).toEqual([
        'signal9.example.com',
        'us-east-2.signal9.example.com',
        'us-west-2.signal9.example.com',
      ]);
    });
  });
});

interface CloudFrontRequest {
  readonly uri: string;
  readonly headers: Record<string, { value: string }>;
}

/** Who asks CloudFront. */
const VIEWER = '203.0.113.7';

/** Runs a CloudFront function's code, as CloudFront would, on a request. */
function run(code: string, uri: string, headers: CloudFrontRequest['headers'] = {}): CloudFrontRequest {
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const handler = new Function(`${code}; return handler;`)() as (event: unknown) => CloudFrontRequest;
  return handler({ request: { uri, headers }, viewer: { ip: VIEWER } });
}

const functionOf = (code: string) => (uri: string) => run(code, uri).uri;
