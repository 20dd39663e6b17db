import { type IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { type TableId, tables } from '../../contract/tables';
import { type Config } from '../config';
import { constructId } from '../construct-id';
import { ContractTable } from './contract-table';
import { type Tables } from './function-ground';

export interface PlatformTablesProps {
  readonly config: Config;
  readonly key: IKey;
}

/** Every table of the contract. */
export class PlatformTables extends Construct {
  readonly byId: Tables;
  readonly all: readonly ContractTable[];

  constructor(scope: Construct, id: string, props: PlatformTablesProps) {
    super(scope, id);
    const { config, key } = props;
    const ids = Object.keys(tables) as TableId[];
    const made = ids.map(
      (table) => [table, new ContractTable(this, constructId(table), { config, key, table })] as const,
    );
    this.byId = Object.fromEntries(made) as Tables;
    this.all = made.map(([, table]) => table);
  }
}
