import { bodyExamples } from '../../../contract/examples';
import type { FunctionId } from '../../../contract/functions';
import type { Route } from '../../../contract/route';
import { type RouteId, routes } from '../../../contract/routes';
import type { EventPublisher, Log } from '../../../lambda/adapters/ports';
import { makeHandler as makeAssets } from '../../../lambda/api/assets';
import { makeHandler as makeDocs } from '../../../lambda/api/docs';
import { makeHandler as makeHealth } from '../../../lambda/api/health';
import { makeHandler as makeMarket } from '../../../lambda/api/market';
import type { ApiHandler } from '../../../lambda/api/serve';
import type { Ledger } from '../../../lambda/adapters/ledger/ledger';
import { makeHandler as makeTrade } from '../../../lambda/api/trade';
import { makeHandler as makeTrades } from '../../../lambda/api/trades';
import { makeHandler as makeUsers } from '../../../lambda/api/users';
import { makeHandler as makeWatchlists } from '../../../lambda/api/watchlists';
import type { TestDynamo } from '../../dynamo';
import { recordingLog } from './call';
import { openMarket } from './market';
import { NOW } from './seed';

/** Every function of the API on one engine, found by the route. A function that is missing here fails its routes' tests. */
export function apiOn(
  { documents }: Pick<TestDynamo, 'documents'>,
  env: string,
  more: {
    readonly clock?: () => Date;
    readonly log?: Log;
    readonly sleep?: (milliseconds: number) => Promise<void>;
    readonly bus?: EventPublisher;
    /** Without one the functions that trade are missing. */
    readonly ledger?: Ledger;
  } = {},
): (route: Route) => ApiHandler {
  const services = {
    documents,
    env,
    clock: () => NOW,
    log: recordingLog(),
    sleep: async () => undefined,
    bus: { publish: async () => undefined },
    ...more,
  };
  const trading = more.ledger && { ...openMarket(services), ledger: more.ledger };
  const byFunction: Partial<Record<FunctionId, ApiHandler>> = {
    'api-health': makeHealth({ ...services, version: '1', region: 'local', callBudgetUsage: async () => null }),
    'api-docs': makeDocs({ ...services, version: '1', readFile: async () => Buffer.from('') }),
    'api-assets': makeAssets({ ...services, quotes: { latest: async () => null } }),
    'api-market': makeMarket(services),
    'api-users': makeUsers(services),
    'api-watchlists': makeWatchlists(services),
    ...(trading && { 'api-trade': makeTrade(trading), 'api-trades': makeTrades(trading) }),
  };
  return ({ id, function: name }) => {
    const handler = name && byFunction[name];
    if (!handler) throw new Error(`no function here answers ${id}`);
    return handler;
  };
}

/** The routes that functions answer; a service has tests of its own. */
export const functionRoutes: readonly Route[] = Object.values<Route>(routes).filter(
  (route) => route.function !== undefined,
);

/** The contract's own example of the body that a route takes. */
export const bodyOf = ({ id }: Pick<Route, 'id'>): { readonly body?: string } => {
  const example = bodyExamples[id as RouteId];
  return example === undefined ? {} : { body: JSON.stringify(example) };
};
