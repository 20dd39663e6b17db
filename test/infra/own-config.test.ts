import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, readConfigFile, refuseExamples, refuseUnknownContext } from '../../lib/config';
import { examplesOf } from '../../lib/config/examples';
import { MOST_TAGS } from '../../lib/config/tags';
import { refusal } from './refusal';

const tagged = (tags: Record<string, string>) => () => loadConfig({ overrides: { tags } });

describe('a name that a service refuses later', () => {
  test.each(['aws', 'aws-fix', 'my-aws', 'laws', 'amazonia', 'cognito-1'])('%s is refused at once', (env) => {
    expect(refusal(() => loadConfig({ env }))).toMatch(/^env ".*" must not contain "(aws|amazon|cognito)": Cognito/);
  });
});

describe('a key of the context', () => {
  test.each([
    ['Env', 'env'],
    ['environment', 'env'],
    ['stage', 'env'],
    ['enviroment', 'env'],
    ['regions', 'region'],
    ['override', 'overrides'],
    ['config', 'overrides'],
    ['exmaple', 'example'],
    ['network.natGateways', 'overrides'],
  ])('%s is refused, and %s proposed', (key, proposed) => {
    const message = refusal(() => refuseUnknownContext({ env: 'dev', [key]: 'x' }));
    expect(message).toContain(`context ${JSON.stringify(key)} is not read by anything: did you mean "${proposed}"?`);
    expect(message).not.toContain('\n');
  });

  test('of CDK, its command line, a look-up or ours is taken', () => {
    for (const key of [
      'env',
      'region',
      'overrides',
      'example',
      '@aws-cdk/core:bootstrapQualifier',
      '@aws-cdk-containers/ecs-service-extensions:enableDefaultLogDriver',
      'aws:cdk:bundling-stacks',
      'availability-zones:account=111111111111:region=us-east-1',
      'cli-telemetry',
      'acknowledged-issue-numbers',
    ])
      expect(() => refuseUnknownContext({ [key]: 'x' })).not.toThrow();
  });
});

describe('example values', () => {
  test('of prod are refused, each by its name, until they are replaced', () => {
    expect(refusal(() => refuseExamples(loadConfig({ env: 'prod' })))).toMatch(
      /^prod: domain\.name, domain\.hostedZoneId, .*domain\.cdnWebAclArn, alarms\.email are examples: put your own into signal9\.config\.ts/,
    );
    const arn = (region: string) =>
      `arn:aws:acm:${region}:222222222222:certificate/00000000-0000-4000-8000-000000000009`;
    const own = {
      domain: {
        name: 'invest.acme.dev',
        hostedZoneId: 'Z04812345ABCDEF',
        certificateArns: {
          'us-east-1': arn('us-east-1'),
          'us-east-2': arn('us-east-2'),
          'us-west-2': arn('us-west-2'),
        },
        cdnWebAclArn: 'arn:aws:wafv2:us-east-1:222222222222:global/webacl/cdn/00000000-0000-4000-8000-000000000009',
      },
      alarms: { email: 'on-call@acme.dev' },
    };
    expect(examplesOf(loadConfig({ env: 'prod', file: { prod: own } }))).toEqual([]);
    const missed = { ...own, alarms: { email: 'me@example.com' } };
    expect(examplesOf(loadConfig({ env: 'prod', file: { prod: missed } }))).toEqual(['alarms.email']);
  });

  test.each(['dev', 'staging', 'pr3522'])('there are none in %s', (env) => {
    expect(examplesOf(loadConfig({ env }))).toEqual([]);
  });
});

describe('overrides in a file', () => {
  const file = {
    dev: { budget: { monthlyUsd: 1 } },
    pr1: { budget: { monthlyUsd: 2 } },
    staging: { regions: ['us-east-2' as const] },
  };

  test('are laid over the preset, and -c region and -c overrides over them', () => {
    expect(loadConfig({ env: 'dev', file }).budget.monthlyUsd).toBe(1);
    expect(loadConfig({ env: 'dev', file, overrides: '{"budget":{"monthlyUsd":9}}' }).budget.monthlyUsd).toBe(9);
    expect(loadConfig({ env: 'staging', file }).regions).toEqual(['us-east-2']);
    expect(loadConfig({ env: 'staging', file, region: 'us-west-2' }).regions).toEqual(['us-west-2']);
  });

  test('of dev hold for a throw-away copy too, and its own over them', () => {
    expect(loadConfig({ env: 'pr2', file }).budget.monthlyUsd).toBe(1);
    expect(loadConfig({ env: 'pr1', file }).budget.monthlyUsd).toBe(2);
    expect(loadConfig({ env: 'staging', file }).budget.monthlyUsd).toBe(
      loadConfig({ env: 'staging' }).budget.monthlyUsd,
    );
  });

  test('are checked as everything else', () => {
    const wrong = { dev: { budget: { monthlyUsd: -1 } } };
    expect(refusal(() => loadConfig({ file: wrong }))).toMatch(/^dev: budget\.monthlyUsd/);
  });

  describe('on disk', () => {
    const folder = mkdtempSync(join(tmpdir(), 'signal9-config-'));
    const written = (content: string) => {
      const root = mkdtempSync(join(folder, 'root-'));
      writeFileSync(join(root, 'signal9.config.ts'), content);
      return root;
    };
    afterAll(() => rmSync(folder, { recursive: true }));

    test('are read from the default export', () => {
      expect(readConfigFile(folder)).toBeUndefined();
      expect(readConfigFile(written('exports.default = { dev: { retain: false } };'))).toEqual({
        dev: { retain: false },
      });
    });

    test.each([
      ['a file that does not load', 'throw new Error("oops");', /^signal9\.config\.ts does not load: oops$/],
      ['no default export', 'exports.dev = {};', /^signal9\.config\.ts must export/],
      ['no objects', 'exports.default = { dev: 1 };', /^signal9\.config\.ts must export/],
    ])('are one line where there is %s', (_, content, message) => {
      expect(refusal(() => readConfigFile(written(content)))).toMatch(message);
    });
  });
});

describe('tags', () => {
  test('are none by default, and as many as AWS leaves room for', () => {
    expect(loadConfig({}).tags).toEqual({});
    const many = Object.fromEntries(Array.from({ length: MOST_TAGS }, (_, index) => [`key-${index}`, 'value']));
    expect(loadConfig({ overrides: { tags: many } }).tags).toEqual(many);
    expect(refusal(tagged({ ...many, more: 'x' }))).toContain(`tags must not be more than ${MOST_TAGS}, and are 41`);
  });

  test.each([
    ['a key of AWS', { 'aws:team': 'a' }, /tags\.aws:team must not begin with "aws:"/],
    ['a key of ours', { 'signal9:env': 'a' }, /tags\.signal9:env must not begin with/],
    ['a long key', { ['k'.repeat(129)]: 'a' }, /must have a key of 1 to 128 characters/],
    ['an empty key', { '': 'a' }, /must have a key of 1 to 128/],
    ['a long value', { team: 'v'.repeat(257) }, /tags\.team must not be longer than 256/],
    ['a character that no service takes', { team: 'a;b' }, /tags\.team must be of letters/],
    ['one key in two spellings', { team: 'a', Team: 'b' }, /tags\.Team is team in other letters/],
  ])('with %s are refused', (_, tags, message) => {
    expect(refusal(tagged(tags as Record<string, string>))).toMatch(message);
  });
});
