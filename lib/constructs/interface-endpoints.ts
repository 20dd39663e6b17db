import { InterfaceVpcEndpointAwsService, type ISecurityGroup, type IVpc } from 'aws-cdk-lib/aws-ec2';

/**
 * Keeps calls of these services inside AWS's network, and off the NAT's bill. None for KMS, CloudWatch Logs and X-Ray: no
 * function calls KMS itself, and Lambda takes a function's logs and traces outside the VPC. None for execute-api: with
 * private DNS it would answer for every REST and WebSocket API of the region, ours too, and refuse what is not private.
 */
export function addInterfaceEndpoints(vpc: IVpc, securityGroup: ISecurityGroup): void {
  const services = {
    Events: InterfaceVpcEndpointAwsService.EVENTBRIDGE,
    Sqs: InterfaceVpcEndpointAwsService.SQS,
    SecretsManager: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
  };
  for (const [id, service] of Object.entries(services))
    vpc.addInterfaceEndpoint(id, {
      service,
      subnets: { subnetGroupName: 'private' },
      securityGroups: [securityGroup],
      open: false,
    });
}
