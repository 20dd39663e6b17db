import { monotonicFactory } from 'ulid';
import { portfolioRoutes as routes } from '../../contract/routes/portfolios';
import type { ImportReport } from '../../contract/schemas/portfolios';
import { failure, type Failure, refusedBody } from '../../lambda/api/answers';
import type { Implementation } from '../../lambda/api/serve';
import { type CsvFile, identityOf, readCsv, writeCsv } from '../csv';
import { type Imported, type ImportRow, takeRows } from '../portfolio/importing';
import { IN_FUTURE, isInFuture, newTransaction } from '../portfolio/new-transaction';
import { parsedTransactions } from '../../lambda/adapters/portfolio/parsed';
import type { PortfolioServices } from '../services';
import { noPortfolio, storeRoutes, tooMany } from './own';

/** A portfolio's transactions as files, in and out. */
export function importExportImplementations({ store, clock, log, random }: PortfolioServices): Implementation[] {
  const implement = storeRoutes(log);

  const importTransactions = implement(routes.importTransactions, async ({ parameters, query, body }, { sub }) => {
    const read = readCsv(body, query.format ?? 'auto');
    if ('unreadable' in read)
      return refusedBody('body', `The file ${read.unreadable}${read.line === null ? '' : ` (line ${read.line})`}`);
    const isPartial = query.partial === true;
    const now = clock();
    const file = withoutFuture(read, now);
    const rows = rowsOf(file, now, random);
    type Refusal = { readonly failure: Failure } | { readonly nothingNew: Imported };
    let taken: Imported | undefined;

    const changed = await store.change<Refusal>(
      sub,
      parameters.portfolioId,
      now.toISOString(),
      ({ portfolio, transactions }) => {
        const known = new Set(transactions.map(identityOf));
        const imported = takeRows(rows, parsedTransactions(transactions), known, portfolio.cost_basis);
        const rejected = [...file.rejected, ...imported.rejected];
        if (rejected.length > 0 && !isPartial) return { refusal: { failure: badRows(rejected) } };
        if (imported.add.length === 0) return { refusal: { nothingNew: imported } };
        taken = imported;
        return { add: imported.add.map(({ row }) => row) };
      },
    );
    if (changed.result === 'no_portfolio') return noPortfolio();
    if (changed.result === 'too_many') return tooMany();
    if (changed.result === 'refused')
      return 'failure' in changed.refusal
        ? changed.refusal.failure
        : { body: reportOf(file, changed.refusal.nothingNew) };
    if (!taken) throw new Error('the store changed a portfolio without asking what to change');
    return { body: reportOf(file, taken) };
  });

  const exportTransactions = implement(routes.exportTransactions, async ({ parameters: { portfolioId } }, { sub }) => {
    const state = await store.state(sub, portfolioId);
    if (!state) return noPortfolio();
    return {
      content: writeCsv(state.transactions),
      mediaType: 'text/csv; charset=utf-8',
      headers: { 'content-disposition': `attachment; filename="portfolio-${portfolioId}.csv"` },
    };
  });

  return [importTransactions, exportTransactions];
}

function withoutFuture(file: CsvFile, now: Date): CsvFile {
  const late = file.rows.filter(({ row }) => isInFuture(row, now));
  if (late.length === 0) return file;
  return {
    ...file,
    rows: file.rows.filter(({ row }) => !isInFuture(row, now)),
    rejected: [...file.rejected, ...late.map(({ line }) => ({ line, path: 'executed_at', message: IN_FUTURE }))],
  };
}

/** Of transactions of one instant the lower id counts as the earlier, so ids rise with the file. */
function rowsOf({ rows }: CsvFile, now: Date, random: () => number): ImportRow[] {
  const nextId = monotonicFactory(random);
  return rows.map(({ line, row }) => ({ line, row: newTransaction(row, nextId(now.getTime()), 'import') }));
}

type Rejected = ImportReport['rejected'][number];

/** A file may have a fault in every row; API Gateway carries no answer that names them all. */
const MOST_DETAILS = 1000;

function badRows(rejected: readonly Rejected[]): Failure {
  const lines = new Set(rejected.map(({ line }) => line)).size;
  const more = rejected.length - MOST_DETAILS;
  return failure(
    'unprocessable',
    `${lines} ${lines === 1 ? 'line' : 'lines'} of the file cannot be imported, so nothing was; ?partial=true keeps the others` +
      (more > 0 ? `; ${more} more faults are not shown` : ''),
    inOrder(rejected)
      .slice(0, MOST_DETAILS)
      .map(({ line, path, message }) => ({ path: `line ${line}: ${path}`, message })),
  );
}

function reportOf(file: CsvFile, { add, unchanged, rejected }: Imported): ImportReport {
  const unread = new Set(file.rejected.map(({ line }) => line)).size;
  return {
    format: file.format,
    rows: file.rows.length + unread,
    imported: add.length,
    unchanged,
    skipped: [...file.skipped],
    rejected: inOrder([...file.rejected, ...rejected]),
  };
}

const inOrder = (rejected: readonly Rejected[]): Rejected[] => [...rejected].sort((a, b) => a.line - b.line);
