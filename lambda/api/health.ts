import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { healthRoutes as routes } from '../../contract/routes/platform';
import { tableName } from '../../contract/tables';
import { onFirstCall } from '../adapters/aws';
import { planOf } from '../adapters/aws-clients';
import { readCallBudgetUsage } from '../adapters/call-budget-usage';
import { type LedgerActivity, ledgerActivity } from '../adapters/ledger/activity';
import { type ApiHandler, implement, serve, type ServeServices } from './serve';
import type { ReadServices } from './reads/rows';

/** What is left of a provider's calls today; null where nothing was counted yet. */
export interface CallBudgetUsage {
  readonly used_today: number;
  readonly remaining_today: number | null;
  /** The provider's day, YYYY-MM-DD. */
  readonly day: string;
}

export interface HealthServices extends ServeServices, ReadServices {
  readonly version: string;
  readonly region: string;
  readonly callBudgetUsage: () => Promise<CallBudgetUsage | null>;
  /**
   * Where the ledger pauses: whether it is at rest, as far as the row knows that the jobs ask. The ledger itself is not
   * asked, for that would wake it.
   * @default the ledger is not spoken of
   */
  readonly activity?: Pick<LedgerActivity, 'isAsleep'>;
  /** Longest that a check may take. @default 2000 */
  readonly checkTimeoutMs?: number;
}

/** GET /health. Always 200: a load balancer asks whether we answer, `status` says how we are. */
export function makeHandler(services: HealthServices): ApiHandler {
  const { documents, env, region, version, log, callBudgetUsage, activity, checkTimeoutMs = 2_000 } = services;

  /** Runs a check inside its time; the reason shown is ours, for a driver's message may name what it should not. */
  async function check<T>(name: string, run: () => Promise<T>): Promise<{ reason: string; value?: T }> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no answer in time')), checkTimeoutMs);
    });
    try {
      return { reason: 'ok', value: await Promise.race([run(), late]) };
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      log.error('a health check failed', { operation: name, error_message: message });
      return { reason: 'unreachable' };
    } finally {
      clearTimeout(timer);
    }
  }

  // Any key will do: what matters is that the table answers.
  const askTable = () =>
    documents.send(new GetCommand({ TableName: tableName(env, 'assets'), Key: { asset_id: 'health' } }));

  const getHealth = implement(routes.getHealth, async () => {
    const [database, budget, ledger] = await Promise.all([
      check('database', askTable),
      check('call_budget', callBudgetUsage),
      activity && check('ledger', () => activity.isAsleep()),
    ]);
    const checks = {
      database: database.reason,
      call_budget: budget.reason,
      ...(ledger && { ledger: ledger.value === undefined ? ledger.reason : ledger.value ? 'asleep' : 'awake' }),
    };
    const isDown = Object.values(checks).includes('unreachable');
    const status = isDown ? ('degraded' as const) : ('ok' as const);
    return {
      body: {
        status,
        version,
        env,
        region,
        checks,
        ...(budget.value && { providers: { alpha_vantage: budget.value } }),
      },
    };
  });

  return serve([getHealth], services);
}

export const handler = onFirstCall('api-health', (environment, aws) =>
  makeHandler({
    ...aws,
    consoleOrigin: environment.CONSOLE_ORIGIN,
    version: environment.SIGNAL9_VERSION,
    // Lambda's own variable, which no stack may set and so is none of the contract's.
    region: process.env.AWS_REGION ?? 'local',
    callBudgetUsage: () => readCallBudgetUsage({ ...aws, plan: planOf(environment) }),
    ...(environment.LEDGER_PAUSES === 'true' && { activity: ledgerActivity({ ...aws, pauses: true }) }),
  }),
);
