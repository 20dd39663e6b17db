import type { QueueId } from '../../contract/events';
import type { FunctionId } from '../../contract/functions';
import type { ScheduleId } from '../../contract/schedules';
import type { LedgerActivity } from '../../lambda/adapters/ledger/activity';
import type { Ledger } from '../../lambda/adapters/ledger/ledger';
import type { CloseSource } from '../../lambda/adapters/market/market';
import type { ObjectStore } from '../../lambda/adapters/object-store';
import type { PortfolioStore } from '../../lambda/adapters/portfolio/portfolios';
import type { WorkerQueue } from '../../lambda/adapters/ports';
import type { AdvisorServices } from '../../lambda/advisor/services';
import type { Worker } from './bus/queue';
import type { ApiFunction } from './http/server';
import type { TradingSettings } from '../settings';
import type { Job } from './schedule/job-runner';

/** The environment slug of one machine; table names follow from it. */
export const LOCAL_ENV = 'local';
export const LOCAL_REGION = 'local';

/** What the host offers to the platform's functions, as the Compute and Api stacks do in AWS. */
export interface Ground extends Omit<AdvisorServices, 'alpaca' | 'alphaVantage'> {
  readonly region: string;
  readonly version: string;
  readonly queues: Readonly<Record<QueueId, WorkerQueue>>;
  readonly providers: ProviderAddresses;
  readonly ledger: Ledger;
  readonly activity: LedgerActivity;
  readonly artifacts: ObjectStore;
  readonly portfolios: PortfolioStore;
  readonly closes: CloseSource;
  readonly history: ObjectStore;
  /** The worker of the queue `live`. */
  readonly push: Worker;
  readonly trading: TradingSettings;
}

/** Where the providers answer and what lets us in: the sandbox's, or the owner's. */
export interface ProviderAddresses {
  readonly alpaca: {
    readonly baseUrl: string;
    readonly dataUrl: string;
    readonly keyId: string;
    readonly secretKey: string;
  };
  readonly alphaVantage: { readonly baseUrl: string; readonly apiKey: string };
}

/** The platform's functions, ready to be called. */
export interface HostedFunctions {
  readonly jobs: Readonly<Record<ScheduleId, Job>>;
  readonly workers: Readonly<Record<QueueId, Worker>>;
  readonly api: Readonly<Partial<Record<FunctionId, ApiFunction>>>;
}
export type HostFunctions = (ground: Ground) => HostedFunctions;
