import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { type Construct } from 'constructs';
import { type ExistingVpc } from '../config/network-schema';

type Subnets = ExistingVpc['subnets']['private'];

/**
 * A VPC that is there already, by what the configuration says of it: nothing is looked up, and nothing in it is changed. How
 * its subnets route, what flow logs it has and who may reach it from outside is for whoever made it (docs/deploy.md#your-own-network).
 */
export function existingVpc(scope: Construct, id: string, { id: vpcId, cidr, subnets }: ExistingVpc): IVpc {
  // CDK takes the subnets of a kind in the order of the zones.
  const byZone = (of: Subnets) => [...of].sort((one, other) => (one.zone < other.zone ? -1 : 1));
  const ids = (of: Subnets) => byZone(of).map((subnet) => subnet.id);
  const tables = (of: Subnets) => byZone(of).map(({ routeTableId }) => routeTableId);
  return Vpc.fromVpcAttributes(scope, id, {
    vpcId,
    vpcCidrBlock: cidr,
    availabilityZones: byZone(subnets.private).map(({ zone }) => zone),
    ...(subnets.public && {
      publicSubnetIds: ids(subnets.public),
      publicSubnetNames: ['public'],
      publicSubnetRouteTableIds: tables(subnets.public),
    }),
    privateSubnetIds: ids(subnets.private),
    privateSubnetNames: ['private'],
    privateSubnetRouteTableIds: tables(subnets.private),
    isolatedSubnetIds: ids(subnets.isolated),
    isolatedSubnetNames: ['isolated'],
    isolatedSubnetRouteTableIds: tables(subnets.isolated),
  });
}
