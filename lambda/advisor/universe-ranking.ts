import { functions } from '../../contract/functions';
import { compareCompanies } from '../../core/advisor/comparisons';
import { onFirstCall } from '../adapters/aws';
import { comparisonStore } from '../adapters/dynamo/comparisons';
import { runOnce } from './job';
import type { AdvisorServices } from './services';

type Services = Pick<AdvisorServices, 'documents' | 'env' | 'clock' | 'sleep' | 'log' | 'metrics'>;

/** Compares all companies by their latest figures, at one moment: Magic Formula ranks and sector percentiles (ADR 14). */
export const makeHandler = (services: Services) => {
  const store = comparisonStore(services, services.env);
  return runOnce(services, 'universe-ranking', functions['universe-ranking'].timeoutSeconds, async ({ counts }) => {
    const companies = await store.companies();
    const comparisons = compareCompanies([...companies.values()]);
    const saved = await store.save(companies, comparisons, services.clock().toISOString());
    const ranked = [...comparisons.values()].filter(({ magic_formula }) => magic_formula !== null).length;
    Object.assign(counts, { companies: companies.size, ranked, ...saved });
  });
};

export const handler = onFirstCall('universe-ranking', (_, aws) => makeHandler(aws));
