import { Duration } from 'aws-cdk-lib';
import { type MethodDeploymentOptions, MethodLoggingLevel } from 'aws-cdk-lib/aws-apigateway';
import { type Route } from '../../contract/route';
import { routes } from '../../contract/routes';
import { type Config } from '../config';

const ALL: readonly Route[] = Object.values(routes);

/** Of the REST API's stage: throttling and logs of every method, and the cache of those that answer everybody alike. */
export function methodOptions({ api: { cache, throttle } }: Config): Record<string, MethodDeploymentOptions> {
  const everyMethod: MethodDeploymentOptions = {
    metricsEnabled: true,
    loggingLevel: MethodLoggingLevel.ERROR,
    // It would log bodies and tokens.
    dataTraceEnabled: false,
    throttlingRateLimit: throttle.ratePerSecond,
    throttlingBurstLimit: throttle.burst,
    // A stage with a cache caches every GET unless told otherwise, and would show one caller's answer to the next.
    ...(cache && { cachingEnabled: false }),
  };
  const options: Record<string, MethodDeploymentOptions> = { '/*/*': everyMethod };
  if (cache)
    for (const { path, method } of ALL.filter((route) => route.cache === 'shared'))
      options[`${path}/${method}`] = {
        ...everyMethod,
        cachingEnabled: true,
        cacheDataEncrypted: true,
        cacheTtl: Duration.seconds(cache.ttlSeconds),
      };
  return options;
}
