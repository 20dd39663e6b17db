import type { Log, Metrics } from '../../lambda/adapters/ports';

/** CloudWatch is not here; the log keeps the counts. */
export const loggedMetrics = (log: Log): Metrics => ({
  count: (name, value) => log.debug('metric', { counts: { [name]: value } }),
});
