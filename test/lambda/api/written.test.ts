import { routes } from '../../../contract/routes';
import { analysisStore } from '../../../lambda/adapters/dynamo/analyses';
import { assetStore } from '../../../lambda/adapters/dynamo/assets';
import { earningsCalendarStore } from '../../../lambda/adapters/dynamo/earnings-calendar';
import { fundamentalsStore } from '../../../lambda/adapters/dynamo/fundamentals';
import { newsStore } from '../../../lambda/adapters/dynamo/news';
import { makeHandler as makeAssets } from '../../../lambda/api/assets';
import { makeHandler as makeMarket } from '../../../lambda/api/market';
import type { Analysis } from '../../../contract/schemas/analysis';
import { examples } from '../../../contract/examples';
import { startDynamo, type TestDynamo } from '../../dynamo';
import { call, recordingLog } from './call';
import { idOf, NOW } from './seed';

/** What the advisor's stores write is what the API reads: the two meet only in the tables. */

const ENV = 'written';
const at = '2026-05-17T09:00:00.000Z';
let dynamo: TestDynamo;
const services = () => ({ documents: dynamo.documents, env: ENV, clock: () => NOW, log: recordingLog() });
const assets: ReturnType<typeof makeAssets> = (event) =>
  makeAssets({ ...services(), quotes: { latest: async () => null } })(event);
const market: ReturnType<typeof makeMarket> = (event) => makeMarket(services())(event);

beforeAll(async () => {
  dynamo = await startDynamo();
  await dynamo.createTables(ENV);
  const ports = { documents: dynamo.documents, sleep: async () => undefined, random: () => 0 };
  const common = { exchange: 'NYSE', asset_class: 'us_equity', status: 'active', tradable: true, marginable: true };
  const more = { shortable: true, fractionable: true, easy_to_borrow: null, borrow_status: null, cusip: null };
  await assetStore(ports, ENV).create(
    [
      { asset_id: idOf(1), symbol: 'IBM', name: 'International Business Machines', ...common, ...more, attributes: [] },
      { asset_id: idOf(2), symbol: 'NONAME', name: '', ...common, ...more, attributes: ['has_options'] },
    ],
    at,
  );
  await assetStore(ports, ENV).recordRating(
    idOf(1),
    {
      rating: { analysis_id: 'x', score: null, grade: null, coverage: 0, fiscal_date: null, analyzed_at: at },
      sector: 'TECHNOLOGY',
      industry: null,
      currency: 'USD',
    },
    'IBM',
  );
  const article = (examples.listNews as { items: Parameters<ReturnType<typeof newsStore>['save']>[0] }).items[0]!;
  await newsStore(ports, ENV).save([article], new Map([['IBM', idOf(1)]]));
  await earningsCalendarStore(ports, ENV).save(
    [
      {
        calendar_id: `${idOf(1)}#2026-06-30`,
        asset_id: idOf(1),
        symbol: 'IBM',
        name: 'International Business Machines',
        report_date: '2026-07-22',
        fiscal_date_ending: '2026-06-30',
        estimate: null,
        currency: null,
        time_of_day: null,
      },
    ],
    [],
    at,
  );
  const fundamentals = fundamentalsStore(ports, ENV);
  const row = { fiscal_date_ending: '2025-12-31', reported_currency: 'USD', figures: { netIncome: '10593000000' } };
  await fundamentals.saveStatement(
    'incomeStatement',
    idOf(1),
    [
      { ...row, period: 'annual' },
      { ...row, period: 'quarterly' },
    ],
    at,
  );
  await fundamentals.saveOverview(idOf(1), 'IBM', { Sector: 'TECHNOLOGY' }, at);
  const analysis = { ...(examples.getAnalysis as Analysis), asset_id: idOf(1) };
  await analysisStore(ports, ENV).add({ ...analysis, digest: 'd' });
});
afterAll(() => dynamo.stop());

test('assets, by symbol and by name, with what the overview says', async () => {
  const { json } = await call(assets, routes.listAssets);
  expect(json.items).toMatchObject([
    { symbol: 'IBM', sector: 'TECHNOLOGY', rating: { score: null } },
    { symbol: 'NONAME', name: '', attributes: ['has_options'] },
  ]);
  expect((await call(assets, routes.listAssets, { query: { query: 'international b' } })).json.items).toHaveLength(1);
  expect((await call(assets, routes.getAsset, { parameters: { assetId: 'noname' } })).statusCode).toBe(200);
});

test('an analysis as it was computed', async () => {
  const { json } = await call(assets, routes.getAnalysis, { parameters: { assetId: 'IBM' } });
  expect(json).toEqual({ ...(examples.getAnalysis as Analysis), asset_id: idOf(1) });
});

test('both statements of one fiscal date, and the overview', async () => {
  const get = (statement: string) => call(assets, routes.getFinancials, { parameters: { assetId: 'IBM', statement } });
  expect((await get('income-statement')).json.items).toMatchObject([
    { fiscal_date_ending: '2025-12-31', period: 'annual', figures: { netIncome: '10593000000' } },
    { fiscal_date_ending: '2025-12-31', period: 'quarterly' },
  ]);
  expect((await get('overview')).json.items).toEqual([{ figures: { Sector: 'TECHNOLOGY' }, fetched_at: at }]);
});

test('news of all and of one, and report dates', async () => {
  expect((await call(market, routes.listNews)).json).toEqual(examples.listNews);
  expect((await call(market, routes.listAssetNews, { parameters: { assetId: 'IBM' } })).json).toEqual(
    examples.listNews,
  );
  const queries: readonly Record<string, string>[] = [{}, { symbol: 'IBM' }];
  for (const query of queries) {
    const { json } = await call(market, routes.listEarnings, { query });
    expect(json.items).toMatchObject([{ symbol: 'IBM', report_date: '2026-07-22', updated_at: at }]);
  }
});
