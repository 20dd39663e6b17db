import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { routes } from '../contract/routes';
import type { Route } from '../contract/route';
import { tableName } from '../contract/tables';
import { makeHandler as makeAnalysisWorker } from '../lambda/advisor/analysis-worker';
import { makeHandler as makeAssetSync } from '../lambda/advisor/asset-sync';
import { makeHandler as makePollinationWorker } from '../lambda/advisor/pollination-worker';
import { RATED } from '../lambda/adapters/dynamo/assets';
import { RANKING, sectorRanking } from '../lambda/adapters/dynamo/rankings';
import { makeHandler as makeAssetsApi } from '../lambda/api/assets';
import { delivery, startAdvisor } from '../test/lambda/advisor/advisor';
import { rateMarket } from '../test/lambda/advisor/rated-market';
import { type Asked, call } from '../test/lambda/api/call';

/**
 * p50, p99 and read units of the reads of assets with 12,000 assets in the table: the real handler, called with API
 * Gateway's events, on dynalite in this process. Beside each a bare Query (or GetItem) for the same items. All taken in
 * turns, after a warm-up. The assets come by the real sync from the sandbox; a few are fetched and analysed by the real
 * workers, and every other active one has the rating and the places that the worker would store for two metrics.
 * `npx tsx bench/reads.ts [calls, at least 200]`
 */
const CALLS = Math.max(200, Number(process.argv[2] ?? 200));
const WARM_UP = 10;
const ASSETS = 12_000;
const ANALYSED = 10;
const DEEP_PAGE = 200;
const LIMIT = 50;

