import { Duration } from 'aws-cdk-lib';
import { type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { type Route } from '../../contract/route';
import { routes } from '../../contract/routes';

const ALL: readonly Route[] = Object.values(routes);

/** Answers a browser that asks before it calls: each path of the contract with its methods, for one origin. */
export function addPreflights(api: RestApi, origin: string): void {
  for (const path of new Set(ALL.map((route) => route.path))) {
    api.root.resourceForPath(path).addCorsPreflight({
      allowOrigins: [origin],
      allowMethods: ALL.filter((route) => route.path === path).map(({ method }) => method),
      allowHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match', 'If-None-Match'],
      maxAge: Duration.hours(1),
    });
  }
}
