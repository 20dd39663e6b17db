import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import * as z from 'zod';
import { LEDGER_PORT } from '../../lib/constructs/ledger-access';
import { PORTFOLIO_PORT } from '../../lib/constructs/portfolio-access';
import { type Certificate, HOST } from '../certificate';
import { SERVERS } from './columns';
import { type CacheUser, parseCacheUser, startCache } from './servers/cache';
import { startLedger } from './servers/ledger';
import { startPortfolio } from './servers/portfolio';
import type { Server } from './servers/server';

/** What the emulator tells of a resource that a server here stands in for (test/deploy/emulator.py). */
const telling = z.object({
  action: z.enum(['create', 'update', 'delete']),
  type: z.string(),
  /** The emulator's own, where it makes one too. */
  id: z.nullable(z.string()),
  properties: z.record(z.string(), z.unknown()),
  attributes: z.record(z.string(), z.unknown()),
});
type Telling = z.infer<typeof telling>;

/** Physical id, and what GetAtt gives. */
interface Answer {
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface StandIns {
  readonly url: string;
  /** Of whom a server runs at this moment. */
  running(): readonly string[];
  stop(): Promise<void>;
}

/** Types that a server here stands in for, or of which one needs to know. */
export const STOOD_IN = [...SERVERS, 'AWS::ElastiCache::User', 'AWS::ElasticLoadBalancingV2::LoadBalancer'] as const;

/** @param gateway port of the emulator, at which its load balancers answer too */
export async function startStandIns(certificate: Certificate, gateway: number): Promise<StandIns> {
  /** From the moment of its start on, so that one that is still starting is stopped too. */
  const servers = new Map<string, Promise<Server>>();
  /** By their ids; without those of a cache that was destroyed, for Redis takes no user twice. */
  const users = new Map<string, CacheUser>();

  async function run(name: string, start: () => Promise<Server>): Promise<void> {
    const server = servers.get(name) ?? start();
    servers.set(name, server);
    await server.catch((error: unknown) => {
      servers.delete(name);
      throw error;
    });
  }
  async function end(name: string): Promise<void> {
    const server = servers.get(name);
    servers.delete(name);
    await (await server)?.stop();
  }

  const made: Record<(typeof STOOD_IN)[number], (of: Telling) => Promise<Answer>> = {
    async 'AWS::RDS::DBCluster'({ id, properties }) {
      await run('ledger', () => startLedger(properties, certificate));
      const at = { 'Endpoint.Address': HOST, 'Endpoint.Port': String(LEDGER_PORT), 'ReadEndpoint.Address': HOST };
      return { id: id ?? '', attributes: at };
    },
    async 'AWS::RDS::DBInstance'({ id, properties }): Promise<Answer> {
      // Aurora's writer and readers are the cluster's.
      if (properties.DBClusterIdentifier !== undefined) return { id: id ?? '', attributes: {} };
      await run('portfolio', () => startPortfolio(properties, certificate));
      return { id: id ?? '', attributes: { 'Endpoint.Address': HOST, 'Endpoint.Port': String(PORTFOLIO_PORT) } };
    },
    async 'AWS::ElastiCache::User'({ id, properties }) {
      users.set(String(properties.UserId), parseCacheUser(properties));
      return { id: id ?? '', attributes: {} };
    },
    async 'AWS::ElastiCache::ServerlessCache'({ properties }) {
      await run('cache', () => startCache([...users.values()], certificate));
      return { id: String(properties.ServerlessCacheName), attributes: { 'Endpoint.Address': HOST } };
    },
    // The emulator answers for its load balancers itself, by their name, where that leads to it.
    'AWS::ElasticLoadBalancingV2::LoadBalancer': async ({ id, attributes }) => ({
      id: id ?? '',
      attributes: { DNSName: `${String(attributes.LoadBalancerName)}.alb.localhost:${gateway}` },
    }),
  };
  const serverOf: Partial<Record<string, string>> = {
    'AWS::RDS::DBCluster': 'ledger',
    'AWS::ElastiCache::ServerlessCache': 'cache',
  };

  async function answer(of: Telling): Promise<Answer> {
    if (of.action !== 'delete') return made[of.type as (typeof STOOD_IN)[number]](of);
    if (of.type === 'AWS::ElastiCache::User') users.delete(String(of.properties.UserId));
    const isPortfolio = of.type === 'AWS::RDS::DBInstance' && of.properties.DBClusterIdentifier === undefined;
    const name = isPortfolio ? 'portfolio' : serverOf[of.type];
    if (name !== undefined) await end(name);
    return { id: of.id ?? '', attributes: {} };
  }

  const http = createServer((request, response) => {
    json(request)
      .then((body) => answer(telling.parse(body)))
      .catch((error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }))
      .then((said) => response.end(JSON.stringify(said)))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    running: () => [...servers.keys()],
    async stop() {
      http.close();
      http.closeAllConnections();
      await Promise.allSettled([...servers.keys()].map(end));
    },
  };
}
