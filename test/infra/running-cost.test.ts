import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTables } from '../../tools/running-cost/document';
import { monthly } from '../../tools/running-cost/prices';
import { quantities, runsAMonth, type Template } from '../../tools/running-cost/quantities';
import { stack } from './synthesised';
import { STACKS } from '../../lib/platform';

const FILE = join(__dirname, '..', '..', 'docs', 'deploy.md');
const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const;

const templatesOf = (env: (typeof ENVIRONMENTS)[number]) =>
  STACKS.map((part) => stack(env, part, 'us-east-1').template.toJSON() as Template);
/** Without the padding of columns. */
const bare = (text: string) => text.replace(/[\s-]+/g, '');
const of = (...resources: Template['Resources'][string][]): Template => ({
  Resources: Object.fromEntries(resources.map((resource, index) => [`R${index}`, resource])),
});

describe('what the platform costs while nobody uses it', () => {
  test('docs/deploy.md says what the templates hold', () => {
    const costs = Object.fromEntries(ENVIRONMENTS.map((env) => [env, quantities(templatesOf(env))]));
    const written = readFileSync(FILE, 'utf8');
    // Written again by `npx tsx tools/running-cost/main.ts`.
    expect(bare(withTables(written, costs))).toBe(bare(written));
  });

  test('one more NAT gateway would be noticed', () => {
    const costs = Object.fromEntries(
      ENVIRONMENTS.map((env) => [env, quantities([...templatesOf(env), of({ Type: 'AWS::EC2::NatGateway' })])]),
    );
    const written = readFileSync(FILE, 'utf8');
    expect(bare(withTables(written, costs))).not.toBe(bare(written));
  });

  test('a page without a place for the costs is refused', () => {
    expect(() => withTables('# Deploy', {})).toThrow('no place for the costs');
  });

  test('a standby is paid for like the instance, with its storage', () => {
    const Properties = { DBInstanceClass: 'db.t4g.micro', AllocatedStorage: '100', MultiAZ: true };
    expect([...quantities([of({ Type: 'AWS::RDS::DBInstance', Properties })])]).toEqual([
      ['db.t4g.micro', 2],
      ['RDS storage, gp3', 200],
    ]);
  });

  test('a proxy is paid for by the capacity of its database, and by eight units at least', () => {
    const ledger = (least: number) =>
      of(
        { Type: 'AWS::RDS::DBCluster', Properties: { ServerlessV2ScalingConfiguration: { MinCapacity: least } } },
        { Type: 'AWS::RDS::DBInstance', Properties: { DBInstanceClass: 'db.serverless' } },
        { Type: 'AWS::RDS::DBInstance', Properties: { DBInstanceClass: 'db.serverless' } },
        { Type: 'AWS::RDS::DBProxy' },
      );
    expect(Object.fromEntries(quantities([ledger(0.5)]))).toEqual({ 'Aurora Serverless v2': 1, 'RDS Proxy': 8 });
    expect(Object.fromEntries(quantities([ledger(6)]))).toEqual({ 'Aurora Serverless v2': 12, 'RDS Proxy': 12 });
  });

  test('a ledger that pauses costs nothing at rest, but the secret that RDS keeps', () => {
    const Properties = { ServerlessV2ScalingConfiguration: { MinCapacity: 0 }, ManageMasterUserPassword: true };
    const paused = of(
      { Type: 'AWS::RDS::DBCluster', Properties },
      { Type: 'AWS::RDS::DBInstance', Properties: { DBInstanceClass: 'db.serverless' } },
    );
    expect([...quantities([paused])]).toEqual([['secret', 1]]);
  });

  test('an alarm on metric math is paid for by its metrics', () => {
    const Properties = {
      Metrics: [
        { Id: 'e', Expression: 'a+b' },
        { Id: 'a', MetricStat: {} },
        { Id: 'b', MetricStat: {} },
      ],
    };
    expect([...quantities([of({ Type: 'AWS::CloudWatch::Alarm', Properties })])]).toEqual([['alarm', 2]]);
  });

  test('a schedule is paid for by its runs, a queue by the polling of its consumer', () => {
    expect(runsAMonth('cron(* * * * ? *)')).toBe(43_800);
    expect(runsAMonth('cron(15 * * * ? *)')).toBe(730);
    expect(runsAMonth('cron(30 20 * * ? *)')).toBeCloseTo(30.417);
    expect(() => runsAMonth('cron(0 9 ? * MON-FRI *)')).toThrow('how often');
    const minute = { Type: 'AWS::Scheduler::Schedule', Properties: { ScheduleExpression: 'cron(* * * * ? *)' } };
    expect(Object.fromEntries(quantities([of(minute)]))).toMatchObject({ 'custom metric': 1, 'X-Ray trace': 0.0438 });
    const queue = { Type: 'AWS::Lambda::EventSourceMapping', Properties: {} };
    const stream = { Type: queue.Type, Properties: { StartingPosition: 'TRIM_HORIZON' } };
    expect(Object.fromEntries(quantities([of(queue, stream)]))).toEqual({ 'polling of a queue': 0.657 });
  });

  test('an hour’s price is multiplied by the hours of a month, a month’s is not', () => {
    expect(monthly('NAT gateway', 2)).toBeCloseTo(65.7);
    expect(monthly('KMS key', 3)).toBe(3);
  });

  test('a type of which nobody knows what it costs is refused, and a size without a price', () => {
    expect(() => quantities([of({ Type: 'AWS::Redshift::Cluster' })])).toThrow('what AWS::Redshift::Cluster costs');
    const Properties = { DBInstanceClass: 'db.x9.huge', AllocatedStorage: '20' };
    expect(() => quantities([of({ Type: 'AWS::RDS::DBInstance', Properties })])).toThrow('no price of db.x9.huge');
  });
});
