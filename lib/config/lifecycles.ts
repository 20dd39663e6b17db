/** How long AWS, or who makes it, stands behind something that a template names by its version. Days are UTC. */
export interface Lifecycle {
  /** Patched and supported until then; a database past it is billed for extended support. */
  readonly supportEnds: `${number}-${number}-${number}`;
  /** From this day on nothing new can be made of it: a first deployment fails. @default only `supportEnds` counts */
  readonly createBlocked?: `${number}-${number}-${number}`;
  /** From this day on what exists cannot be changed: an update fails. @default as long as it runs */
  readonly updateBlocked?: `${number}-${number}-${number}`;
  /** What to do before. */
  readonly instead: string;
}

/**
 * Runtimes of Lambda: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html, as cfn-lint 1.58.0 has it
 * (cfnlint/data/AdditionalSpecs/LmbdRuntimeLifecycle.json), read on 2026-11-28. AWS moves these days, mostly back.
 */
export const RUNTIMES: Readonly<Record<string, Lifecycle>> = {
  'nodejs22.x': {
    supportEnds: '2027-04-30',
    createBlocked: '2027-06-01',
    updateBlocked: '2027-07-01',
    instead: 'RUNTIME in lib/constructs/platform-function.ts; for a function of CDK’s, a newer aws-cdk-lib',
  },
  'nodejs24.x': {
    supportEnds: '2028-04-30',
    createBlocked: '2028-06-01',
    updateBlocked: '2028-07-01',
    instead: 'RUNTIME in lib/constructs/platform-function.ts; for a function of CDK’s, a newer aws-cdk-lib',
  },
  'python3.10': {
    supportEnds: '2026-10-31',
    createBlocked: '2027-02-01',
    updateBlocked: '2027-03-03',
    instead: 'a newer runtime; for Secrets Manager’s hosted rotation, passwords that RDS manages',
  },
};

/** Functions that a transform of CloudFormation adds to a template: no template of ours shows their runtime. */
export const RUNTIMES_OF_TRANSFORMS: Readonly<Record<string, keyof typeof RUNTIMES>> = {
  'AWS::SecretsManager-2024-09-16': 'python3.10',
};

/**
 * Database and cache engines, by engine and the beginning of the version. Which minor versions may still be created changes
 * within a year and differs by region: `aws rds describe-db-engine-versions` says so, and no table here.
 *
 * - Aurora MySQL 3: AWS's release calendar (AuroraMySQL.release-calendars.html, by endoflife.date), read on 2026-11-28. An
 *   LTS line lasts for three years from its first version, 3.10 from 31 July 2025, and not longer than its major version.
 * - PostgreSQL 15: the community's last release (https://www.postgresql.org/support/versioning/); RDS supports a major
 *   version at least until then, and by its calendar a few months longer.
 * - Valkey 8: the project's maintenance of 8.1 (https://valkey.io/topics/releases/); ElastiCache has announced no day.
 */
export const ENGINES: Readonly<Record<string, Lifecycle>> = {
  'aurora-mysql 8.0.mysql_aurora.3.10': {
    supportEnds: '2028-04-30',
    instead: 'the next LTS line, or Aurora MySQL 4: LONG_TERM_SUPPORT in lib/config/presets.ts',
  },
  'postgres 15': {
    supportEnds: '2027-11-11',
    instead: 'the next major version in lib/constructs/portfolio-database.ts, tried on a restored snapshot first',
  },
  'valkey 8': { supportEnds: '2028-03-31', instead: 'the next major version in lib/constructs/portfolio-cache.ts' },
};

/** Images of instances, by the beginning of the parameter's name: the maintenance of Amazon Linux 2023 (its user guide, "Release cadence"). */
export const IMAGES: Readonly<Record<string, Lifecycle>> = {
  '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-': {
    supportEnds: '2029-06-30',
    instead: 'Amazon Linux 2027 in lib/constructs/service-fleet.ts and nat-instance.ts',
  },
};

/** How long before an end somebody has to begin. */
const NOTICE_DAYS = 60;
const DAY_MS = 24 * 3_600_000;

/** What has to be done about something that a template names, or nothing yet; the clock is an argument. */
export function due(name: string, lifecycle: Lifecycle, now: Date): string | undefined {
  const { supportEnds, createBlocked = supportEnds, instead } = lifecycle;
  const left = Math.floor((Date.parse(createBlocked) - now.getTime()) / DAY_MS);
  if (left >= NOTICE_DAYS) return undefined;
  const ends = createBlocked === supportEnds ? 'is supported until' : 'cannot be created any more from';
  return `${name} ${ends} ${createBlocked}, which is in ${left} days. Take ${instead}. If AWS has moved that day: lib/config/lifecycles.ts`;
}

/** The lifecycle of a name, by its beginning. */
export const lifecycleOf = (name: string, among: Readonly<Record<string, Lifecycle>>): Lifecycle | undefined =>
  Object.entries(among).find(
    ([beginning]) =>
      name === beginning || name.startsWith(`${beginning}.`) || (beginning.endsWith('-') && name.startsWith(beginning)),
  )?.[1];
