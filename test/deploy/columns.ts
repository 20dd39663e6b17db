import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';

/**
 * What comes of a resource type in the verification: the emulator makes it (`made`); a real server of this machine stands in
 * for it (`server`); it is accepted, and nothing is made (`stub`).
 */
export type Column = 'made' | 'server' | 'stub';
export type Columns = Readonly<Record<string, Column>>;

/** Accepted and not made: the emulator knows nothing of these. */
export const STUBS = [
  'AWS::ApiGatewayV2::VpcLink',
  'AWS::Budgets::Budget',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::EC2::FlowLog',
  'AWS::EC2::Instance',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::Events::Archive',
  'AWS::WAFv2::LoggingConfiguration',
  'AWS::WAFv2::WebACLAssociation',
] as const;

/** Here a MariaDB, a PostgreSQL and a Redis answer. */
export const SERVERS = ['AWS::ElastiCache::ServerlessCache', 'AWS::RDS::DBCluster', 'AWS::RDS::DBInstance'] as const;

/** What a verification would not be worth its name without. */
const NEVER_STUBS = [
  /^AWS::Lambda::/,
  /^AWS::DynamoDB::/,
  /^AWS::SQS::/,
  /^AWS::Events::(Rule|EventBus)$/,
  /^AWS::Scheduler::/,
  /^AWS::ApiGateway::/,
  /^AWS::ApiGatewayV2::(Api|Route|Integration|Authorizer|Stage)$/,
  /^AWS::Cognito::/,
  /^AWS::S3::/,
  /^AWS::SecretsManager::Secret$/,
];

const RECORD = path.join(__dirname, 'columns.json');

export const columnOf = (type: string): Column =>
  (STUBS as readonly string[]).includes(type)
    ? 'stub'
    : (SERVERS as readonly string[]).includes(type)
      ? 'server'
      : 'made';

export const readRecord = (): Columns =>
  z.record(z.string(), z.enum(['made', 'server', 'stub'])).parse(JSON.parse(readFileSync(RECORD, 'utf8')));

export const writeRecord = (columns: Columns): void =>
  writeFileSync(RECORD, `${JSON.stringify(sorted(columns), null, 2)}\n`);

const sorted = (columns: Columns): Columns => Object.fromEntries(Object.entries(columns).sort());

/** What is to be complained of: a type that is new, gone or in another column, and a stub that must be none. */
export function complaints(recorded: Columns, found: Columns): readonly string[] {
  const types = [...new Set([...Object.keys(recorded), ...Object.keys(found)])].sort();
  const moved = types.flatMap((type) => {
    const [before, now] = [recorded[type], found[type]];
    if (before === now) return [];
    if (before === undefined) return [`${type} is new (${now ?? ''}), and not in the record`];
    return [now === undefined ? `${type} is in the record, and in no stack` : `${type} was ${before}, and is ${now}`];
  });
  const never = types.filter((type) => found[type] === 'stub' && NEVER_STUBS.some((pattern) => pattern.test(type)));
  return [...moved, ...never.map((type) => `${type} must not be a stub`)];
}

/** One line a stack: how many resources came of what, and which types are stubs. */
export function table(stacks: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const rows = Object.entries(stacks).map(([stack, types]) => {
    const count = (column: Column) => types.filter((type) => columnOf(type) === column).length;
    return [stack, count('made'), count('server'), count('stub')] as const;
  });
  const all = (n: 1 | 2 | 3) => rows.reduce((sum, row) => sum + row[n], 0);
  const line = (cells: readonly (string | number)[]) =>
    `  ${String(cells[0]).padEnd(12)}${cells
      .slice(1)
      .map((cell) => String(cell).padStart(8))
      .join('')}`;
  return [line(['stack', 'made', 'server', 'stub']), ...rows.map(line), line(['all', all(1), all(2), all(3)])];
}

/** By column, each type with how many there are. */
export function typesByColumn(types: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1);
  return (['made', 'server', 'stub'] as const).map(
    (column) =>
      `  ${column}: ${[...counts]
        .filter(([type]) => columnOf(type) === column)
        .sort()
        .map(([type, count]) => `${type} ${count}`)
        .join(', ')}`,
  );
}
