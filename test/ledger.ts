import type { Ledger } from '../lambda/adapters/ledger/ledger';
import { createSqlLedger } from '../lambda/adapters/ledger/sql-ledger';
import { startSql } from './sql';

/** The ledger on an engine of its own (test/sql.ts). */
export interface TestLedger {
  readonly ledger: Ledger;
  stop(): Promise<void>;
}

export async function startLedger(): Promise<TestLedger> {
  const engine = await startSql();
  const db = await engine.database();
  const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
  return {
    ledger: createSqlLedger({ dialect: engine.dialect, writer: db, reader: db, random: Math.random, sleep }),
    stop: () => engine.stop(),
  };
}
