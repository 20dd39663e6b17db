import { Duration } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  Function,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  type IDistribution,
  OriginRequestPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { AaaaRecord, ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import { type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from '../compliance/acknowledge';
import { type Config, type Region } from '../config';
import { EDGE_HEADER, type HostNames, hostNames, VIEWER_HEADER } from '../names';

export interface ConsoleDistributionProps {
  readonly config: Config;
  readonly region: Region;
  /** The console's files. */
  readonly console: IBucket;
  readonly accessLogs: IBucket;
  /** What it says to the API in `EDGE_HEADER`. */
  readonly edge: string;
}

/**
 * A page of the console has no file of its own: any path without an extension gets the application. It is done here,
 * on the default behaviour, since error responses would hold for `/api/*` too and turn its 404 into a page with status 200.
 */
const SPA_FALLBACK = `function handler(event) {
  var request = event.request;
  if (!request.uri.split('/').pop().includes('.')) request.uri = '/index.html';
  return request;
}`;

/**
 * The API knows nothing of the prefix by which CloudFront tells its requests from the console's. It is told the viewer's
 * address, for its firewall to count: from the connection, not from X-Forwarded-For, whose first entries a viewer may write.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/example-function-add-true-client-ip-header.html
 */
const TO_THE_API = `function handler(event) {
  var request = event.request;
  request.uri = request.uri.replace(/^\\/api/, '') || '/';
  request.headers['${VIEWER_HEADER}'] = { value: event.viewer.ip };
  return request;
}`;

/** The console on CloudFront: private bucket behind origin access control, security headers, and `/api/*` where there is a domain. */
export class ConsoleDistribution extends Construct {
  readonly distribution: IDistribution;
  /** Where browsers find the console: the only origin that the API's CORS lets in. */
  readonly origin: string;
  private readonly props: ConsoleDistributionProps;

  constructor(scope: Construct, id: string, props: ConsoleDistributionProps) {
    super(scope, id);
    this.props = props;
    const { config, region } = props;
    const hosts = hostNames(config, region);
    const certificateArn = config.domain?.certificateArns['us-east-1'];
    this.distribution = new Distribution(this, 'Distribution', {
      comment: `Signal9 ${config.env} console, ${region}`,
      defaultRootObject: 'index.html',
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(props.console),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        responseHeadersPolicy: this.securityHeaders(),
        functionAssociations: [this.onRequest('SpaFallback', SPA_FALLBACK)],
      },
      additionalBehaviors: hosts && { '/api/*': this.apiBehaviour(hosts.api, props.edge) },
      domainNames: hosts && [hosts.console],
      certificate: certificateArn ? Certificate.fromCertificateArn(this, 'Certificate', certificateArn) : undefined,
      minimumProtocolVersion: certificateArn ? SecurityPolicyProtocol.TLS_V1_2_2021 : undefined,
      webAclId: config.domain?.cdnWebAclArn,
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      logBucket: props.accessLogs,
      logFilePrefix: 'cloudfront/',
    });
    this.origin = `https://${hosts?.console ?? this.distribution.distributionDomainName}`;
    if (hosts) this.addRecords(hosts);
    this.acknowledgeFindings(hosts !== undefined);
  }

  private apiBehaviour(apiHost: string, edge: string): BehaviorOptions {
    return {
      // By name: the API is two stacks to the right.
      origin: new HttpOrigin(apiHost, { customHeaders: { [EDGE_HEADER]: edge } }),
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      functionAssociations: [this.onRequest('StripApiPrefix', TO_THE_API)],
    };
  }

  private onRequest(id: string, code: string) {
    return {
      eventType: FunctionEventType.VIEWER_REQUEST,
      function: new Function(this, id, { code: FunctionCode.fromInline(code), runtime: FunctionRuntime.JS_2_0 }),
    };
  }

  private securityHeaders(): ResponseHeadersPolicy {
    const { config, region } = this.props;
    const host = hostNames(config, region)?.live;
    const live = host === undefined ? '' : ` wss://${host}`;
    const amazon = `https://*.execute-api.${region}.amazonaws.com wss://*.execute-api.${region}.amazonaws.com https://cognito-idp.${region}.amazonaws.com https://*.auth.${region}.amazoncognito.com`;
    return new ResponseHeadersPolicy(this, 'SecurityHeaders', {
      comment: 'What the console may load and who may frame it',
      securityHeadersBehavior: {
        contentSecurityPolicy: {
          contentSecurityPolicy: `default-src 'self'; connect-src 'self' ${amazon}${live}; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'`,
          override: true,
        },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN, override: true },
        strictTransportSecurity: {
          accessControlMaxAge: Duration.days(365),
          includeSubdomains: true,
          preload: true,
          override: true,
        },
      },
    });
  }

  private addRecords({ console }: HostNames): void {
    const { domain } = this.props.config;
    if (!domain) return;
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: domain.hostedZoneId,
      zoneName: domain.name,
    });
    const target = RecordTarget.fromAlias(new CloudFrontTarget(this.distribution));
    new ARecord(this, 'Address', { zone, recordName: `${console}.`, target });
    new AaaaRecord(this, 'Address6', { zone, recordName: `${console}.`, target });
  }

  private acknowledgeFindings(hasDomain: boolean): void {
    acknowledge(
      this.distribution,
      'AwsSolutions-CFR1',
      "The console's users are wherever the team is, and the page itself holds no data: every read wants a token",
    );
    if (hasDomain) return;
    const withoutFirewall =
      'Only environments without a domain, which are for trying things, have no web ACL here: the page is static and public, and the API behind it wants a token and throttles; staging has a firewall there';
    acknowledge(this.distribution, 'AwsSolutions-CFR2', withoutFirewall);
    acknowledge(this.distribution, 'Checkov-CKV_AWS_68', withoutFirewall);
    const certificateOfCloudFront =
      'Without a domain CloudFront serves its own certificate, whose TLS minimum cannot be set; with one, this stack asks for TLS 1.2';
    acknowledge(this.distribution, 'AwsSolutions-CFR4', certificateOfCloudFront);
    acknowledge(this.distribution, 'Checkov-CKV_AWS_174', certificateOfCloudFront);
  }
}
