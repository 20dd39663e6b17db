import { onFirstCall } from '../adapters/aws';
import { busOf, planOf } from '../adapters/aws-clients';
import { makePlanner, type PlannerServices } from './pollination-planner';

/** 07:00: queue the stalest assets that the rest of the day's calls pay for. */
export const makeHandler = (services: PlannerServices) => makePlanner(services, 'regular-pollination', 'all');

export const handler = onFirstCall('regular-pollination', (environment, aws) =>
  makeHandler({ ...aws, bus: busOf(aws), plan: planOf(environment) }),
);
