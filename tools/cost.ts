/**
 * What one call of each route, one run of each job and one asset consume of DynamoDB: the real handlers on dynalite, the
 * providers from the sandbox, 12,000 assets. Writes docs/cost.md, in about two minutes. `npx tsx tools/cost.ts`
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { type RouteId, routes } from '../contract/routes';
import { DEFAULT_TIME_ZONE } from '../contract/schedules';
import { readCallBudgetUsage } from '../lambda/adapters/call-budget-usage';
import type { ProviderPlan } from '../lambda/adapters/ports';
import { makeHandler as makeAnalysisWorker } from '../lambda/advisor/analysis-worker';
import { makeHandler as makeAssetSync } from '../lambda/advisor/asset-sync';
import { makeHandler as makeEarningsPollination } from '../lambda/advisor/earnings-pollination';
import { makeHandler as makeEarningsSync } from '../lambda/advisor/earnings-sync';
import { makeHandler as makeNewsSync } from '../lambda/advisor/news-sync';
import { makeHandler as makePollinationWorker } from '../lambda/advisor/pollination-worker';
import { makeHandler as makeRegularPollination } from '../lambda/advisor/regular-pollination';
import { makeHandler as makeHealth } from '../lambda/api/health';
import type { Company } from '../local/sandbox/universe';
import { delivery, startAdvisor, type TestAdvisor } from '../test/lambda/advisor/advisor';
import { rateMarket } from '../test/lambda/advisor/rated-market';
import { apiOn, bodyOf } from '../test/lambda/api/api';
import { type Asked, call } from '../test/lambda/api/call';
import { meter, sum, times, type Units } from './dynamo-meter';

const FILE = join(__dirname, '..', 'docs', 'cost.md');
const ASSETS = 12_000;
/** Alpaca changes what may be borrowed of some each day. */
const CHANGED = 120;
/** The figures of one asset are the mean of so many. */
const ANALYSED = 20;
const HOUR_MS = 3_600_000;
const DAYS = 30;
const LIMIT = '50';
/** USD a million request units, on demand, us-east-1: https://aws.amazon.com/dynamodb/pricing/on-demand/ */
const READ_PRICE = 0.125;
const WRITE_PRICE = 0.625;

/** Those of docs/pollination.md. */
const PLANS: readonly (readonly [string, ProviderPlan])[] = [
  ['free: 25 a day', { rps: 1, rpm: null, rpd: 25, timeZone: DEFAULT_TIME_ZONE }],
  ['75 a minute', { rps: 2, rpm: 75, rpd: null, timeZone: DEFAULT_TIME_ZONE }],
  ['600 a minute', { rps: 10, rpm: 600, rpd: null, timeZone: DEFAULT_TIME_ZONE }],
];
const TABLELESS: readonly RouteId[] = ['getOpenApi', 'getDocs', 'getDocsAsset'];

interface Row {
  readonly cells: readonly string[];
  readonly units: Units;
}
type Measure = ReturnType<typeof meter>;
type Counts = Readonly<Record<string, number>>;

