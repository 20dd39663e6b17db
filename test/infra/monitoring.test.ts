// A template is JSON without a type of its own.
/* eslint-disable @typescript-eslint/no-unsafe-call */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { BUNDLING_STACKS } from 'aws-cdk-lib/cx-api';
import { functions } from '../../contract/functions';
import { runsEveryMinute, type ScheduleId, schedules } from '../../contract/schedules';
import { loadConfig } from '../../lib/config';
import { MonthlyBudget } from '../../lib/constructs/monthly-budget';
import { synthesise } from '../../tools/synthesise';
import { readStacks } from '../../tools/templates';
import { ofType, referredTo, stack, strings, type SynthesisedStack } from './synthesised';

describe('the alarms', () => {
  const dev = stack('dev', 'Monitoring');
  const prod = stack('prod', 'Monitoring');
  const alarms = ofType(prod, 'AWS::CloudWatch::Alarm');
  const names = alarms.map(({ properties }) => properties.AlarmName as string);

  test('carry environment and region in their names', () => {
    for (const name of names) expect(name).toMatch(/^signal9-prod-us-east-1-[a-z0-9-]+$/);
    expect(new Set(names).size).toBe(names.length);
  });

  test('each tells its topic, says what a user suffers, and names an article of the runbook', () => {
    for (const { properties } of alarms) {
      expect(properties.AlarmActions).toHaveLength(1);
      expect(properties.AlarmDescription).toMatch(
        /^\[(page|ticket)\] [A-Z].{20,}\. What to do: docs\/runbook\.md#[a-z-]+$/,
      );
    }
  });

  test('whoever is paged hears that it is over', () => {
    for (const { properties } of alarms)
      expect(properties.OKActions !== undefined).toBe(properties.AlarmDescription.startsWith('[page]'));
  });

  test.each(Object.keys(functions))('%s rings when it fails or cannot start', (id) => {
    expect(names).toEqual(
      expect.arrayContaining([`signal9-prod-us-east-1-${id}-errors`, `signal9-prod-us-east-1-${id}-throttled`]),
    );
  });

  test.each(Object.entries(schedules))('%s rings when it has been silent for too long', (id, { silentAfterHours }) => {
    const { properties } = alarms.find(
      (alarm) => alarm.properties.AlarmName === `signal9-prod-us-east-1-${id}-silent`,
    )!;
    expect(properties).toMatchObject({
      MetricName: 'Invocations',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      TreatMissingData: 'breaching',
      EvaluationPeriods: silentAfterHours,
      Period: 3600,
    });
  });

  test.each([
    'jobs-dead-letters',
    'pollination-dead-letters',
    'analysis-dead-letters',
    'audit-log-dead-letters',
    'pollination-behind',
    'analysis-behind',
    'audit-log-behind',
    'api-errors',
    'api-slow',
    'ledger-jobs-dead-letters',
    'minute-ledger-jobs-dead-letters',
    'positions-dead-letters',
    'departures-dead-letters',
    'positions-behind',
    'departures-behind',
    'ledger-unreachable',
    'ledger-login-failed',
    'ledger-connections',
    'ledger-cpu',
    'ledger-capacity',
    'ledger-deadlocks',
    'ledger-replica-lag',
    'portfolio-jobs-dead-letters',
    'bookings-dead-letters',
    'leavings-dead-letters',
    'live-dead-letters',
    'bookings-behind',
    'leavings-behind',
    'live-behind',
    'service-instances',
    'service-unhealthy',
    'service-errors',
    'service-slow',
    'live-integration-errors',
    'live-execution-errors',
    'alarms-undelivered',
  ])('%s is watched', (id) => expect(names).toContain(`signal9-prod-us-east-1-${id}`));

  test('of the jobs of every minute a lost run is a ticket, and five failed minutes in a row are a page', () => {
    const byId = (id: string) => alarms.find((alarm) => alarm.properties.AlarmName === `signal9-prod-us-east-1-${id}`);
    for (const id of Object.keys(schedules) as ScheduleId[]) {
      const failing = byId(`${id}-failing`)?.properties;
      if (runsEveryMinute(id)) {
        expect(failing).toMatchObject({ MetricName: 'Errors', Threshold: 1, Period: 60, EvaluationPeriods: 5 });
        expect(failing!.AlarmDescription).toMatch(/^\[page\]/);
      } else expect(failing).toBeUndefined();
    }
    expect(byId('minute-ledger-jobs-dead-letters')!.properties.AlarmDescription).toMatch(/^\[ticket\]/);
    expect(byId('ledger-jobs-dead-letters')!.properties.AlarmDescription).toMatch(/^\[page\]/);
  });

  test('the ledger is measured by its own name, at its own ceiling', () => {
    const byId = (id: string) =>
      alarms.find(({ properties }) => properties.AlarmName === `signal9-prod-us-east-1-${id}`)!.properties;
    expect(byId('ledger-capacity')).toMatchObject({
      Namespace: 'AWS/RDS',
      MetricName: 'ACUUtilization',
      Dimensions: [{ Name: 'DBClusterIdentifier', Value: 'signal9-prod-ledger' }],
    });
    expect(byId('ledger-connections')).toMatchObject({
      MetricName: 'DatabaseConnectionsBorrowLatency',
      Dimensions: [{ Name: 'ProxyName', Value: 'signal9-prod-ledger' }],
    });
    expect(byId('ledger-unreachable').Dimensions).toEqual(
      expect.arrayContaining([{ Name: 'TargetRole', Value: 'READ_WRITE' }]),
    );
  });

  test('without a proxy the ledger is measured by the cluster, and rings when it is gone but not when it pauses', () => {
    // dev makes the pages only; what would be a ticket is looked at too.
    const outdir = mkdtempSync(join(tmpdir(), 'signal9-tickets-'));
    const overrides = { alarms: { severities: ['page', 'ticket'] } };
    synthesise({ overrides }, outdir, false, { [BUNDLING_STACKS]: [] });
    const all = readStacks(outdir, 'dev', 'us-east-1').flatMap(({ resources }) => resources);
    rmSync(outdir, { recursive: true });
    const measured = all.filter(({ type }) => type === 'AWS::CloudWatch::Alarm');
    const byId = (id: string) =>
      measured.find(({ properties }) => properties.AlarmName === `signal9-dev-us-east-1-${id}`)!.properties;
    const ofCluster = [{ Name: 'DBClusterIdentifier', Value: 'signal9-dev-ledger' }];
    // Aurora goes on to measure the capacity of a paused instance, and its use, as 0.
    expect(byId('ledger-unreachable')).toMatchObject({
      MetricName: 'ServerlessDatabaseCapacity',
      Statistic: 'SampleCount',
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
      Dimensions: ofCluster,
    });
    expect(byId('ledger-login-failed')).toMatchObject({ MetricName: 'LoginFailures', Dimensions: ofCluster });
    expect(byId('ledger-connections')).toMatchObject({
      MetricName: 'DatabaseConnections',
      Threshold: 72,
      Dimensions: ofCluster,
    });
    for (const { properties } of measured) {
      expect(JSON.stringify(properties.Dimensions ?? [])).not.toContain('ProxyName');
      // Nothing else of the cluster is measured while it pauses.
      if (JSON.stringify(properties.Dimensions) === JSON.stringify(ofCluster) && properties.Statistic !== 'SampleCount')
        expect([properties.AlarmName, properties.TreatMissingData]).toEqual([properties.AlarmName, 'notBreaching']);
    }
    // Where there is no reader, none can lag.
    const inDev = measured.map(({ properties }) => properties.AlarmName as string);
    expect(inDev).not.toContain('signal9-dev-us-east-1-ledger-replica-lag');
  });

  test('the service is missed when fewer instances serve than its least, or none at all', () => {
    for (const [of, least] of [
      [prod, 2],
      [dev, 1],
    ] as const) {
      const { properties } = ofType(of, 'AWS::CloudWatch::Alarm').find(({ properties: { AlarmName } }) =>
        AlarmName.endsWith('-service-instances'),
      )!;
      expect(properties).toMatchObject({
        Namespace: 'AWS/AutoScaling',
        MetricName: 'GroupInServiceInstances',
        ComparisonOperator: 'LessThanThreshold',
        Threshold: least,
        TreatMissingData: 'breaching',
        Dimensions: [{ Name: 'AutoScalingGroupName', Value: expect.anything() }],
      });
      expect(properties.AlarmDescription).toMatch(/^\[page\]/);
    }
  });

  const runbook = join(__dirname, '..', '..', 'docs', 'runbook.md');
  test('every article that an alarm names is in the runbook', () => {
    const anchors = new Set(
      [...readFileSync(runbook, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replace(/[^a-z0-9 -]/g, '')
          .trim()
          .replaceAll(' ', '-'),
      ),
    );
    for (const { properties } of alarms)
      expect(anchors).toContain((properties.AlarmDescription as string).split('#').at(-1));
  });

  test('the topic is encrypted, takes TLS only, and lets CloudWatch and Budgets publish', () => {
    prod.template.hasResourceProperties('AWS::SNS::Topic', {});
    const [policy] = ofType(prod, 'AWS::SNS::TopicPolicy');
    const statements = policy!.properties.PolicyDocument.Statement as {
      Effect: string;
      Principal: { Service?: string };
    }[];
    expect(
      statements
        .filter(({ Effect }) => Effect === 'Allow')
        .map(({ Principal }) => Principal.Service)
        .sort(),
    ).toEqual(['budgets.amazonaws.com', 'cloudwatch.amazonaws.com']);
    expect(strings(ofType(prod, 'AWS::SNS::Topic')[0]!.properties.KmsMasterKeyId).join('')).toContain('PlatformKey');
  });

  test('prod tells somebody', () => {
    prod.template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'on-call@signal9.example.com',
    });
  });

  test('what could not be told is kept, under a key that SNS may use', () => {
    const [subscription] = ofType(prod, 'AWS::SNS::Subscription');
    const queue = prod.resources.find(
      ({ logicalId }) => logicalId === referredTo(subscription!.properties.RedrivePolicy.deadLetterTargetArn),
    )!;
    expect(strings(queue.properties.KmsMasterKeyId).join('')).toContain('PlatformKey');
    const key = ofType(stack('prod', 'Secrets'), 'AWS::KMS::Key')[0]!;
    expect(JSON.stringify(key.properties.KeyPolicy)).toContain('"Service":"sns.amazonaws.com"');
    const policies = ofType(prod, 'AWS::SQS::QueuePolicy').filter(({ properties }) =>
      strings(properties.Queues).includes(queue.logicalId),
    );
    expect(JSON.stringify(policies)).toContain('"Service":"sns.amazonaws.com"');
    // Without somebody to tell there is nothing to keep.
    expect(ofType(dev, 'AWS::SQS::Queue')).toEqual([]);
  });

  test('the budget is made once, in the first region, of the whole account: a tag that nobody activated counts nothing', () => {
    prod.template.hasResourceProperties('AWS::Budgets::Budget', {
      Budget: { BudgetLimit: { Amount: 4500, Unit: 'USD' } },
    });
    for (const of of [dev, stack('staging', 'Monitoring'), prod])
      expect(strings(ofType(of, 'AWS::Budgets::Budget')[0]!.properties.Budget).join(' ')).not.toMatch(
        /CostFilters|FilterExpression/,
      );
    stack('prod', 'Monitoring', 'us-east-2').template.resourceCountIs('AWS::Budgets::Budget', 0);
  });

  test('a budget by tag counts what bears the environment’s, by the name that Budgets gives it', () => {
    const config = loadConfig({ overrides: { budget: { scope: 'tag' } } });
    const of = new Stack();
    new MonthlyBudget(of, 'Budget', { config, topic: new Topic(of, 'Topic') });
    Template.fromStack(of).hasResourceProperties('AWS::Budgets::Budget', {
      Budget: { CostFilters: { TagKeyValue: ['user:signal9:env$dev'] } },
    });
  });

  test('the dashboard has a name with the region, and shows every alarm', () => {
    dev.template.hasResourceProperties('AWS::CloudWatch::Dashboard', { DashboardName: 'signal9-dev-us-east-1' });
    for (const of of [dev, prod]) {
      const text = strings(ofType(of, 'AWS::CloudWatch::Dashboard')[0]!.properties.DashboardBody);
      for (const { logicalId } of ofType(of, 'AWS::CloudWatch::Alarm')) expect(text).toContain(logicalId);
    }
  });

  test('dev and its copies have the alarms that page and no other, staging and prod all', () => {
    const severities = (of: SynthesisedStack) =>
      [
        ...new Set(
          ofType(of, 'AWS::CloudWatch::Alarm').map(
            ({ properties }) => /^\[(\w+)\]/.exec(properties.AlarmDescription as string)?.[1],
          ),
        ),
      ].sort();
    expect(severities(dev)).toEqual(['page']);
    expect(severities(stack('pr3522', 'Monitoring'))).toEqual(['page']);
    for (const of of [stack('staging', 'Monitoring'), prod]) expect(severities(of)).toEqual(['page', 'ticket']);
    // 0.10 USD each, and the first ten of an account are free.
    expect(ofType(dev, 'AWS::CloudWatch::Alarm').length).toBeLessThanOrEqual(30);
  });

  test('every article of the runbook that prod’s alarms name has its graph in dev too', () => {
    const titles = (of: SynthesisedStack) =>
      new Set(
        [
          ...strings(ofType(of, 'AWS::CloudWatch::Dashboard')[0]!.properties.DashboardBody)
            .join('')
            .matchAll(/"title":"([a-z-]+)"/g),
        ].map(([, title]) => title),
      );
    const articles = alarms.map(({ properties }) => (properties.AlarmDescription as string).split('#').at(-1)!);
    // Those that no resource of dev is about: nothing lags without a reader, and nobody is told without an address.
    const absent = ['ledger-replica-lag', 'alarms-undelivered'];
    for (const article of articles.filter((name) => !absent.includes(name))) expect(titles(dev)).toContain(article);
  });
});
