import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { type overview, period, type StatementName, type StatementRow } from '../../../contract/schemas/financials';
import { date, instant } from '../../../contract/schemas/primitives';
import { tableName, type TableId } from '../../../contract/tables';
import { parseRow } from '../../adapters/stored-row';
import { type Failure } from '../answers';
import { invalidCursor, type Page, type PageRequest } from './page';
import { parseRows, type ReadServices } from './rows';

type Period = z.infer<typeof period>;
type Overview = z.infer<typeof overview>;

const figures = z.record(z.string(), z.nullable(z.string()));
const storedStatement = z.object({
  fiscal_date_ending: date(),
  period,
  reported_currency: z.nullable(z.string()),
  figures,
  fetched_at: instant(),
});
const storedOverview = z.object({ figures, fetched_at: instant() });

const TABLE_OF = {
  'income-statement': 'incomeStatement',
  'balance-sheet': 'balanceSheet',
  'cash-flow': 'cashFlow',
  earnings: 'earnings',
} as const satisfies Record<Exclude<StatementName, 'overview'>, TableId>;

/** Two rows of one fiscal date stand in this order. */
const PERIODS = ['annual', 'quarterly'] as const satisfies readonly Period[];

const position = z.tuple([date(), period]);
type Position = z.infer<typeof position>;

export interface StatementReads {
  /** Newest first; without a period both, merged by fiscal date. */
  statements(
    assetId: string,
    statement: Exclude<StatementName, 'overview'>,
    period: Period | undefined,
    page: PageRequest,
  ): Promise<Page<StatementRow> | Failure>;
  /** One row, or none before the first fetch. */
  overview(assetId: string, page: PageRequest): Promise<Page<Overview> | Failure>;
}

export function statementReads({ documents, env, log }: ReadServices): StatementReads {
  /** Rows of one period below a position, newest first. */
  async function below(table: TableId, assetId: string, of: Period, after: Position | undefined, limit: number) {
    const { Items = [] } = await documents.send(
      new QueryCommand({
        TableName: tableName(env, table),
        KeyConditionExpression: 'asset_id = :asset_id AND fiscal_date BETWEEN :oldest AND :newest',
        ExpressionAttributeValues: {
          ':asset_id': assetId,
          ':oldest': `${of}#`,
          // '~' is above every date. BETWEEN includes its end, which the merge takes out again where it was shown.
          ':newest': after ? `${of}#${after[0]}` : `${of}#~`,
        },
        ScanIndexForward: false,
        Limit: limit,
      }),
    );
    return parseRows(log, table, storedStatement, Items);
  }

  return {
    async statements(assetId, statement, only, page) {
      const after = startOf(page);
      if (after === null || (only && after && after[1] !== only)) return invalidCursor();
      const table = TABLE_OF[statement];
      // One that was shown already, and one that tells whether another page follows. 202 rows stay far below 1 MB.
      const enough = page.limit + 2;
      const rows = await Promise.all((only ? [only] : PERIODS).map((of) => below(table, assetId, of, after, enough)));
      const merged = rows
        .flat()
        .sort((a, b) => inOrder(positionOf(a), positionOf(b)))
        .filter((row) => !after || inOrder(after, positionOf(row)) < 0);
      const items = merged.slice(0, page.limit);
      const last = items.at(-1);
      return {
        items,
        next_cursor: last && merged.length > items.length ? page.cursorAfter(positionOf(last)) : null,
      };
    },

    async overview(assetId, page) {
      if (page.after !== undefined) return invalidCursor();
      const { Item } = await documents.send(
        new GetCommand({ TableName: tableName(env, 'companyOverview'), Key: { asset_id: assetId } }),
      );
      return { items: Item ? [parseRow(storedOverview, 'companyOverview', Item)] : [], next_cursor: null };
    },
  };
}

function startOf(page: PageRequest): Position | undefined | null {
  if (page.after === undefined) return undefined;
  return position.safeParse(page.after).data ?? null;
}

const positionOf = (row: StatementRow): Position => [row.fiscal_date_ending, row.period];

/** Newest first, and of one date the annual row first. */
const inOrder = ([dateA, periodA]: Position, [dateB, periodB]: Position): number =>
  dateA === dateB ? PERIODS.indexOf(periodA) - PERIODS.indexOf(periodB) : dateA < dateB ? 1 : -1;
