import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { tableName, type TableId } from '../../../contract/tables';
import { isWorse } from '../../../core/advisor/better-row';
import { batchWrite, type BatchPorts } from './batch';
import { fingerprint } from './fingerprint';
import { queryAll } from './read';
import { parseRow } from '../stored-row';

const figures = z.record(z.string(), z.nullable(z.string()));

const statementRow = z.object({
  fiscal_date: z.string(),
  fiscal_date_ending: z.string(),
  period: z.enum(['annual', 'quarterly']),
  reported_currency: z.nullable(z.string()),
  figures,
  fingerprint: z.string(),
});
export type StoredStatementRow = z.infer<typeof statementRow>;

const overviewRow = z.object({ figures, fingerprint: z.string(), fetched_at: z.string() });

/** A row as the provider reported it. */
export interface ReportedRow {
  readonly fiscal_date_ending: string;
  readonly period: 'annual' | 'quarterly';
  readonly reported_currency: string | null;
  readonly figures: Readonly<Record<string, string | null>>;
}

export type StatementTable = Extract<TableId, 'incomeStatement' | 'balanceSheet' | 'cashFlow' | 'earnings'>;

export interface SaveCounts {
  readonly written: number;
  readonly unchanged: number;
  /** Offered rows that said less than the stored ones, which stay. */
  readonly worse: number;
}

/** Statements and overviews. A row is never replaced by one that says less, and none is ever deleted. */
export function fundamentalsStore(ports: BatchPorts, env: string) {
  const { documents } = ports;

  async function rows(table: StatementTable, assetId: string): Promise<StoredStatementRow[]> {
    return queryAll(documents, statementRow, {
      TableName: tableName(env, table),
      KeyConditionExpression: 'asset_id = :asset',
      ExpressionAttributeValues: { ':asset': assetId },
      ConsistentRead: true,
    });
  }

  async function overview(assetId: string) {
    const TableName = tableName(env, 'companyOverview');
    const { Item } = await documents.send(
      new GetCommand({ TableName, Key: { asset_id: assetId }, ConsistentRead: true }),
    );
    return Item === undefined ? null : parseRow(overviewRow, TableName, Item);
  }

  return {
    rows,
    overview,

    /** Saves the rows of one statement. The sort key carries the period: annual and quarterly share their dates. */
    async saveStatement(
      table: StatementTable,
      assetId: string,
      reported: readonly ReportedRow[],
      at: string,
    ): Promise<SaveCounts> {
      const stored = new Map((await rows(table, assetId)).map((row) => [row.fiscal_date, row]));
      const offered = new Map<string, ReportedRow>();
      for (const row of reported) {
        const key = `${row.period}#${row.fiscal_date_ending}`;
        const twin = offered.get(key);
        // Should one payload hold a date twice, the fuller row counts; BatchWrite refuses the same key twice anyway.
        if (twin === undefined || isWorse(twin, row)) offered.set(key, row);
      }
      const puts: { put: Record<string, unknown> }[] = [];
      let worse = 0;
      for (const [fiscal_date, row] of offered) {
        const before = stored.get(fiscal_date);
        const print = fingerprint(row);
        if (before?.fingerprint === print) continue;
        if (before && isWorse(before, row)) worse += 1;
        else puts.push({ put: { asset_id: assetId, fiscal_date, ...row, fetched_at: at, fingerprint: print } });
      }
      await batchWrite(ports, tableName(env, table), puts);
      return { written: puts.length, unchanged: offered.size - puts.length - worse, worse };
    },

    async saveOverview(
      assetId: string,
      symbol: string,
      offered: Readonly<Record<string, string | null>>,
      at: string,
    ): Promise<SaveCounts> {
      const before = await overview(assetId);
      const print = fingerprint(offered);
      if (before?.fingerprint === print) return { written: 0, unchanged: 1, worse: 0 };
      if (before && isWorse(before, { figures: offered })) return { written: 0, unchanged: 0, worse: 1 };
      const Item = { asset_id: assetId, symbol, figures: offered, fetched_at: at, fingerprint: print };
      await documents.send(new PutCommand({ TableName: tableName(env, 'companyOverview'), Item }));
      return { written: 1, unchanged: 0, worse: 0 };
    },
  };
}
