import { portfolioRoutes as routes } from '../../contract/routes/portfolios';
import { MAX_PORTFOLIOS, type Portfolio } from '../../contract/schemas/portfolios';
import type { PortfolioFields, PortfolioRow } from '../../lambda/adapters/portfolio/portfolios';
import { failure, type Failure, refusedBody } from '../../lambda/api/answers';
import { hasChanged, refusalByIfMatch } from '../../lambda/api/entity-tag';
import { invalidCursor, pageRequest } from '../../lambda/api/reads/page';
import { type Implementation, isFailure } from '../../lambda/api/serve';
import type { PortfolioServices } from '../services';
import { noPortfolio, storeRoutes } from './own';

const CURRENCY = 'USD';
/** A portfolio that changes so often between being read and being replaced is not the caller's to wait for. */
const REPLACE_ATTEMPTS = 5;

/** Opening, reading, replacing and removing portfolios. */
export function portfolioImplementations({ store, clock, log }: PortfolioServices): Implementation[] {
  const implement = storeRoutes(log);
  const now = () => clock().toISOString();

  const listPortfolios = implement(routes.listPortfolios, async (input, { sub }) => {
    const page = pageRequest(routes.listPortfolios, input);
    if (page.after === null) return invalidCursor();
    const [after] = page.after ?? [];
    const rows = await store.list(sub, { limit: page.limit + 1, ...(after !== undefined && { after }) });
    const shown = rows.slice(0, page.limit);
    const last = rows.length > page.limit ? shown.at(-1) : undefined;
    return {
      body: { items: shown.map(answerOf), next_cursor: last ? page.cursorAfter([last.portfolio_id]) : null },
    };
  });

  const createPortfolio = implement(routes.createPortfolio, async ({ body, address }, { sub }) => {
    const fields = fieldsOf(body);
    if (isFailure(fields)) return fields;
    const row = await store.create(sub, fields, now());
    if (row === 'too_many') return failure('unprocessable', `A user has at most ${MAX_PORTFOLIOS} portfolios`);
    return { body: answerOf(row), headers: { location: `${address}/${row.portfolio_id}` } };
  });

  const getPortfolio = implement(routes.getPortfolio, async ({ parameters: { portfolioId } }, { sub }) => {
    const row = await store.find(sub, portfolioId);
    return row ? { body: answerOf(row) } : noPortfolio();
  });

  const replacePortfolio = implement(routes.replacePortfolio, async ({ parameters, body, headers }, { sub }) => {
    const fields = fieldsOf(body);
    if (isFailure(fields)) return fields;
    const { portfolioId } = parameters;
    const ifMatch = headers['if-match'];
    // The revision also grows with every transaction, which the tag does not show: such a change is no reason to refuse.
    for (let attempt = 1; attempt <= REPLACE_ATTEMPTS; attempt++) {
      const found = await store.find(sub, portfolioId);
      if (!found) return noPortfolio();
      const refusal = refusalByIfMatch(routes.getPortfolio, answerOf(found), ifMatch);
      if (refusal) return refusal;
      const seen = ifMatch === undefined ? undefined : found.revision;
      const row = await store.replace(sub, portfolioId, fields, now(), seen);
      if (row === null) return noPortfolio();
      if (row !== 'changed') return { body: answerOf(row) };
    }
    return hasChanged();
  });

  const deletePortfolio = implement(routes.deletePortfolio, async ({ parameters: { portfolioId } }, { sub }) =>
    (await store.remove(sub, portfolioId, now())) ? {} : noPortfolio(),
  );

  return [listPortfolios, createPortfolio, getPortfolio, replacePortfolio, deletePortfolio];
}

/** The benchmark is not looked up: without prices it is null in the answers, with its reason. */
function fieldsOf(body: PortfolioFields): PortfolioFields | Failure {
  const { name, base_currency, cost_basis, benchmark } = body;
  if (base_currency !== CURRENCY)
    return refusedBody('base_currency', `base_currency must be ${CURRENCY}, not ${base_currency}`);
  return { name, base_currency, cost_basis, benchmark: benchmark?.toUpperCase() ?? null };
}

function answerOf(row: PortfolioRow): Portfolio {
  const { portfolio_id, name, base_currency, cost_basis, benchmark, is_default, created_at, updated_at } = row;
  return { portfolio_id, name, base_currency, cost_basis, benchmark, is_default, created_at, updated_at };
}
