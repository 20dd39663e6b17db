import { type ISecurityGroup, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { type IEventBus } from 'aws-cdk-lib/aws-events';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type IBucket } from 'aws-cdk-lib/aws-s3';
import type { BucketId, FunctionDefinition } from '../../contract/functions';
import type { TableId } from '../../contract/tables';
import { type Config } from '../config';
import { type ContractTable } from './contract-table';
import { type LedgerAccess } from './ledger-access';
import { type PortfolioAccess } from './portfolio-access';
import { type ProviderSecrets } from './provider-secrets';

/** Where functions run when they run inside the VPC. */
export interface FunctionPlacement {
  readonly vpc: IVpc;
  /** May reach the data providers and AWS's endpoints, and accept nothing. */
  readonly securityGroups: readonly ISecurityGroup[];
}

/** The ledger, for the functions that the contract lets reach it. */
export interface LedgerGround {
  readonly access: LedgerAccess;
  /** In the VPC always: there is no other way to the ledger. */
  readonly placement: FunctionPlacement;
}

/** The portfolios' database, for the functions that the contract lets reach it. */
export interface PortfolioGround {
  readonly access: PortfolioAccess;
  /** In the VPC always, as for the ledger. A function that needs both wears the groups of both. */
  readonly placement: FunctionPlacement;
}

/** The platform's tables by their names in the contract. */
export type Tables = Readonly<Record<TableId, ContractTable>>;

/** What every function stands on; a function gets only what the contract says that it needs. */
export interface FunctionGround {
  readonly config: Config;
  /** Encrypts logs and queues. */
  readonly key: IKey;
  readonly tables: Tables;
  readonly bus: IEventBus;
  readonly secrets: ProviderSecrets;
  /** Where functions run that reach no database. @default outside the VPC */
  readonly placement?: FunctionPlacement;
  readonly ledger: LedgerGround;
  readonly portfolio: PortfolioGround;
  /** Under `key`, those that functions of the stack have in the contract. @default none */
  readonly buckets?: Readonly<Partial<Record<BucketId, IBucket>>>;
}

/** Where a function's databases are, with the groups of each that it needs; without one, where functions run. */
export function placementOf(
  definition: Pick<FunctionDefinition, 'ledger' | 'portfolio'>,
  { placement, ledger, portfolio }: FunctionGround,
): FunctionPlacement | undefined {
  const databases = [
    ...(definition.ledger ? [ledger.placement] : []),
    ...(definition.portfolio ? [portfolio.placement] : []),
  ];
  const [first] = databases;
  return first
    ? { vpc: first.vpc, securityGroups: databases.flatMap(({ securityGroups }) => securityGroups) }
    : placement;
}
