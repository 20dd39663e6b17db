import {
  ApiMapping,
  DomainName,
  EndpointType,
  type IStage,
  type IWebSocketApi,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import { type HostProps } from './api-domain';

export interface LiveDomainProps extends HostProps {
  readonly api: IWebSocketApi;
  readonly stage: IStage;
}

/** The name that the WebSocket API answers under, and its record. */
export class LiveDomain extends Construct {
  constructor(scope: Construct, id: string, props: LiveDomainProps) {
    super(scope, id);
    const { domain, host, certificateArn, api, stage } = props;
    const domainName = new DomainName(this, 'Domain', {
      domainName: host,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      endpointType: EndpointType.REGIONAL,
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
    new ApiMapping(this, 'Mapping', { api, stage, domainName });
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: domain.hostedZoneId,
      zoneName: domain.name,
    });
    const { regionalDomainName, regionalHostedZoneId } = domainName;
    const target = RecordTarget.fromAlias(new ApiGatewayv2DomainProperties(regionalDomainName, regionalHostedZoneId));
    new ARecord(this, 'Address', { zone, recordName: `${host}.`, target });
  }
}
