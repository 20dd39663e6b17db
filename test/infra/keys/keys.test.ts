import { parts } from '../../../tools/templates';
import { list, stacks } from '../invariants/check';
import { dropped, ENVIRONMENTS, ofType, type Properties, type SynthesisedStack } from '../synthesised';
import { type DroppedStatement } from './dropped-statements';
import {
  keyAllows,
  locate,
  locateAll,
  neighbours,
  type Placed,
  roleAllows,
  accountOf,
  statementsOfRole,
  text,
} from './policies';
import { IMPLIED, KEY_USES, keysAt, OF_SENDERS } from './services';

const isKey = (placed: Placed | undefined): placed is Placed => placed?.resource.type === 'AWS::KMS::Key';

/** The keys under which a resource encrypts, and what the services ask of them for it. */
const uses = (among: readonly SynthesisedStack[]) =>
  among.flatMap((of) =>
    of.resources.flatMap((resource) =>
      KEY_USES.filter(({ type }) => type === resource.type).flatMap((use) =>
        keysAt(resource.properties, use.path).map((value) => {
          const key = locate(value, of, among);
          if (!isKey(key)) throw new Error(`${of.label} ${resource.logicalId}: the key is none of a template`);
          return { use, placed: { resource, of }, key };
        }),
      ),
    ),
  );

/** What a service asks for a resource and the key's policy does not grant. */
const refused = (among: readonly SynthesisedStack[]): string[] =>
  uses(among).flatMap(({ use, placed, key }) =>
    use
      .services(placed, among)
      .flatMap(({ principal, actions, context }) =>
        actions
          .filter((action) => !keyAllows(key, { principal, action, context }, among))
          .map((action) => `${placed.of.label} ${placed.resource.logicalId}: ${principal} ${action}`),
      ),
  );

const region = (environment: string, part: string) =>
  neighbours(stacks.find((of) => of.environment === environment && of.part === part)!);

describe('a key lets in whom the resources under it need', () => {
  test('services that use it on their own account', () => {
    expect(refused(stacks)).toEqual([]);
  });

  test('and the account, whose roles decide for themselves', () => {
    const keys = new Set(uses(stacks).map(({ key }) => key));
    expect(
      [...keys].filter(
        (key) => !keyAllows(key, { principal: accountOf(key.of), action: 'kms:Any', context: {} }, stacks),
      ),
    ).toEqual([]);
  });

  test.each([
    ['the archive of the bus', 'EventArchive', /events\.amazonaws\.com kms:ReEncryptTo$/],
    ['the bus', 'EventBusAndRules', /EventsBus.*events\.amazonaws\.com kms:GenerateDataKey$/],
    ['queues behind rules', 'EventBusAndRules', /Queue.*events\.amazonaws\.com kms:Decrypt$/],
    ['log groups', 'LogGroups', /logs\.us-east-1\.amazonaws\.com kms:Encrypt$/],
    ['alarms', 'Alarms', /cloudwatch\.amazonaws\.com kms:Decrypt$/],
    ['the budget', 'Budget', /budgets\.amazonaws\.com kms:GenerateDataKey$/],
    ['undelivered alarms', 'Topics', /sns\.amazonaws\.com kms:GenerateDataKey$/],
  ])('noticed for %s, where the statement is missing or asks for what is not sent', (_, sid, message) => {
    const among = region('prod', 'Secrets');
    const key = ofType(
      among.find(({ part }) => part === 'Secrets')!,
      'AWS::KMS::Key',
    )[0]!;
    const { KeyPolicy } = key.properties;
    const statements = KeyPolicy.Statement as Properties[];
    const spoiled = {
      missing: statements.filter(({ Sid }) => Sid !== sid),
      conditional: statements.map((statement) =>
        statement.Sid === sid
          ? { ...statement, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }
          : statement,
      ),
    };
    for (const [how, Statement] of Object.entries(spoiled)) {
      const changed = { ...key, properties: { ...key.properties, KeyPolicy: { ...KeyPolicy, Statement } } };
      const others = among.map((of) =>
        of.part === 'Secrets' ? { ...of, resources: of.resources.map((each) => (each === key ? changed : each)) } : of,
      );
      expect({ how, noticed: refused(others) }).toEqual({
        how,
        noticed: expect.arrayContaining([expect.stringMatching(message)]),
      });
    }
  });

  test('every property that names a key is in the table of who uses it', () => {
    const unknown = stacks.flatMap((of) =>
      of.resources
        .filter(({ type }) => !/^AWS::(KMS::|IAM::)/.test(type))
        .flatMap(({ type, logicalId, properties }) => {
          const known = new Set(
            KEY_USES.filter((use) => use.type === type).flatMap((use) => keysAt(properties, use.path)),
          );
          return [...parts(properties)].flatMap((part) =>
            Object.entries(part)
              .filter(([name, value]) => isKey(locate(value, of, stacks)) || /kms.*key|^EncryptionKey/i.test(name))
              .filter(([, value]) => !known.has(value))
              .map(([name]) => `${of.label} ${logicalId}: ${name}`),
          );
        }),
    );
    expect(unknown).toEqual([]);
  });

  test('buckets that services read or write on their own account have the key of S3', () => {
    const ofBuckets = KEY_USES.find(({ type }) => type === 'AWS::S3::Bucket')!;
    const wrong = stacks.flatMap((of) => {
      const served = ofType(of, 'AWS::S3::BucketPolicy').filter(({ properties }) =>
        (properties.PolicyDocument.Statement as Properties[]).some(
          ({ Effect, Principal }) => Effect === 'Allow' && (Principal as Properties).Service !== undefined,
        ),
      );
      return served
        .map(({ properties }) => locate(properties.Bucket, of, stacks)!)
        .filter(({ resource: { properties } }) => keysAt(properties, ofBuckets.path).length > 0)
        .map(({ resource }) => `${of.label} ${resource.logicalId}`);
    });
    expect(wrong).toEqual([]);
  });
});

