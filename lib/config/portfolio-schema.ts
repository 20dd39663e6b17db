import { z } from 'zod';
import { certificateArn, positive } from './fields';
import { REGION_NAMES } from './regions';

/** As EC2 spells it, without the `db.` of RDS. */
const instanceType = z.string().regex(/^[a-z0-9-]+\.[a-z0-9]+$/, 'must be an instance type such as t4g.medium');

/** Of the database's connections three in five are the service's, and the rest the functions'. */
export const forService = ({ maxConnections }: { readonly maxConnections: number }): number =>
  Math.floor(maxConnections * 0.6);
export const forFunctions = (database: { readonly maxConnections: number }): number =>
  database.maxConnections - forService(database);
/** What functions besides `live` and PostgreSQL itself hold at once, at most. */
export const OTHER_CONNECTIONS = 20;

/** What the portfolios run on. */
export const portfolioSchema = z.strictObject({
  /** RDS PostgreSQL, which keeps the portfolios. */
  database: z.strictObject({
    instanceType,
    /** A second machine in another zone, which takes over by itself; nobody reads from it. */
    multiAz: z.boolean(),
    /** At the start; RDS adds by itself up to `maxStorageGb`. 20 is the least of gp3. */
    storageGb: z.number().int().min(20).max(65536),
    maxStorageGb: z.number().int().max(65536),
    /**
     * Connections at once, of functions and service together. By PostgreSQL's measure about one for 10 MB of memory; a
     * change takes a restart.
     */
    maxConnections: z.number().int().min(20).max(5000),
    /** Point-in-time recovery, by RDS itself. */
    backupDays: z.number().int().min(1).max(35),
  }),
  /** ElastiCache Serverless for Valkey: what it may grow to, and no further. */
  cache: z.strictObject({
    maxStorageGb: z.number().int().min(1).max(5000),
    /** ElastiCache takes no lower ceiling than 1,000. */
    maxEcpuPerSecond: z.number().int().min(1000).max(15_000_000),
  }),
  /** The instances behind the load balancer. */
  service: z.strictObject({
    instanceType,
    minInstances: positive,
    maxInstances: positive,
    /** EC2's own metrics each minute for 2.10 USD a month and instance, by which scaling is quicker; else every five. */
    detailedMonitoring: z.boolean(),
    /**
     * By region: makes the load balancer internet-facing, over HTTPS. Without one it is internal, and API Gateway reaches
     * it through its VPC link. Decided before a region's first deployment (docs/deploy.md#choose-an-environment).
     */
    certificateArns: z.partialRecord(z.enum(REGION_NAMES), certificateArn).optional(),
  }),
});
