import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { loadConfig } from '../../lib/config';
import { names } from '../../lib/names';
import { buildApp } from '../../lib/platform';

const CERTIFICATE = 'arn:aws:acm:us-east-1:111111111111:certificate/00000000-0000-4000-8000-000000000009';
const ACL = 'arn:aws:wafv2:us-east-1:111111111111:global/webacl/cdn/00000000-0000-4000-8000-000000000004';
const overrides = {
  domain: {
    name: 'open.example.com',
    hostedZoneId: 'Z0123456789EXAMPLE',
    certificateArns: { 'us-east-1': CERTIFICATE },
    cdnWebAclArn: ACL,
  },
  portfolio: { service: { certificateArns: { 'us-east-1': CERTIFICATE } } },
};

describe('with a certificate the load balancer of the portfolio service', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'signal9-public-'));
  afterAll(() => rmSync(outdir, { recursive: true }));
  const app = new App({ outdir, analyticsReporting: false });
  buildApp(app, loadConfig({ env: 'staging', overrides }));
  // Findings that nobody acknowledged would throw here.
  app.synth();
  const template = (part: string) =>
    Template.fromStack(Stack.of(app.node.findChild(names.stack('staging', 'us-east-1', part))));
  const compute = template('Compute');

  test('faces the internet in public subnets, over HTTPS with TLS 1.3 and 1.2', () => {
    compute.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internet-facing' });
    compute.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 443,
      Protocol: 'HTTPS',
      SslPolicy: Match.stringLikeRegexp('^ELBSecurityPolicy-TLS13-1-2'),
      Certificates: [{ CertificateArn: CERTIFICATE }],
    });
    const [balancer] = Object.values(compute.findResources('AWS::ElasticLoadBalancingV2::LoadBalancer'));
    expect(JSON.stringify(balancer!.Properties.Subnets)).toMatch(/publicSubnet1.*publicSubnet2/);
  });

  test('answers HTTP with a redirect and nothing else', () => {
    compute.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 80,
      DefaultActions: [
        { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } },
      ],
    });
  });

  test('stands behind a firewall with a log of its own', () => {
    compute.hasResourceProperties('AWS::WAFv2::WebACLAssociation', {
      ResourceArn: { Ref: Match.stringLikeRegexp('LoadBalancer') },
    });
    compute.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: 'aws-waf-logs-signal9-staging-us-east-1-service',
    });
  });

  test('has a name that its certificate is for, and is reached by it from API Gateway', () => {
    compute.hasResourceProperties('AWS::Route53::RecordSet', { Name: 'portfolio.open.example.com.', Type: 'A' });
    template('Api').hasResourceProperties('AWS::ApiGateway::Method', {
      HttpMethod: 'GET',
      Integration: Match.objectLike({
        ConnectionType: 'VPC_LINK',
        Uri: 'https://portfolio.open.example.com:443/portfolios',
        IntegrationTarget: Match.anyValue(),
      }),
    });
  });
});

test('a certificate without a domain is refused', () => {
  const { portfolio } = overrides;
  expect(() => loadConfig({ env: 'staging', overrides: { portfolio } })).toThrow(
    'portfolio.service.certificateArns needs domain: a certificate is for a name',
  );
});
