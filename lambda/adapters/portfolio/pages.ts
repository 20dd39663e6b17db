import { type Kysely, sql } from 'kysely';
import type { PortfolioSize } from './portfolios';
import { sizeOf } from './rows';
import type { PortfolioTables } from './schema';

/** Transactions that are read at once: some hundred megabytes, and well within a statement's time. */
export const ROWS_A_PAGE = 50_000;

/** Pages of at most so many transactions, in the order given. A portfolio with more of them is a page of its own. */
export function pagesOf(sizes: readonly PortfolioSize[], rows = ROWS_A_PAGE): string[][] {
  const pages: string[][] = [];
  let left = 0;
  for (const { portfolio_id, transactions } of sizes) {
    const page = pages.at(-1);
    if (page && transactions <= left) page.push(portfolio_id);
    else {
      pages.push([portfolio_id]);
      left = rows;
    }
    left -= transactions;
  }
  return pages;
}

export async function sizes(
  db: Kysely<PortfolioTables>,
  page: {
    readonly limit: number;
    readonly after?: string;
    readonly among?: readonly string[];
    readonly countTo: number;
  },
): Promise<readonly PortfolioSize[]> {
  const { limit, after = '', among, countTo } = page;
  const wanted = among === undefined ? sql`` : sql`and p.portfolio_id = any(${[...among]}::text[])`;
  const { rows } = await sql`
    select p.portfolio_id, counted.transactions
    from (
      select portfolio_id from portfolios as p where p.portfolio_id > ${after} ${wanted}
      order by portfolio_id limit ${sql.lit(limit)}
    ) as p, lateral (
      select count(*) as transactions from (
        select from transactions as t where t.portfolio_id = p.portfolio_id limit ${sql.lit(countTo)}
      ) as first
    ) as counted
    order by p.portfolio_id`.execute(db);
  return rows.map(sizeOf);
}