/** What a role may do under a key without the key's actions for it. */
const lockedOut = (among: readonly SynthesisedStack[]): string[] => {
  const encrypted = new Map(uses(among).map(({ placed, key }) => [placed.resource, key]));
  return among.flatMap((of) =>
    ofType(of, 'AWS::IAM::Role').flatMap((resource) => {
      const role = { resource, of };
      return statementsOfRole(role).flatMap((statement) =>
        list(statement.Action as string | string[]).flatMap((action) => {
          const service = action.split(':')[0]!;
          const context = { 'kms:ViaService': `${service}.${of.region}.amazonaws.com` };
          const keys = new Set(
            locateAll(statement.Resource, of, among).flatMap(({ resource: on }) => encrypted.get(on) ?? []),
          );
          return [...keys].flatMap((key) =>
            (IMPLIED[action] ?? [])
              .filter((needed) => !roleAllows(role, key, { action: needed, context }, among))
              .map((needed) => `${of.label} ${resource.logicalId}: ${needed} for ${action}`),
          );
        }),
      );
    }),
  );
};

describe('a role has the actions of the key for what it may do under it', () => {
  test('every role', () => {
    expect(lockedOut(stacks)).toEqual([]);
  });

  test('noticed where it has not', () => {
    const among = region('prod', 'Compute').map((of) => ({
      ...of,
      resources: of.resources.map((resource) => {
        if (resource.type !== 'AWS::IAM::ManagedPolicy') return resource;
        const properties = structuredClone(resource.properties);
        for (const statement of properties.PolicyDocument.Statement as Properties[])
          statement.Action = list(statement.Action as string).filter((action) => action !== 'kms:Decrypt');
        return { ...resource, properties };
      }),
    }));
    const noticed = lockedOut(among).join('\n');
    for (const action of ['sqs:SendMessage', 'sqs:ReceiveMessage', 's3:PutObject', 'dynamodb:GetRecords'])
      expect(noticed).toContain(`: kms:Decrypt for ${action}`);
    for (const action of ['dynamodb:PutItem', 'dynamodb:Query', 'secretsmanager:GetSecretValue'])
      expect(noticed).toContain(`: kms:Decrypt for ${action}`);
  });
});

/** The key that an imported one stands for: made beside it, in the same construct. */
function original({ key: path }: DroppedStatement, among: readonly SynthesisedStack[]): Placed {
  const [stackName, construct] = path.split('/') as [string, string];
  for (const of of among)
    for (const resource of ofType(of, 'AWS::KMS::Key'))
      if (stackName === of.name && resource.logicalId.startsWith(construct)) return { resource, of };
  throw new Error(`no key of a template is ${path}`);
}

