import { functions } from '../../contract/functions';
import { SERVICE_ENTRY } from '../../contract/service';
import {
  actionsOf,
  BESIDE_CALLS,
  missing,
  needsOf,
  ownStatements,
  programsOf,
  surplus,
} from '../../tools/permissions/needs';
import { type Call, Sources } from '../../tools/permissions/calls';
import { type Statement, statementsOf } from '../../tools/permissions/statements';
import { ENVIRONMENTS, stacksOf } from './synthesised';

/** Every program that is deployed, by its entry, and what its code can send. */
const entries = [...Object.values(functions).map(({ entry }) => entry), SERVICE_ENTRY];
const sources = new Sources(entries);
const calls = new Map<string, readonly Call[]>(entries.map((entry) => [entry, sources.callsOf(entry)]));

/** The stacks of each region: references stay within it. */
const regions = ENVIRONMENTS.flatMap((name) => {
  const stacks = stacksOf(name);
  return [...new Set(stacks.map(({ region }) => region))].map((region) => {
    const own = stacks.filter((of) => of.region === region);
    return { label: `${name} ${region}`, stacks: own, statements: statementsOf(own), programs: programsOf(own) };
  });
});

test('every place in the code that sends something is reached from a program', () => {
  const reached = new Set([...calls.values()].flat().map(({ at }) => at));
  expect(sources.everySite().filter((at) => !reached.has(at))).toEqual([]);
});

test('nothing is used of the SDK that sends by another way', () => {
  expect(sources.unknownImports()).toEqual([]);
});

test('AWS knows which action each call needs', () => {
  for (const call of [...calls.values()].flat()) expect(actionsOf(call)).not.toEqual([]);
  expect(() => actionsOf({ library: '@aws-sdk/client-sqs', operation: 'SendLetter', at: 'a.ts:1' })).toThrow(
    'a.ts:1: which action SendLetter of @aws-sdk/client-sqs needs is not in aws-actions.json',
  );
});

describe.each(regions)('$label', ({ stacks, statements, programs }) => {
  test('has every function of the contract, and the service', () => {
    expect(programs.map(({ id }) => id).sort()).toEqual([...Object.keys(functions), 'service'].sort());
  });

  test('every call of the code is allowed, and the use of the key behind it', () => {
    const lacking = programs.flatMap((program) =>
      missing(ownStatements(statements, program), needsOf(program, calls.get(program.entry)!, stacks)).map(
        (line) => `${program.id}: ${line}`,
      ),
    );
    expect(lacking).toEqual([]);
  });

  test('no program may do what it does not do, without a reason', () => {
    const unexplained = programs.flatMap((program) =>
      surplus(program, ownStatements(statements, program), needsOf(program, calls.get(program.entry)!, stacks))
        .filter((found) => !BESIDE_CALLS.some(({ of }) => of(found)))
        .map(({ action, resource }) => `${program.id}: ${action} on ${resource}`),
    );
    expect(unexplained).toEqual([]);
  });
});

test('every reason is needed', () => {
  const { programs, statements, stacks } = regions[0]!;
  const found = programs.flatMap((program) =>
    surplus(program, ownStatements(statements, program), needsOf(program, calls.get(program.entry)!, stacks)),
  );
  expect(BESIDE_CALLS.filter(({ of }) => !found.some(of))).toEqual([]);
});

describe('a role that is made worse is noticed', () => {
  const { programs, statements, stacks } = regions[0]!;

  /** What is said of a program after a change to the statements of its role. */
  function after(id: string, change: (statement: Statement) => readonly Statement[]) {
    const program = programs.find((one) => one.id === id)!;
    const own = ownStatements(statements, program).flatMap(change);
    const needs = needsOf(program, calls.get(program.entry)!, stacks);
    const unexplained = surplus(program, own, needs).filter((found) => !BESIDE_CALLS.some(({ of }) => of(found)));
    return {
      missing: missing(own, needs),
      surplus: unexplained.map(({ action, resource }) => `${action} on ${resource}`),
    };
  }
  /** All but one action on one resource; CDK puts equal statements into one, of several resources. */
  const without = (action: string, resource: string) => (statement: Statement) => [
    { ...statement, actions: statement.actions.filter((one) => one !== action) },
    {
      ...statement,
      actions: statement.actions.filter((one) => one === action),
      resources: statement.resources.filter((one) => one !== resource),
    },
  ];

  test.each([
    // This was so once: the sync looked for the news that it had, and was refused.
    ['news-sync', 'dynamodb:Query', '<table news>', 'lambda/adapters/dynamo/news.ts'],
    ['pollination-worker', 'dynamodb:BatchWriteItem', '<table earnings>', 'lambda/adapters/dynamo/batch.ts'],
    ['asset-sync', 'events:PutEvents', '<bus signal9-dev>', 'lambda/adapters/event-publisher.ts'],
    ['api-trade', 'secretsmanager:GetSecretValue', '<secret alpaca>', 'lambda/adapters/'],
  ])('%s without %s on %s', (id, action, resource, code) => {
    const lacking = after(id, without(action, resource)).missing;
    expect(lacking).not.toEqual([]);
    for (const line of lacking) expect(line).toContain(`${action} on ${resource}: ${code}`);
  });

  test('by a key that its callers may not use', () => {
    const noKey = (statement: Statement) =>
      statement.actions.some((action) => action.startsWith('kms:')) ? [] : [statement];
    expect(after('live-push', noKey).missing).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^kms:GenerateDataKey on <key \w+>: sqs:SendMessage of lambda/),
        expect.stringMatching(/^kms:Decrypt on <key \w+>: dynamodb:Query of lambda/),
      ]),
    );
  });

  test('by an action, or a table, that the code does not use', () => {
    const more = (statement: Statement) =>
      statement.resources.includes('<table news>')
        ? [
            {
              ...statement,
              actions: [...statement.actions, 'dynamodb:DeleteItem'],
              resources: [...statement.resources, '<table users>'],
            },
          ]
        : [statement];
    expect(after('news-sync', more).surplus).toEqual(
      expect.arrayContaining(['dynamodb:DeleteItem on <table news>', 'dynamodb:Query on <table users>']),
    );
  });
});
