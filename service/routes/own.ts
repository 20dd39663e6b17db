import type { Route } from '../../contract/route';
import { errorFields } from '../../lambda/adapters/log-fields';
import { StoreUnavailable } from '../../lambda/adapters/portfolio/portfolios';
import type { Log } from '../../lambda/adapters/ports';
import { type AnswerOf, failure, type Failure } from '../../lambda/api/answers';
import { type CallerOf, implement, type Implementation, type Input } from '../../lambda/api/serve';

export const noPortfolio = (): Failure => failure('not_found', 'There is no such portfolio');

/** `implement`, for routes that stand on the database: where it is away they answer 503, for it may be back soon. */
export const storeRoutes =
  (log: Log) =>
  <const R extends Route>(
    route: R,
    answer: (input: Input<R>, caller: CallerOf<R>) => Promise<AnswerOf<R> | Failure>,
  ): Implementation =>
    implement(route, async (input, caller) => {
      try {
        return await answer(input, caller);
      } catch (thrown) {
        if (!(thrown instanceof StoreUnavailable)) throw thrown;
        log.warn('the database is away', { route: route.id, ...errorFields(thrown) });
        return failure('unavailable', 'Portfolios cannot be reached at present; ask again');
      }
    });