async function measureJobs(advisor: TestAdvisor, measured: Measure) {
  const { services, sandbox } = advisor;
  const { alpaca, clock } = services;
  const rows: Row[] = [];
  const assetRows: Row[] = [];
  const record = (into: Row[], units: Units, ...cells: readonly string[]) => {
    into.push({ cells, units });
    console.log(`${cells.join(', ')}: ${number(units.read)} read, ${number(units.table + units.index)} written`);
  };

  const hourNow = () =>
    Number(clock().toLocaleString('en-US', { timeZone: DEFAULT_TIME_ZONE, hour: 'numeric', hourCycle: 'h23' }));
  /** To the next such hour of the schedule's zone. */
  const until = (hour: number) => {
    do advisor.pass(HOUR_MS);
    while (hourNow() !== hour);
  };
  async function run(job: () => Promise<{ readonly counts: Counts }>) {
    const { units, result } = await measured(job);
    const of = (...names: readonly string[]) => names.map((name) => `${number(result.counts[name] ?? 0)} ${name}`);
    return { units, counts: result.counts, said: (...names: readonly string[]) => of(...names).join(', ') };
  }
  const syncAssets = (listed = alpaca) =>
    run(() => makeAssetSync({ ...services, alpaca: listed })(advisor.job('asset-sync')));
  const syncEarnings = () => run(() => makeEarningsSync(services)(advisor.job('earnings-sync')));
  const syncNews = () => run(() => makeNewsSync(services)(advisor.job('news-sync')));

  const firstAssets = await syncAssets();
  record(rows, firstAssets.units, 'asset sync, the first', firstAssets.said('created'));
  const firstEarnings = await syncEarnings();
  record(rows, firstEarnings.units, 'earnings sync, the first', firstEarnings.said('written'));
  const firstNews = await syncNews();
  record(rows, firstNews.units, 'news sync, the first', `24 hours: ${firstNews.said('written', 'links')}`);

  const active = sandbox.universe.companies.filter((company) => company.active);
  const companies = active.filter(({ model, trait }) => model === 'industrial' && trait === null).slice(0, ANALYSED);
  /** The mean of the companies' own. */
  async function each(worker: (company: Company) => Promise<unknown>): Promise<Units> {
    let total = times(0, firstAssets.units);
    for (const company of companies) total = sum(total, (await measured(() => worker(company))).units);
    return times(1 / companies.length, total);
  }
  const fetch = ({ asset_id, symbol }: Company) =>
    makePollinationWorker(services)(
      delivery('pollenationNeeded', { asset_id, symbol, reason: 'cost', requested_at: clock().toISOString() }),
    );
  const analyse = ({ asset_id, symbol }: Company) =>
    makeAnalysisWorker(services)(delivery('analysisNeeded', { asset_id, symbol }, { time: clock().toISOString() }));
  const firstFetch = await each(fetch);
  record(assetRows, firstFetch, 'fetched, the first time', 'five calls, all statements new');
  const firstAnalysis = await each(analyse);
  record(assetRows, firstAnalysis, 'analysed, the first time', 'with its places in the rankings');
  await rateMarket(
    advisor,
    active.filter((company) => !companies.includes(company)),
  );

  until(4);
  const unchanged = await syncAssets();
  record(rows, unchanged.units, 'asset sync, nothing changed', unchanged.said('unchanged'));
  until(5);
  const earnings = await syncEarnings();
  record(rows, earnings.units, 'earnings sync, the next day', earnings.said('written', 'unchanged'));
  until(7);
  const fetched = await each(fetch);
  record(assetRows, fetched, 'fetched, the next day', 'what did not change is not written');
  const analysed = await each(analyse);
  record(assetRows, analysed, 'analysed, the next day', 'a new analysis, and the places that changed');
  record(assetRows, await each(analyse), 'analysed, nothing new', 'nothing is stored');

  until(4);
  const list = await alpaca.listAssets({ assetClass: 'us_equity' });
  const changed = list.assets.map((asset, at) => (at < CHANGED ? { ...asset, shortable: !asset.shortable } : asset));
  const assets = await syncAssets({ ...alpaca, listAssets: async () => ({ ...list, assets: changed }) });
  record(rows, assets.units, 'asset sync, some changed', assets.said('updated', 'unchanged'));
  await syncNews();
  let news = times(0, assets.units);
  for (let hour = 0; hour < 24; hour++) {
    advisor.pass(HOUR_MS);
    news = sum(news, (await syncNews()).units);
  }
  record(rows, times(1 / 24, news), 'news sync, hourly', 'the mean of a day');

  const days: Row[] = [];
  /** What the analyses cost of the last plan's day. */
  let analyses = 0;
  for (const [name, plan] of PLANS) {
    // What the plan before queued is forgotten by then.
    advisor.pass(72 * HOUR_MS);
    const on = { ...services, plan };
    until(6);
    const reported = await run(() => makeEarningsPollination(on)(advisor.job('earnings-pollination')));
    record(rows, reported.units, 'planner, 06:00', `${name}: ${reported.said('queued')}`);
    until(7);
    const regular = await run(() => makeRegularPollination(on)(advisor.job('regular-pollination')));
    record(rows, regular.units, 'planner, 07:00', `${name}: ${regular.said('queued', 'deferred')}`);
    const queued = (reported.counts.queued ?? 0) + (regular.counts.queued ?? 0);
    const syncs = sum(assets.units, earnings.units, news, reported.units, regular.units);
    days.push({ cells: [name, 'syncs and planners'], units: syncs });
    const pollination = times(queued, sum(fetched, analysed));
    days.push({ cells: [name, `${number(queued)} assets fetched and analysed`], units: pollination });
    days.push({ cells: [name, '**together**'], units: sum(syncs, pollination) });
    analyses = dollars(times(queued, analysed)) / dollars(sum(syncs, pollination));
  }
  const fill = sum(
    firstAssets.units,
    firstEarnings.units,
    firstNews.units,
    times(active.length, sum(firstFetch, firstAnalysis)),
  );
  return { rows, assetRows, days, analyses, fill, company: companies[0] };
}

