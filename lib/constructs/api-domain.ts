import { DomainName, EndpointType, type IRestApi, SecurityPolicy } from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayDomain } from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import { type Config, type Region } from '../config';
import { hostNames } from '../names';

/** A name that an API of this region answers under. */
export interface HostProps {
  readonly domain: NonNullable<Config['domain']>;
  /** `api.<domain>` or `live.<domain>`, or a further region's. */
  readonly host: string;
  /** Of this region. */
  readonly certificateArn: string;
}

export interface ApiDomainProps extends HostProps {
  readonly api: IRestApi;
}

/** The region's name for an API and its certificate, where the platform has a domain. */
export function apiDomain(config: Config, region: Region, api: 'api' | 'live'): HostProps | undefined {
  const host = hostNames(config, region)?.[api];
  const certificateArn = config.domain?.certificateArns[region];
  return config.domain && host && certificateArn ? { domain: config.domain, host, certificateArn } : undefined;
}

/** The name that the API answers under, and its record. */
export class ApiDomain extends Construct {
  constructor(scope: Construct, id: string, props: ApiDomainProps) {
    super(scope, id);
    const { domain, host, certificateArn, api } = props;
    const name = new DomainName(this, 'Domain', {
      mapping: api,
      domainName: host,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      endpointType: EndpointType.REGIONAL,
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: domain.hostedZoneId,
      zoneName: domain.name,
    });
    const target = RecordTarget.fromAlias(new ApiGatewayDomain(name));
    new ARecord(this, 'Address', { zone, recordName: `${host}.`, target });
  }
}
