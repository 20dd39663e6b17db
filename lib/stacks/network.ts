import { type IVpc } from 'aws-cdk-lib/aws-ec2';
import { type Construct } from 'constructs';
import { cidrOf, hasNatInstance } from '../config';
import { EncryptionKey } from '../constructs/encryption-key';
import { existingVpc } from '../constructs/existing-vpc';
import { type FunctionPlacement } from '../constructs/function-ground';
import { addInterfaceEndpoints } from '../constructs/interface-endpoints';
import { PlatformNetwork } from '../constructs/platform-network';
import { type LedgerGroups, type PortfolioGroups, SecurityGroups } from '../constructs/security-groups';
import { serviceListener } from '../constructs/service-listener';
import { PlatformStack, type PlatformStackProps } from '../platform-stack';

/** The VPC, unless there is one, all security groups and who may talk to whom. */
export class NetworkStack extends PlatformStack {
  readonly vpc: IVpc;
  /** Where functions run. @default outside the VPC */
  readonly placement?: FunctionPlacement;
  /** Where the functions of the ledger run. */
  readonly ledgerPlacement: FunctionPlacement;
  readonly ledgerGroups: LedgerGroups;
  /** Where the functions of the portfolios' database run. */
  readonly portfolioPlacement: FunctionPlacement;
  readonly portfolioGroups: PortfolioGroups;

  constructor(scope: Construct, props: PlatformStackProps) {
    super(scope, 'Network', 'the VPC, its endpoints and security groups', props);
    const { config, region } = props;

    const existing = config.network.vpc?.[region];
    const network = existing ? { vpc: existingVpc(this, 'Vpc', existing) } : this.make(props);
    this.vpc = network.vpc;

    const groups = new SecurityGroups(this, 'SecurityGroups', {
      vpc: this.vpc,
      functions: config.network.functionsInVpc,
      endpoints: config.network.interfaceEndpoints,
      nat: hasNatInstance(config, region),
      ledgerProxy: config.ledger.proxy,
      listener: serviceListener(config, region),
    });
    if (groups.endpoints) addInterfaceEndpoints(this.vpc, groups.endpoints);
    if (groups.nat && network instanceof PlatformNetwork) network.addNatInstance(groups.nat);
    this.ledgerGroups = groups.ledger;
    this.ledgerPlacement = { vpc: this.vpc, securityGroups: [groups.ledger.functions] };
    this.portfolioGroups = groups.portfolio;
    this.portfolioPlacement = { vpc: this.vpc, securityGroups: [groups.portfolio.functions] };
    if (groups.functions) this.placement = { vpc: this.vpc, securityGroups: [groups.functions] };

    const subnets = (subnetGroupName: string) => this.vpc.selectSubnets({ subnetGroupName }).subnetIds.join(',');
    this.state('VpcId', this.vpc.vpcId, 'The VPC');
    this.state('VpcCidr', cidrOf(config, region), "The VPC's address block");
    if (this.vpc.publicSubnets.length > 0)
      this.state('PublicSubnetIds', subnets('public'), 'Subnets that the internet may reach');
    this.state('PrivateSubnetIds', subnets('private'), 'Subnets with a way out only');
    this.state('IsolatedSubnetIds', subnets('isolated'), 'Subnets without a way out');
  }

  private make({ config, region }: PlatformStackProps): PlatformNetwork {
    // A key of its own: the platform's key is one stack to the right.
    const { key } = new EncryptionKey(this, 'NetworkKey', {
      config,
      region,
      purpose: 'network',
      description: 'Flow logs of the VPC',
      users: ['logs'],
    });
    return new PlatformNetwork(this, 'Network', { config, region, key });
  }
}
