// A template is JSON without a type of its own.
/* eslint-disable @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return */
import { Match } from 'aws-cdk-lib/assertions';
import { type EventId, events, isPassing, type QueueDefinition, type QueueId, queues } from '../../contract/events';
import { type FunctionDefinition, functions } from '../../contract/functions';
import { runsEveryMinute, type ScheduleId, schedules } from '../../contract/schedules';
import { type TableDefinition, tables } from '../../contract/tables';
import { manifest, ofType, referredTo, type Resource, stack, strings } from './synthesised';

describe('what runs without being asked', () => {
  const dev = stack('dev', 'Compute');
  const byId = new Map(dev.resources.map((resource) => [resource.logicalId, resource]));
  const get = (reference: unknown): Resource => byId.get(referredTo(reference) ?? '')!;

  test('the bus keeps an archive', () => {
    dev.template.hasResourceProperties('AWS::Events::EventBus', {
      Name: 'signal9-dev',
      KmsKeyIdentifier: Match.anyValue(),
    });
    dev.template.hasResourceProperties('AWS::Events::Archive', { RetentionDays: 14, SourceArn: Match.anyValue() });
    // What speaks of the moment only is worth no keeping.
    const [archive] = ofType(dev, 'AWS::Events::Archive');
    const passing = (Object.keys(events) as EventId[]).filter(isPassing).map((id) => events[id].detailType);
    expect(passing.length).toBeGreaterThan(0);
    expect(archive!.properties.EventPattern['detail-type']).toEqual([{ 'anything-but': passing }]);
    stack('prod', 'Compute').template.hasResourceProperties('AWS::Events::Archive', { RetentionDays: 365 });
  });

  test('the functions are those of the contract, on arm64 and the one runtime, sized as it says', () => {
    const made = ofType(dev, 'AWS::Lambda::Function');
    const defined = Object.entries(functions)
      // Those of an API live with it.
      .filter(([id]) => !/^(api-|live|console-)/.test(id))
      .map(([, definition]) => definition);
    expect(made.map(({ properties }) => properties.Description).sort()).toEqual(
      defined.map(({ description }) => description).sort(),
    );
    for (const { description, memoryMb, timeoutSeconds } of defined)
      dev.template.hasResourceProperties('AWS::Lambda::Function', {
        Description: description,
        MemorySize: memoryMb,
        Timeout: timeoutSeconds,
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
      });
  });

  describe.each(Object.entries(schedules))('schedule %s', (id, schedule) => {
    const made = ofType(dev, 'AWS::Scheduler::Schedule').find(({ properties }) =>
      properties.Description.startsWith(`${id}:`),
    )!;

    test('starts its function at its time in New York, with a dead-letter queue', () => {
      expect(made.properties).toMatchObject({
        ScheduleExpression: schedule.cron,
        ScheduleExpressionTimezone: 'America/New_York',
        State: 'ENABLED',
      });
      expect(get(made.properties.Target.Arn).properties.Description).toBe(functions[schedule.function].description);
      expect(get(made.properties.Target.DeadLetterConfig.Arn).type).toBe('AWS::SQS::Queue');
    });

    test('is tried again while nothing else would do its work', () => {
      const minutely = runsEveryMinute(id as ScheduleId);
      expect(made.properties.Target.RetryPolicy).toEqual(
        minutely
          ? { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 }
          : { MaximumRetryAttempts: 5, MaximumEventAgeInSeconds: 3600 },
      );
      const ofLambda = ofType(dev, 'AWS::Lambda::EventInvokeConfig').filter(
        ({ properties }) => referredTo(properties.FunctionName) === referredTo(made.properties.Target.Arn),
      );
      expect(ofLambda.map(({ properties }) => properties)).toEqual(
        minutely
          ? [expect.objectContaining({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60, Qualifier: '$LATEST' })]
          : [],
      );
      expect(made.properties.Target.DeadLetterConfig.Arn['Fn::GetAtt'][0].includes('MinuteDeadLetters')).toBe(minutely);
    });

    test('tells the job which occurrence it is', () => {
      expect(JSON.parse(made.properties.Target.Input as string)).toEqual({
        job: id,
        scheduled_time: '<aws.scheduler.scheduled-time>',
      });
    });

    test('may invoke that function and no other', () => {
      const role = referredTo(made.properties.Target.RoleArn);
      const policy = ofType(dev, 'AWS::IAM::ManagedPolicy').find(({ properties }) =>
        properties.Roles.some((r: unknown) => referredTo(r) === role),
      )!;
      const invoke = policy.properties.PolicyDocument.Statement.filter(
        ({ Action }: { Action: string }) => Action === 'lambda:InvokeFunction',
      );
      expect(invoke).toHaveLength(1);
      expect(invoke[0].Resource).toEqual(made.properties.Target.Arn);
    });
  });

  describe.each(Object.entries(queues) as [QueueId, QueueDefinition][])('queue %s', (id, definition) => {
    // What posts to connections lives with their API.
    const home = id === 'live' ? stack('dev', 'Api') : dev;
    const get = (reference: unknown): Resource =>
      home.resources.find(({ logicalId }) => logicalId === referredTo(reference))!;
    const told = definition.events.map((event) => events[event]);
    const detailTypes = told.map(({ detailType }) => detailType);
    const rule = ofType(home, 'AWS::Events::Rule').find(
      ({ properties }) => properties.Description === `${detailTypes.join(', ')} to the ${definition.worker}`,
    )!;
    const queue = get(rule.properties.Targets[0].Arn);
    const worker = functions[definition.worker as keyof typeof functions];
    const mapping = ofType(home, 'AWS::Lambda::EventSourceMapping').find(
      ({ properties }) => referredTo(properties.EventSourceArn) === queue.logicalId,
    )!;

    test(`takes ${detailTypes.join(', ')} from the bus`, () => {
      expect(rule.properties.EventPattern).toEqual({
        source: [...new Set(told.map(({ source }) => source))],
        'detail-type': detailTypes,
      });
      expect(strings(rule.properties.EventBusName).join('')).toContain('EventsBus');
    });

    test('hides a message for six times as long as its worker may take, as AWS advises', () => {
      expect(queue.properties.VisibilityTimeout).toBe(definition.visibilityTimeoutSeconds);
      expect(definition.visibilityTimeoutSeconds).toBeGreaterThanOrEqual(6 * worker.timeoutSeconds);
    });

    test('keeps a message no longer than it is worth', () => {
      expect(queue.properties.MessageRetentionPeriod).toBe(definition.retentionSeconds ?? 4 * 24 * 3600);
    });

    test('gives up after the contract’s number of receipts', () => {
      expect(queue.properties.RedrivePolicy.maxReceiveCount).toBe(definition.maxReceiveCount);
      expect(get(queue.properties.RedrivePolicy.deadLetterTargetArn).properties.MessageRetentionPeriod).toBe(
        14 * 24 * 3600,
      );
    });

    test('feeds its worker, which reports the messages of a batch that failed', () => {
      expect(get(mapping.properties.FunctionName).properties.Description).toBe(worker.description);
      expect(mapping.properties).toMatchObject({
        BatchSize: definition.batchSize,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      });
    });

    test('is known to its worker, with its dead letters', () => {
      const { Variables } = get(mapping.properties.FunctionName).properties.Environment;
      expect(Variables).toMatchObject({
        QUEUE_URL: { Ref: queue.logicalId },
        DLQ_URL: { Ref: referredTo(queue.properties.RedrivePolicy.deadLetterTargetArn) },
        MAX_RECEIVE_COUNT: String(definition.maxReceiveCount),
      });
    });
  });

  describe('the audit log', () => {
    const mappings = ofType(dev, 'AWS::Lambda::EventSourceMapping').filter(
      ({ properties }) => properties.StartingPosition !== undefined,
    );

    test('follows every table that streams', () => {
      const streaming = (Object.values(tables) as TableDefinition[]).filter(({ stream: streams }) => streams);
      expect(mappings).toHaveLength(streaming.length);
    });

    test('halves a batch that fails, reports what failed, and keeps what cannot be logged', () => {
      for (const { properties } of mappings) {
        expect(properties).toMatchObject({
          BisectBatchOnFunctionError: true,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
        });
        expect(get(properties.DestinationConfig.OnFailure.Destination).type).toBe('AWS::SQS::Queue');
      }
    });
  });

  const thatReach = (database: 'ledger' | 'portfolio') =>
    new Set<unknown>(
      Object.values(functions as Record<string, FunctionDefinition>)
        .filter((definition) => definition[database])
        .map(({ description }) => description),
    );
  const ofLedger = thatReach('ledger');
  const ofPortfolio = thatReach('portfolio');

  test('in prod functions run in the VPC, in dev only those of a database, wearing a group for each that they need', () => {
    for (const name of ['dev', 'staging', 'prod'] as const)
      for (const { properties } of ofType(stack(name, 'Compute'), 'AWS::Lambda::Function')) {
        const needed = [
          ...(ofLedger.has(properties.Description) ? ['SecurityGroupsLedgerFunctions'] : []),
          ...(ofPortfolio.has(properties.Description) ? ['SecurityGroupsPortfolioFunctions'] : []),
        ];
        if (name === 'dev' && needed.length === 0) expect(properties.VpcConfig).toBeUndefined();
        else {
          const { SubnetIds, SecurityGroupIds } = properties.VpcConfig as Record<string, unknown[]>;
          const groups = needed.length > 0 ? needed : ['SecurityGroupsFunctions'];
          expect(SecurityGroupIds).toHaveLength(groups.length);
          groups.forEach((group, index) => expect(strings(SecurityGroupIds![index]).join(' ')).toContain(group));
          for (const subnet of SubnetIds!) expect(strings(subnet).join(' ')).toMatch(/privateSubnet/);
        }
      }
  });

  describe('trading and the portfolios', () => {
    const made = (description: string) =>
      ofType(dev, 'AWS::Lambda::Function').find(({ properties }) => properties.Description === description)!;
    const statementsOf = (fn: Resource) =>
      ofType(dev, 'AWS::IAM::ManagedPolicy').find(({ properties }) =>
        strings(properties.Roles).includes(referredTo(fn.properties.Role)!),
      )!.properties.PolicyDocument.Statement as { Action: string | string[]; Resource: unknown; Condition?: unknown }[];
    const allowed = (fn: Resource, action: string) =>
      statementsOf(fn).filter(({ Action }) => [Action].flat().includes(action));

    test('only functions that the contract says read the ledger’s secret, by its one name', () => {
      for (const fn of ofType(dev, 'AWS::Lambda::Function')) {
        if (!fn.properties.Description) continue;
        const ledger = strings(fn.properties.Environment).some((text) => text.includes('LedgerCluster'));
        expect([fn.logicalId, ledger]).toEqual([fn.logicalId, ofLedger.has(fn.properties.Description)]);
        const secrets = statementsOf(fn).filter(({ Resource }) =>
          /LedgerCluster\w+MasterUserSecret/.test(strings(Resource).join('')),
        );
        expect(secrets.map(({ Action }) => Action)).toEqual(ledger ? ['secretsmanager:GetSecretValue'] : []);
        const key = statementsOf(fn).filter(
          ({ Resource, Condition }) =>
            strings(Resource).join('').includes('DataKey') && strings(Condition).join('').includes('secretsmanager.'),
        );
        expect(key.map(({ Action }) => Action)).toEqual(
          ledger || ofPortfolio.has(fn.properties.Description) ? ['kms:Decrypt'] : [],
        );
      }
    });

    test('only functions that the contract says read the secret of the portfolios’ database', () => {
      for (const fn of ofType(dev, 'AWS::Lambda::Function')) {
        if (!fn.properties.Description) continue;
        const told = fn.properties.Environment.Variables.PORTFOLIO_HOST !== undefined;
        expect([fn.logicalId, told]).toEqual([fn.logicalId, ofPortfolio.has(fn.properties.Description)]);
        const secrets = statementsOf(fn).filter(({ Resource }) =>
          /PortfolioDatabase\w+MasterUserSecret/.test(strings(Resource).join('')),
        );
        expect(secrets.map(({ Action }) => Action)).toEqual(told ? ['secretsmanager:GetSecretValue'] : []);
      }
    });

    test('only the export writes to the artifacts bucket, and only the history to its own, and nothing else', () => {
      const writers = ofType(dev, 'AWS::Lambda::Function').filter(
        (fn) => fn.properties.Description && allowed(fn, 's3:PutObject').length > 0,
      );
      const buckets = writers.map((writer) => {
        const statements = allowed(writer, 's3:PutObject');
        expect(statements.map(({ Action }) => Action)).toEqual(['s3:PutObject']);
        return [writer.properties.Description as string, strings(statements[0]!.Resource).join('')];
      });
      expect(Object.fromEntries(buckets)).toEqual({
        [functions['trade-export'].description]: expect.stringMatching(/BucketsArtifactsBucket.*\/\*$/),
        [functions['portfolio-history'].description]: expect.stringMatching(/BucketsHistoryBucket.*\/\*$/),
      });
      for (const { properties } of writers) {
        const { ARTIFACTS_BUCKET, HISTORY_BUCKET } = properties.Environment.Variables as Record<string, unknown>;
        expect(strings(ARTIFACTS_BUCKET ?? HISTORY_BUCKET).join('')).toMatch(/Artifacts|History/);
      }
    });

    test('orders are filled by the platform itself, at prices no older than a quarter of an hour', () => {
      expect(made(functions['order-matcher'].description).properties.Environment.Variables).toMatchObject({
        TRADE_VENUE: 'internal',
        QUOTE_MAX_AGE_SECONDS: '900',
        LEDGER_PORT: '3306',
        LEDGER_DATABASE: 'ledger',
        LEDGER_PAUSES: 'true',
      });
    });

    describe.each([
      ['ledger', 'ledger-migration', 'Custom::LedgerSchema', 'LedgerCluster'],
      ['portfolios', 'portfolio-migration', 'Custom::PortfolioSchema', 'PortfolioDatabase'],
    ] as const)('the migration of the %s', (_name, id, type, host) => {
      const [schema, ...more] = ofType(dev, type);
      const migration = made(functions[id].description);

      test('is called by CloudFormation, and again when its code or the database changes', () => {
        expect(more).toEqual([]);
        expect(referredTo(schema!.properties.ServiceToken)).toBe(migration.logicalId);
        expect(schema!.properties.Bundle).toMatch(/^[0-9a-f]{64}$/);
        expect(migration.properties.Code.S3Key).toBe(`${schema!.properties.Bundle}.zip`);
        expect(strings(schema!.properties.Host).join('')).toContain(host);
      });

      test('has its permissions first, and is not waited for without end', () => {
        expect(schema!.raw.DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/MigrationRolePolicy/)]));
        expect(Number(schema!.properties.ServiceTimeout)).toBeGreaterThan(functions[id].timeoutSeconds);
      });
    });

    describe('the migrations', () => {
      const migration = made(functions['ledger-migration'].description);
      const [schema] = ofType(dev, 'Custom::LedgerSchema');

      test('of the portfolios come before everything of theirs, the instances of the service among it', () => {
        const [portfolioSchema] = ofType(dev, 'Custom::PortfolioSchema');
        const needing = dev.resources.filter(
          ({ logicalId, type }) =>
            /^Portfolio(Day|Bookings|Leavings|ServiceFleet)/.test(logicalId) &&
            [
              'AWS::Lambda::Function',
              'AWS::Scheduler::Schedule',
              'AWS::Lambda::EventSourceMapping',
              'AWS::AutoScaling::AutoScalingGroup',
            ].includes(type),
        );
        expect(needing).toHaveLength(4 + 2 + 2 + 1);
        for (const { logicalId, raw } of needing)
          expect([logicalId, ...((raw.DependsOn ?? []) as string[])]).toContain(portfolioSchema!.logicalId);
      });

      test('of the ledger comes before every function of it, its schedules and its queues’ deliveries', () => {
        const needing = dev.resources.filter(
          ({ logicalId, type, properties }) =>
            (type === 'AWS::Lambda::Function' &&
              ofLedger.has(properties.Description) &&
              logicalId !== migration.logicalId) ||
            (/^Trading(Day|Positions|Departures)/.test(logicalId) &&
              ['AWS::Scheduler::Schedule', 'AWS::Lambda::EventSourceMapping'].includes(type)),
        );
        expect(needing).toHaveLength(9 + 6 + 2);
        for (const { logicalId, raw } of needing)
          expect([logicalId, ...((raw.DependsOn ?? []) as string[])]).toContain(schema!.logicalId);
      });

      test('come before the API’s functions, whose stack waits for this one', () => {
        const { artifacts } = manifest('dev') as { artifacts: Record<string, { dependencies?: string[] }> };
        expect(artifacts['Signal9-dev-us-east-1-Api']!.dependencies).toContain('Signal9-dev-us-east-1-Compute');
      });
    });
  });

  describe('in prod', () => {
    const all = (['Compute', 'Api'] as const).map((part) => stack('prod', part));
    const reservedOf = ({ properties }: Resource): number => properties.ReservedConcurrentExecutions;

    test('each function has executions reserved, and leaves a hundred of the usual quota to nobody in particular', () => {
      const made = all.flatMap((of) => ofType(of, 'AWS::Lambda::Function'));
      expect(made.filter((fn) => !(reservedOf(fn) > 0)).map(({ logicalId }) => logicalId)).toEqual([]);
      expect(made.reduce((sum, fn) => sum + reservedOf(fn), 0)).toBeLessThanOrEqual(900);
    });

    test('a worker has as many as its event source may start, so that no message is sent back untried', () => {
      for (const of of all)
        for (const { properties } of ofType(of, 'AWS::Lambda::EventSourceMapping')) {
          const most = properties.ScalingConfig?.MaximumConcurrency as number | undefined;
          const worker = of.resources.find(({ logicalId }) => logicalId === referredTo(properties.FunctionName))!;
          if (most !== undefined) expect([worker.logicalId, reservedOf(worker)]).toEqual([worker.logicalId, most]);
        }
    });

    test('a job runs once at a time', () => {
      const jobs = new Set(Object.values(schedules).map(({ function: id }) => functions[id].description as string));
      const made = all
        .flatMap((of) => ofType(of, 'AWS::Lambda::Function'))
        .filter(({ properties }) => jobs.has(properties.Description as string));
      expect(made.map(reservedOf)).toEqual([...jobs].map(() => 1));
    });
  });

  test.each(['dev', 'staging', 'pr3522'] as const)('%s reserves nothing, for a young account could not', (name) => {
    for (const part of ['Compute', 'Api'] as const)
      for (const { properties } of ofType(stack(name, part), 'AWS::Lambda::Function'))
        expect(properties.ReservedConcurrentExecutions).toBeUndefined();
  });

  test('no environment variable holds a secret: only where it lies', () => {
    for (const { properties } of ofType(dev, 'AWS::Lambda::Function'))
      expect(strings(properties.Environment).join(' ')).not.toMatch(/resolve:secretsmanager/);
  });
});

test('the Beneish threshold of the configuration reaches the analysis worker', () => {
  stack('dev', 'Compute').template.hasResourceProperties('AWS::Lambda::Function', {
    Description: functions['analysis-worker'].description,
    Environment: { Variables: Match.objectLike({ BENEISH_THRESHOLD: '-1.78' }) },
  });
});
