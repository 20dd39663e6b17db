import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { busName, envelope, events, queues } from '../../contract/events';
import { type FunctionDefinition, type FunctionId, functions } from '../../contract/functions';
import { MARKET_SCOPE, pathParameters, PERSON_SCOPE, type Route, scopesOf } from '../../contract/route';
import { routes } from '../../contract/routes';
import { schedules } from '../../contract/schedules';
import { type TableDefinition, tableName, type TableId, tables } from '../../contract/tables';

const root = join(__dirname, '../..');
const every = Object.entries<Route>(routes);
const allFunctions = Object.entries<FunctionDefinition>(functions);
const allTables = Object.entries<TableDefinition>(tables);
const shapeOf = (schema: unknown): Record<string, unknown> =>
  (schema as { readonly _zod: { readonly def: { readonly shape: Record<string, unknown> } } })._zod.def.shape;

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

  test.each(every)('%s has a function of the API behind it, and parameters as in its path', (_, route) => {
    expect(functions[route.function].system).toBe('api');
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
    const serving = new Set(every.map(([, route]) => route.function));
    const ofTheApi = allFunctions.filter(([, { system }]) => system === 'api').map(([id]) => id);
    expect([...serving].sort()).toEqual(ofTheApi.sort());
  });

  test.each(allFunctions.filter(([, { system }]) => system === 'api'))(
    '%s has its entry, and scans no table',
    (_, definition) => {
      expect(existsSync(join(root, definition.entry))).toBe(true);
      expect(Object.values(definition.tables).flat()).not.toContain('Scan');
      expect(
        Object.values(definition.tables)
          .flat()
          .filter((action) => /Put|Update|Delete|Write/.test(action)),
      ).toEqual([]);
      for (const file of definition.files ?? []) expect(existsSync(join(root, 'node_modules', file))).toBe(true);
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

  test('of the market have no index that no read names', () => {
    const code = [...sources('lambda'), ...sources('local')].join('\n');
    // Users and their watchlists have routes of a later issue.
    const later: readonly TableId[] = ['users', 'watchlists', 'watchlistItems', 'userPreferences'];
    for (const [id, { indexes }] of allTables.filter(([table]) => !later.includes(table as TableId))) {
      for (const { name } of indexes) expect([id, name, code.includes(`'${name}'`)]).toEqual([id, name, true]);
    }
  });
});

describe('events and schedules', () => {
  test('name functions that exist', () => {
    const ids = Object.keys(functions);
    for (const { function: id } of Object.values(schedules)) expect(ids).toContain(id);
    for (const { worker, event } of Object.values(queues)) {
      expect(ids).toContain(worker satisfies FunctionId);
      expect(Object.keys(events)).toContain(event);
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