async function measureCalls(advisor: TestAdvisor, measured: Measure, company: Company): Promise<Row[]> {
  const { services } = advisor;
  const { clock, documents, env, plan } = services;
  const rows: Row[] = [];
  const left = new Set(Object.keys(routes).filter((id) => !(TABLELESS as readonly string[]).includes(id)));
  const api = apiOn({ documents }, env, { clock });
  const callBudgetUsage = () => readCallBudgetUsage({ documents, env, clock, plan });
  const health = makeHealth({ ...services, version: '1', region: 'local', callBudgetUsage });
  async function ask(id: RouteId, note = '', asked: Asked = {}): Promise<Record<string, unknown>> {
    const route = routes[id];
    const handler = id === 'getHealth' ? health : api(route);
    const { units, result } = await measured(() =>
      call<Record<string, unknown>>(handler, route, { ...bodyOf(route), ...asked }),
    );
    if (result.statusCode >= 300) throw new Error(`${id}: ${result.statusCode} ${result.body}`);
    left.delete(id);
    rows.push({ cells: [`\`${route.method} ${route.path}\``, note], units });
    return result.json;
  }
  const { symbol, asset_id, sector } = company;
  const limited = (query: Readonly<Record<string, string>> = {}) => ({ query: { limit: LIMIT, ...query } });
  const ofAsset = { parameters: { assetId: symbol } };
  const prefix = symbol.slice(0, 2);

  await ask('getHealth');
  await ask('listAssets', `${LIMIT} of ${number(ASSETS)}`, limited());
  await ask('listAssets', `query=${prefix}`, limited({ query: prefix }));
  await ask('listAssets', `${LIMIT}, sort=rating`, limited({ sort: 'rating' }));
  await ask('getAsset', 'by symbol', ofAsset);
  await ask('getAsset', 'by id', { parameters: { assetId: asset_id } });
  await ask('getAnalysis', 'the latest', ofAsset);
  await ask('getAnalysis', 'history', { ...ofAsset, query: { history: 'true' } });
  const ofStatement = (statement: string) => ({ parameters: { assetId: symbol, statement } });
  await ask('getFinancials', `up to ${LIMIT} rows`, { ...ofStatement('income-statement'), ...limited() });
  await ask('getFinancials', 'overview', ofStatement('overview'));
  await ask('listRankings', LIMIT, limited({ metric: 'piotroski' }));
  await ask('listRankings', `${LIMIT} of one sector`, limited({ metric: 'piotroski', sector }));
  await ask('listNews', LIMIT, limited());
  await ask('listAssetNews', '', { ...ofAsset, ...limited() });
  await ask('listEarnings', LIMIT, limited());
  await ask('listEarnings', 'one symbol', limited({ symbol }));
  const ofUser = { parameters: { userId: 'me' } };
  await ask('createUser');
  await ask('getUser', '', ofUser);
  await ask('replaceUser', '', ofUser);
  await ask('replacePreferences', '', ofUser);
  await ask('getPreferences', '', ofUser);
  const idOf = ({ watchlist_id }: Readonly<Record<string, unknown>>) => ({ watchlistId: String(watchlist_id) });
  const parameters = idOf(await ask('createWatchlist'));
  await ask('listWatchlists', 'one list');
  await ask('replaceWatchlist', '', { parameters });
  const item = { parameters, body: JSON.stringify({ symbol }) };
  const { item_id } = await ask('addWatchlistItem', '', item);
  await ask('getWatchlist', 'one item', { parameters });
  await ask('removeWatchlistItem', '', { parameters: { ...parameters, itemId: String(item_id) } });
  const add = (to: Asked) => call(api(routes.addWatchlistItem), routes.addWatchlistItem, { ...item, ...to });
  await add({});
  await ask('deleteWatchlist', 'with one item', { parameters });
  const another = await call<Record<string, unknown>>(
    api(routes.createWatchlist),
    routes.createWatchlist,
    bodyOf(routes.createWatchlist),
  );
  await add({ parameters: idOf(another.json) });
  await ask('deleteUser', 'with one list of one item', ofUser);
  if (left.size > 0) throw new Error(`not measured: ${[...left].join(', ')}`);
  return rows;
}

