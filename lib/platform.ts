import { type App } from 'aws-cdk-lib';
import { type Construct } from 'constructs';
import { addCompliancePacks, leaveUnjudged } from './compliance/packs';
import { type Config, type Region } from './config';
import { isListing } from './constructs/bundling';
import { type PlatformStack } from './platform-stack';
import { ApiStack } from './stacks/api';
import { ComputeStack } from './stacks/compute';
import { DataStack } from './stacks/data';
import { MonitoringStack } from './stacks/monitoring';
import { NetworkStack } from './stacks/network';
import { SecretsStack } from './stacks/secrets';
import { StorageStack } from './stacks/storage';

/** The seven stacks, from left to right: each may use those before it, never those after it. */
export const STACKS = ['Network', 'Secrets', 'Storage', 'Data', 'Compute', 'Api', 'Monitoring'] as const;

/** The whole app: the platform in each of its regions, under the compliance packs, unless it is only listed. */
export function buildApp(app: App, config: Config): void {
  for (const region of config.regions) buildRegion(app, config, region);
  if (isListing(app)) leaveUnjudged(app);
  else addCompliancePacks(app, config);
}

/** The seven stacks of one region. Regions share nothing: each has its own users and data. */
function buildRegion(scope: Construct, config: Config, region: Region): readonly PlatformStack[] {
  const common = { config, region };
  const network = new NetworkStack(scope, common);
  const secrets = new SecretsStack(scope, common);
  const { key, providers } = secrets;
  const storage = new StorageStack(scope, { ...common, key });
  const { vpc, placement, ledgerPlacement, ledgerGroups, portfolioPlacement, portfolioGroups } = network;
  const data = new DataStack(scope, { ...common, vpc, ledgerGroups, portfolioGroups });
  const { tables } = data;
  const ledger = { access: data.ledger, placement: ledgerPlacement };
  const portfolio = { access: data.portfolio, placement: portfolioPlacement };
  const { artifacts, history, accessLogs, consoleOrigin, edge } = storage;
  const compute = new ComputeStack(scope, {
    ...common,
    key,
    secrets: providers,
    tables,
    placement,
    ledger,
    portfolio,
    artifacts,
    history,
    service: { vpc, groups: portfolioGroups, cache: data.cache, accessLogs, consoleOrigin },
  });
  const api = new ApiStack(scope, {
    ...common,
    key,
    secrets: providers,
    tables,
    placement,
    ledger,
    portfolio,
    bus: compute.bus,
    service: { address: compute.service, vpc, securityGroup: portfolioGroups.vpcLink },
    console: storage.console,
    consoleOrigin,
    edge,
  });
  const watched = [network, secrets, storage, data, compute, api];
  const definitions = watched.flatMap(({ alarms }) => alarms);
  return [...watched, new MonitoringStack(scope, { ...common, key, definitions })];
}
