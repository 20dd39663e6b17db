import type { Route } from './route';
import { assetRoutes } from './routes/assets';
import { marketRoutes } from './routes/market';
import { docsRoutes, healthRoutes } from './routes/platform';
import { portfolioRoutes } from './routes/portfolios';
import { tradeRoutes } from './routes/trades';
import { userRoutes } from './routes/users';
import { watchlistRoutes } from './routes/watchlists';

/** Every route of the REST API. The stacks, the OpenAPI document, the handlers and the local host read this. */
export const routes = {
  ...healthRoutes,
  ...docsRoutes,
  ...assetRoutes,
  ...marketRoutes,
  ...userRoutes,
  ...watchlistRoutes,
  ...tradeRoutes,
  ...portfolioRoutes,
} as const satisfies Record<string, Route>;

export type RouteId = keyof typeof routes;
