import { onFirstCall } from '../adapters/aws';
import { busOf, planOf } from '../adapters/aws-clients';
import { makePlanner, type PlannerServices } from './pollination-planner';

/** 06:00: queue the assets that reported earnings since they were last fetched. */
export const makeHandler = (services: PlannerServices) => makePlanner(services, 'earnings-pollination', 'reported');

export const handler = onFirstCall('earnings-pollination', (environment, aws) =>
  makeHandler({ ...aws, bus: busOf(aws), plan: planOf(environment) }),
);
