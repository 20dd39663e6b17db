import { type Config, type Region } from '../config';

/** How the portfolio service's load balancer listens: its own stack and the rules in Network have to agree. */
export interface ServiceListener {
  readonly port: 80 | 443;
  /** Of the region, for the name that API Gateway calls. @default none: HTTP, where the platform has no domain */
  readonly certificateArn?: string;
  /** Whether the configuration opens it to the world besides. */
  readonly internetFacing: boolean;
}

/** HTTPS wherever the platform has a domain, hence in prod; HTTP inside the VPC where there is no name to certify. */
export function serviceListener({ domain, portfolio }: Config, region: Region): ServiceListener {
  const toTheWorld = portfolio.service.certificateArns?.[region];
  const certificateArn = toTheWorld ?? domain?.certificateArns[region];
  return { port: certificateArn ? 443 : 80, certificateArn, internetFacing: toTheWorld !== undefined };
}