const EXPANDED: Readonly<Record<string, readonly string[]>> = {
  'kms:ReEncrypt*': ['kms:ReEncryptFrom', 'kms:ReEncryptTo'],
  'kms:GenerateDataKey*': ['kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext'],
};

/** What of a dropped statement stands in no policy after all. */
function missing(statement: DroppedStatement, among: readonly SynthesisedStack[]): string[] {
  const key = original(statement, among);
  const { Principal, Action, Condition } = statement.statement as Properties;
  const [[kind, value]] = Object.entries(Principal as Properties) as [[string, unknown]];
  const read = (part: unknown) => text(part, key.of, among);
  const context = Object.fromEntries(
    Object.values((Condition ?? {}) as Record<string, Record<string, unknown>>)
      .flatMap((conditions) => Object.entries(conditions))
      .map(([name, wanted]) => [name, read(wanted)] as const)
      // See `senders`: it is not settled that EventBridge says for whom it asks.
      .filter(([name]) => !(value === 'events.amazonaws.com' && name === 'aws:SourceAccount')),
  );
  const asked = list(Action as string | string[]);
  const isSender = kind === 'Service' && JSON.stringify(asked) === JSON.stringify(OF_SENDERS.granted);
  const actions = isSender ? OF_SENDERS.needed : asked.flatMap((action) => EXPANDED[action] ?? [action]);
  const role = kind === 'AWS' ? roleOf(value, among) : undefined;
  const principal = read(role ? 'a role' : value);
  return actions
    .filter((action) => {
      // EventBridge describes the key without an encryption context (services.ts).
      const sent = action === 'kms:DescribeKey' && kind === 'Service' ? {} : context;
      return role
        ? !roleAllows(role, key, { action, context: sent }, among)
        : !keyAllows(key, { principal, action, context: sent }, among);
    })
    .map((action) => `${role?.resource.logicalId ?? principal} ${action} (${statement.askedBy})`);
}

const roleOf = (value: unknown, among: readonly SynthesisedStack[]): Placed | undefined =>
  among.flatMap((of) => locate(value, of, among) ?? [])[0];

describe('what CDK drops on imported keys stands where the key is made, or in the policy of the role', () => {
  test.each(ENVIRONMENTS)('in %s', (name) => {
    const among = stacks.filter(({ environment }) => environment === name);
    const statements = dropped(name);
    const regions = [...new Set(among.map((of) => of.region))].map((each) => among.filter((of) => of.region === each));
    const found = regions.flatMap((inRegion) =>
      statements
        .filter(({ key }) => inRegion.some((of) => key.startsWith(`${of.name}/`)))
        .flatMap((statement) => missing(statement, inRegion)),
    );
    expect(found).toEqual([]);
  });

  test('there are such: of services, of the account and of roles', () => {
    const principals = dropped('prod').map(({ statement }) => JSON.stringify(statement.Principal));
    for (const kind of ['events.amazonaws.com', ':root']) expect(principals.join('\n')).toContain(kind);
    const askers = new Set(dropped('prod').map(({ askedBy }) => askedBy.replace(/:\d+$/, '')));
    for (const asker of ['event-backbone', 'queue-worker', 'provider-secrets'])
      expect([...askers]).toContain(`lib/constructs/${asker}.ts`);
  });

  test('noticed where it does not', () => {
    const among = region('dev', 'Secrets').map((of) => ({
      ...of,
      resources: of.resources.map((resource) => {
        if (resource.type !== 'AWS::KMS::Key') return resource;
        const properties = structuredClone(resource.properties);
        properties.KeyPolicy.Statement = (properties.KeyPolicy.Statement as Properties[]).filter(
          ({ Sid }) => Sid === undefined,
        );
        return { ...resource, properties };
      }),
    }));
    const noticed = dropped('dev').flatMap((statement) => missing(statement, among));
    expect(noticed).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^events\.amazonaws\.com kms:ReEncryptTo \(lib\/constructs\/event-backbone\.ts/),
        expect.stringMatching(/^events\.amazonaws\.com kms:DescribeKey \(lib\/constructs\/event-backbone\.ts/),
        expect.stringMatching(/^events\.amazonaws\.com kms:GenerateDataKey \(lib\/constructs\/queue-worker\.ts/),
      ]),
    );
  });
});