const number = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: value < 1000 ? 1 : 0 });
const dollars = ({ read, table, index }: Units): number => (read * READ_PRICE + (table + index) * WRITE_PRICE) / 1e6;
const price = (usd: number): string => usd.toFixed(usd < 0.995 ? 4 : 2);

/** @param priced heads of columns, and how many of the row each prices */
function tableOf(
  heads: readonly string[],
  rows: readonly Row[],
  priced: readonly (readonly [string, number])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const figures = ['reads', 'writes', 'of indexes', ...priced.map(([name]) => name)];
  return [
    line([...heads, ...figures]),
    line([...heads.map(() => '---'), ...figures.map(() => '---:')]),
    ...rows.map(({ cells, units }) =>
      line([
        ...cells,
        ...[units.read, units.table, units.index].map(number),
        ...priced.map(([, many]) => price(dollars(units) * many)),
      ]),
    ),
  ].join('\n');
}

function documentOf(jobs: Awaited<ReturnType<typeof measureJobs>>, calls: readonly Row[]): string {
  const { rows, assetRows, days, analyses, fill } = jobs;
  return `# What it costs

<!-- Written by tools/cost.ts; run it again after a change to a job, a read or a table: npx tsx tools/cost.ts -->

DynamoDB's request units with ${number(ASSETS)} assets, and what they cost on demand in us-east-1: USD ${READ_PRICE} a million read request units, USD ${WRITE_PRICE} a million write request units since November 2024 ([AWS's price list](https://aws.amazon.com/dynamodb/pricing/on-demand/)). Only DynamoDB's requests: no storage, backups, Lambda, API Gateway or provider's plan.

- **Measured:** reads, and writes to tables, are what dynalite says the real handlers consumed. A read that finds nothing counts as the smallest one, as in DynamoDB.
- **Computed:** dynalite counts no writes to indexes; they follow from each item before and after the write, by AWS's rules and \`contract/tables.ts\`.
- **Assumed:** the sandbox decides how much is news, who reports and what changed; ${CHANGED} assets a day change at Alpaca. An asset's figures are the mean of ${ANALYSED}; of a day and a month, they are multiplied.
- **Not in here:** \`universe-ranking\`, hourly, which needs every company's place in every ranking; [ADR 14](adr/0014-a-company-among-others.md) says what it costs.

## A day

One asset sync, one earnings sync, 24 news syncs and both planners; then the assets that the plan allows, each fetched and analysed again.

${tableOf(["Alpha Vantage's plan", 'what'], days, [
  ['USD a day', 1],
  [`USD a month of ${DAYS} days`, DAYS],
])}

With ${PLANS.at(-1)?.[0]}, ${(100 * analyses).toFixed(0)} % is the analyses: each may move its company's place in every ranking, and a place is in two indexes. Before the first such day the tables are filled once: the first syncs, and every active asset fetched and analysed, take ${number(fill.read)} reads and ${number(fill.table + fill.index)} writes, USD ${price(dollars(fill))}.

## A run of each job

${tableOf(['job', 'counts'], rows, [['USD a run', 1]])}

## An asset

${tableOf(['asset', ''], assetRows, [[`USD for ${number(ASSETS)}`, ASSETS]])}

## A call of each route

${tableOf(['route', ''], calls, [['USD a million calls', 1e6]])}

\`/openapi.json\` and \`/docs\` touch no table; a shared route that the stage's cache answers consumes nothing.
`;
}

async function main(): Promise<void> {
  const advisor = await startAdvisor({ env: 'cost', universe: ASSETS });
  const measured = meter(advisor.dynamo, advisor.services.env);
  const jobs = await measureJobs(advisor, measured);
  if (!jobs.company) throw new Error('an empty universe');
  const calls = await measureCalls(advisor, measured, jobs.company);
  await advisor.stop();
  const options = await resolveConfig(FILE);
  writeFileSync(FILE, await format(documentOf(jobs, calls), { ...options, parser: 'markdown' }));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
