import { Duration } from 'aws-cdk-lib';
import {
  type CfnMethod,
  ConnectionType,
  Integration,
  IntegrationType,
  type IVpcLink,
  type Method,
  VpcLink,
} from 'aws-cdk-lib/aws-apigateway';
import { VpcLink as VpcLinkV2 } from 'aws-cdk-lib/aws-apigatewayv2';
import { type ISecurityGroup, type IVpc, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { pathParameters, type Route } from '../../contract/route';
import { type ServiceAddress } from './service-load-balancer';

export interface ServiceLinkProps {
  readonly address: ServiceAddress;
  readonly vpc: IVpc;
  /** May reach the load balancer, and nothing else. */
  readonly securityGroup: ISecurityGroup;
}

/**
 * The way from the REST API into the VPC, to the portfolio service's load balancer. A VPC link of the second version, the
 * only one that ends at an Application Load Balancer; the library knows it for HTTP APIs only, so a method of a REST API
 * names its target by an override.
 */
export class ServiceLink extends Construct {
  private readonly link: IVpcLink;
  private readonly address: ServiceAddress;

  constructor(scope: Construct, id: string, props: ServiceLinkProps) {
    super(scope, id);
    const { address, vpc, securityGroup } = props;
    this.address = address;
    const link = new VpcLinkV2(this, 'Link', {
      vpc,
      subnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      // By its id, closed to new rules: all rules are Network's.
      securityGroups: [
        SecurityGroup.fromSecurityGroupId(this, 'Group', securityGroup.securityGroupId, { mutable: false }),
      ],
    });
    this.link = VpcLink.fromVpcLinkId(this, 'Reference', link.vpcLinkId);
  }

  /** Passes a request on as it is: method, path, query, headers and body. */
  integration(route: Route): Integration {
    return new Integration({
      type: IntegrationType.HTTP_PROXY,
      integrationHttpMethod: route.method,
      // For a link the address is the host's name, and what its certificate must be for; the target is `attach`'s.
      uri: `${this.address.url}${route.path}`,
      options: {
        connectionType: ConnectionType.VPC_LINK,
        vpcLink: this.link,
        requestParameters: {
          ...Object.fromEntries(
            pathParameters(route.path).map((name) => [
              `integration.request.path.${name}`,
              `method.request.path.${name}`,
            ]),
          ),
          // One id from API Gateway's log to the service's.
          'integration.request.header.X-Request-Id': 'context.requestId',
        },
        timeout: Duration.seconds(29),
      },
    });
  }

  /** Completes a method that was made with `integration`. */
  attach(method: Method): void {
    const resource = method.node.defaultChild as CfnMethod;
    resource.addPropertyOverride('Integration.IntegrationTarget', this.address.loadBalancerArn);
  }
}
