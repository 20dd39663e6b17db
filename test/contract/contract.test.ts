import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { busName, envelope, events, type QueueDefinition, queues } from '../../contract/events';
import { type FunctionDefinition, functions } from '../../contract/functions';
import { MARKET_SCOPE, pathParameters, PERSON_SCOPE, type Route, scopesOf } from '../../contract/route';
import { bodyExamples } from '../../contract/examples';
import { type RouteId, routes } from '../../contract/routes';
import { schedules } from '../../contract/schedules';
import { type TableDefinition, tableName, tables } from '../../contract/tables';

const root = join(__dirname, '../..');
const every = Object.entries<Route>(routes);
const allFunctions = Object.entries<FunctionDefinition>(functions);
const allTables = Object.entries<TableDefinition>(tables);
const shapeOf = (schema: unknown): Record<string, unknown> =>
  (schema as { readonly _zod: { readonly def: { readonly shape: Record<string, unknown> } } })._zod.def.shape;

const onlyReads = (id: string): boolean => every.every(([, route]) => route.function !== id || route.method === 'GET');

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
}

describe('routes', () => {
  test('are named once, and stand at one address each', () => {
    expect(every.map(([key, { id }]) => [key, id])).toEqual(every.map(([key]) => [key, key]));
    const addresses = every.map(([, { method, path }]) => `${method} ${path}`);
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  test.each(every)('%s has a function of the API or a service behind it, and parameters as in its path', (_, route) => {
    expect(route.function === undefined ? route.service : functions[route.function].system).toMatch(
      /^(api|portfolio)$/,
    );
    expect(Object.keys(route.parameters ? shapeOf(route.parameters) : {})).toEqual(pathParameters(route.path));
    expect(route.path).toMatch(/^(\/([a-z-]+(\.json)?|\{[a-zA-Z]+\}))+$/);
    expect(
      route.success.body !== undefined || route.success.mediaType !== undefined || route.success.status === 204,
    ).toBe(true);
  });

  test('that may be cached are reads, and none that a person alone may ask', () => {
    for (const [, route] of every.filter(([, { cache }]) => cache === 'shared')) {
      expect([route.id, route.method]).toEqual([route.id, 'GET']);
      expect(route.access).not.toBe('person');
    }
  });

  test('for persons are never cached, and no market read is for persons only', () => {
    for (const [, route] of every.filter(([, { access }]) => access === 'person')) {
      expect([route.id, route.cache]).toEqual([route.id, 'none']);
    }
  });

  test('that take an id say that it may not be there, and that take a body that it may be wrong', () => {
    for (const [, { id, path, body, errors }] of every.filter(([, { access }]) => access === 'person')) {
      if (path.includes('{')) expect([id, errors]).toEqual([id, expect.arrayContaining([400, 404])]);
      if (body) expect([id, errors]).toEqual([id, expect.arrayContaining([400])]);
    }
  });

  test('that take a body show one that their schema accepts, and so do those that answer', () => {
    for (const [, { id, body }] of every) {
      const example = bodyExamples[id as RouteId];
      expect([id, example === undefined]).toEqual([id, body === undefined]);
      if (body) expect([id, z.safeParse(body, example).error]).toEqual([id, undefined]);
    }
  });

  test('say who may call them by scope', () => {
    expect(scopesOf('public')).toEqual([]);
    expect(scopesOf('market')).toEqual([PERSON_SCOPE, MARKET_SCOPE]);
    expect(scopesOf('person')).toEqual([PERSON_SCOPE]);
  });

  test('that list take limit and cursor', () => {
    for (const [, route] of every.filter(([id]) => id.startsWith('list'))) {
      expect(Object.keys(shapeOf(route.query))).toEqual(expect.arrayContaining(['limit', 'cursor']));
    }
  });
});

describe('functions', () => {
  test('behind the API each serve a route, and only they do', () => {
    const serving = new Set(every.flatMap(([, route]) => route.function ?? []));
    const ofTheApi = allFunctions.filter(([, { system }]) => system === 'api').map(([id]) => id);
    expect([...serving].sort()).toEqual(ofTheApi.sort());
  });

  test.each(allFunctions.filter(([, { system }]) => system === 'api'))(
    '%s has its entry, and scans no table',
    (_, definition) => {
      expect(existsSync(join(root, definition.entry))).toBe(true);
      expect(Object.values(definition.tables).flat()).not.toContain('Scan');
      for (const file of definition.files ?? []) expect(existsSync(join(root, 'node_modules', file))).toBe(true);
    },
  );

  test.each(allFunctions.filter(([id, { system }]) => system === 'api' && onlyReads(id)))(
    '%s answers reads, and may write no table',
    (_, definition) => {
      expect(
        Object.values(definition.tables)
          .flat()
          .filter((action) => /Put|Update|Delete|Write/.test(action)),
      ).toEqual([]);
    },
  );

  test('parse numbers and limits out of their environment, and refuse what is none', () => {
    const { environment } = functions['api-health'];
    const given = {
      SIGNAL9_ENV: 'dev',
      SIGNAL9_VERSION: '1.2.3',
      SIGNAL9_TIME_ZONE: 'America/New_York',
      ALPHAVANTAGE_RPS: '1.25',
      ALPHAVANTAGE_RPM: 'none',
      ALPHAVANTAGE_RPD: '25',
      LEDGER_PAUSES: 'true',
    };
    expect(environment.parse(given)).toMatchObject({
      LOG_LEVEL: 'INFO',
      ALPHAVANTAGE_RPS: 1.25,
      ALPHAVANTAGE_RPM: null,
      ALPHAVANTAGE_RPD: 25,
    });
    for (const wrong of [
      { ALPHAVANTAGE_RPS: 'fast' },
      { ALPHAVANTAGE_RPM: '-1' },
      { SIGNAL9_ENV: '' },
      { CONSOLE_ORIGIN: 'console' },
    ]) {
      expect(environment.safeParse({ ...given, ...wrong }).success).toBe(false);
    }
  });
});

describe('tables', () => {
  test('have names of their own, under the environment’s', () => {
    const names = allTables.map(([, { name }]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(tableName('pr3522', 'assetAnalysis')).toBe('signal9-pr3522-asset-analysis');
  });

  test.each(allTables)(
    '%s: indexes say what they serve, and carry no key twice',
    (_, { indexes, partitionKey, sortKey }) => {
      expect(new Set(indexes.map(({ name }) => name)).size).toBe(indexes.length);
      for (const index of indexes) {
        expect(index.serves).not.toBe('');
        if (typeof index.projection === 'string') continue;
        // DynamoDB refuses a key as a non-key attribute of its index, and more than a hundred attributes.
        const keys = [index.partitionKey, index.sortKey, partitionKey, sortKey].map((key) => key?.name);
        expect(index.projection.include.filter((name) => keys.includes(name))).toEqual([]);
        expect(new Set(index.projection.include).size).toBe(index.projection.include.length);
      }
    },
  );

  test('have no index that no read names', () => {
    const code = [...sources('lambda'), ...sources('local')].join('\n');
    for (const [id, { indexes }] of allTables) {
      for (const { name } of indexes) expect([id, name, code.includes(`'${name}'`)]).toEqual([id, name, true]);
    }
  });
});

describe('events and schedules', () => {
  test('name functions that exist', () => {
    const ids = Object.keys(functions);
    for (const { function: id } of Object.values(schedules)) expect(ids).toContain(id);
    for (const { worker, events: told } of Object.values<QueueDefinition>(queues)) {
      expect(ids).toContain(worker);
      expect(Object.keys(events)).toEqual(expect.arrayContaining([...told]));
    }
  });

  test('are named by their key, on the environment’s bus, in an envelope', () => {
    for (const [key, { detailType }] of Object.entries(events)) expect(detailType).toBe(key);
    expect(busName('dev')).toBe('signal9-dev');
    const parsed = envelope(z.object({ n: z.number() })).safeParse({
      id: '1',
      source: 's',
      'detail-type': 't',
      time: 'x',
      detail: { n: 1 },
    });
    expect(parsed.success).toBe(true);
  });
});