async function main(): Promise<void> {
  const advisor = await startAdvisor({ env: 'bench', universe: ASSETS });
  const { services } = advisor;
  const { documents, env, clock, log } = services;
  const assetsTable = tableName(env, 'assets');
  const analysisTable = tableName(env, 'assetAnalysis');
  const seeding = performance.now();

  await makeAssetSync(services)(advisor.job('asset-sync'));
  const universe = advisor.sandbox.universe.companies.filter(({ active }) => active);
  const analysed = universe.filter(({ model, trait }) => model === 'industrial' && trait === null).slice(0, ANALYSED);
  for (const { asset_id, symbol } of analysed) {
    const requested_at = clock().toISOString();
    await makePollinationWorker(services)(
      delivery('pollenationNeeded', { asset_id, symbol, reason: 'bench', requested_at }),
    );
    await makeAnalysisWorker(services)(delivery('analysisNeeded', { asset_id, symbol }, { time: requested_at }));
  }

  const done = new Set(analysed.map(({ asset_id }) => asset_id));
  const others = universe.filter(({ asset_id }) => !done.has(asset_id));
  await rateMarket(advisor, others);
  const sample = others[5];
  if (!sample) throw new Error('an empty universe');
  console.log(
    `${ASSETS} assets, ${universe.length} of them active and ranked, seeded in ${((performance.now() - seeding) / 1000).toFixed(0)} s`,
  );

  let units = 0;
  let requests = 0;
  documents.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } });
      const { ConsumedCapacity } = answer.output as { ConsumedCapacity?: { CapacityUnits?: number } };
      // dynalite takes nothing for a Query that finds nothing, DynamoDB half a unit.
      units += Math.max(0.5, ConsumedCapacity?.CapacityUnits ?? 0);
      requests += 1;
      return answer;
    },
    { step: 'initialize', name: 'countUnits' },
  );

  const handler = makeAssetsApi({ documents, env, clock, log, quotes: { latest: async () => null } });
  interface Listed {
    readonly items: { readonly symbol: string }[];
    readonly next_cursor: string | null;
  }
  const ask = async (route: Pick<Route, 'method' | 'path'>, asked: Asked) => {
    const answer = await call<Listed>(handler, route, asked);
    if (answer.statusCode !== 200) throw new Error(`${route.path}: ${answer.statusCode} ${answer.body}`);
    return answer.json;
  };
  const listing = (query: Readonly<Record<string, string>>) => () =>
    ask(routes.listAssets, { query: { limit: String(LIMIT), ...query } });
  const ranking = (query: Readonly<Record<string, string>>) => () =>
    ask(routes.listRankings, { query: { limit: String(LIMIT), ...query } });

  const bareQuery =
    (TableName: string, IndexName: string, key: string, value: string, more: object = {}, sort?: [string, string]) =>
    () =>
      documents.send(
        new QueryCommand({
          TableName,
          IndexName,
          Limit: LIMIT,
          KeyConditionExpression: sort ? `#k = :k AND ${sort[0]}` : '#k = :k',
          ExpressionAttributeNames: { '#k': key },
          ExpressionAttributeValues: { ':k': value, ...(sort && { ':s': sort[1] }) },
          ...more,
        }),
      );
  const bareListing = (from: string | undefined) =>
    bareQuery(assetsTable, 'by-listing', 'symbol_initial', from?.slice(0, 1) ?? 'A', {}, ['symbol >= :s', from ?? 'A']);

  let cursor: string | null = null;
  for (let at = 1; at < DEEP_PAGE; at++) {
    const { next_cursor }: Listed = await listing(cursor === null ? {} : { cursor })();
    if (next_cursor === null) throw new Error(`the list ends at page ${at}`);
    cursor = next_cursor;
  }
  const deep = { cursor: cursor ?? '' };
  // A page that runs through two partitions is held against as many items of the second alone.
  const first = (await listing({})()).items.at(-1)?.symbol.slice(0, 1);
  const deepFirst = (await listing(deep)()).items[0]?.symbol;
  const prefix = universe[Math.floor(universe.length / 2)]?.symbol.slice(0, 2) ?? 'AB';
  const nameWord = sample.name.split(' ')[0] ?? 'A';
  const bareName = (word: string) =>
    bareQuery(assetsTable, 'by-name', 'name_initial', word.slice(0, 1).toLowerCase(), {}, [
      'begins_with(name_key, :s)',
      word.toLowerCase(),
    ]);
  const { sector } = sample;
  let turn = 0;
  const someone = () => analysed[turn++ % analysed.length] ?? sample;
  const bareGet = () =>
    documents.send(new GetCommand({ TableName: assetsTable, Key: { asset_id: someone().asset_id } }));
  const bareAnalysis = () =>
    bareQuery(analysisTable, 'by-asset', 'asset_id', someone().asset_id, { Limit: 1, ScanIndexForward: false }, [
      'analysis_id < :s',
      RANKING,
    ])();

  const cases: readonly (readonly [string, () => Promise<unknown>, () => Promise<unknown>])[] = [
    ['GET /assets?limit=50', listing({}), bareListing(first)],
    [`GET /assets?query=${prefix} (symbols)`, listing({ query: prefix }), bareListing(prefix)],
    [`GET /assets?query=${nameWord} (names)`, listing({ query: nameWord }), bareName(nameWord)],
    [`GET /assets, page ${DEEP_PAGE} (from ${deepFirst ?? '?'})`, listing(deep), bareListing(deepFirst)],
    [
      'GET /assets?sort=rating',
      listing({ sort: 'rating' }),
      bareQuery(assetsTable, 'by-rating', 'rating_scope', RATED),
    ],
    [
      'GET /rankings?metric=piotroski',
      ranking({ metric: 'piotroski' }),
      bareQuery(analysisTable, 'by-rank', 'ranking', 'piotroski', { ScanIndexForward: false }),
    ],
    [
      `GET /rankings?…&sector=${sector}`,
      ranking({ metric: 'piotroski', sector }),
      bareQuery(analysisTable, 'by-sector-rank', 'sector_ranking', sectorRanking('piotroski', sector), {
        ScanIndexForward: false,
      }),
    ],
    ['GET /assets/{symbol}', () => ask(routes.getAsset, { parameters: { assetId: someone().symbol } }), bareGet],
    ['GET /assets/{id}', () => ask(routes.getAsset, { parameters: { assetId: someone().asset_id } }), bareGet],
    [
      'GET /assets/{symbol}/analysis',
      () => ask(routes.getAnalysis, { parameters: { assetId: someone().symbol } }),
      bareAnalysis,
    ],
  ];

  const taken = cases.map(() => [measured(), measured()] as const);
  for (let round = 0; round < WARM_UP + CALLS; round++) {
    for (const [at, [, route, bare]] of cases.entries()) {
      for (const [which, run] of [route, bare].entries()) {
        [units, requests] = [0, 0];
        const start = performance.now();
        await run();
        const ms = performance.now() - start;
        const into = taken[at]?.[which];
        if (round < WARM_UP || !into) continue;
        into.ms.push(ms);
        into.units += units;
        into.requests += requests;
      }
    }
  }

  console.log(`handler-level, one process with dynalite, ${CALLS} calls each in turns, Node.js ${process.version}`);
  const head = ['p50 ms', 'p99 ms', 'RRU', 'requests', 'bare p50', 'bare p99', 'bare RRU', '× p50', '× p99'];
  console.log([' '.repeat(38), ...head.map((name) => name.padStart(8))].join(' '));
  for (const [at, [name]] of cases.entries()) {
    const [route, bare] = taken[at] ?? [measured(), measured()];
    const cells = [
      quantile(route.ms, 0.5).toFixed(1),
      quantile(route.ms, 0.99).toFixed(1),
      (route.units / CALLS).toFixed(1),
      (route.requests / CALLS).toFixed(1),
      quantile(bare.ms, 0.5).toFixed(1),
      quantile(bare.ms, 0.99).toFixed(1),
      (bare.units / CALLS).toFixed(1),
      (quantile(route.ms, 0.5) / quantile(bare.ms, 0.5)).toFixed(2),
      (quantile(route.ms, 0.99) / quantile(bare.ms, 0.99)).toFixed(2),
    ];
    console.log([name.padEnd(38), ...cells.map((cell) => cell.padStart(8))].join(' '));
  }
  await advisor.stop();
}

const measured = () => ({ ms: [] as number[], units: 0, requests: 0 });

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
