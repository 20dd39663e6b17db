import { functions } from '../../../contract/functions';
import { assetRoutes } from '../../../contract/routes/assets';
import { makeHandler as makeAnalysisWorker } from '../../../lambda/advisor/analysis-worker';
import { makeHandler as makeAssetSync } from '../../../lambda/advisor/asset-sync';
import { makeHandler as makeUniverseRanking } from '../../../lambda/advisor/universe-ranking';
import { assetStore } from '../../../lambda/adapters/dynamo/assets';
import { rankingStore } from '../../../lambda/adapters/dynamo/rankings';
import { makeHandler as makeAssetsApi } from '../../../lambda/api/assets';
import { SANDBOX_SYMBOLS } from '../../../local/sandbox/sandbox';
import { call } from '../api/call';
import { delivery, NOON, pollinateAndAnalyse, startAdvisor, type TestAdvisor } from './advisor';

const ANALYSES = 'signal9-test-asset-analysis';
let advisor: TestAdvisor;
let asset: { asset_id: string; symbol: string };
let sector: string;

/** A company that the rankings know, without an analysis behind it. */
const company = (name: string) => ({
  asset_id: `00000000-0000-4000-8000-00000000000${name}`,
  symbol: `P${name}`,
  name,
});
const place = (name: string, figures: { earnings_yield: number; return_on_capital: number; roe: number }) =>
  rankingStore(advisor.services, 'test').place({ ...company(name), sector }, figures, NOON);
const rank = (hour: number) =>
  makeUniverseRanking(advisor.services)(advisor.job('universe-ranking', `2026-05-18T${hour}:45:00Z`));

const api = () => makeAssetsApi({ ...advisor.services, quotes: { latest: () => Promise.resolve(null) } });
async function analysis() {
  const { json } = await call(api(), assetRoutes.getAnalysis, { parameters: { assetId: asset.symbol } });
  return json as {
    scores: {
      magic_formula: { value: number | null; status: string; missing: string[]; parts: Record<string, unknown> };
    };
    ratios: Record<string, { value: number | null; sector_percentile?: number }>;
    rules: { id: string; threshold: number }[];
  };
}
async function magicRanking() {
  const { json } = await call(api(), assetRoutes.listRankings, { query: { metric: 'magic_formula' } });
  return (json as { items: { symbol: string; value: number }[] }).items.map(({ symbol, value }) => [symbol, value]);
}

beforeAll(async () => {
  advisor = await startAdvisor();
  await makeAssetSync(advisor.services)(advisor.job('asset-sync'));
  const ids = await assetStore(advisor.services, 'test').idsBySymbol();
  asset = { symbol: SANDBOX_SYMBOLS.steady, asset_id: ids.get(SANDBOX_SYMBOLS.steady)! };
  await pollinateAndAnalyse(advisor, asset);
  const { json } = await call(api(), assetRoutes.getAsset, { parameters: { assetId: asset.symbol } });
  ({ sector } = json as { sector: string });
});
afterAll(() => advisor.stop());

test('one company alone is compared with nobody, and says what is missing', async () => {
  expect((await rank(10)).counts).toMatchObject({ companies: 1, ranked: 0, places: 0 });
  const { scores } = await analysis();
  expect(scores.magic_formula).toMatchObject({ value: null, status: 'missing', missing: ['universe.magic_formula'] });
  expect(await magicRanking()).toEqual([]);
});

test('five are ranked, all at one moment; the analysis shows its place, and of which moment', async () => {
  const own = (await analysis()).scores.magic_formula.parts as { earnings_yield: number; return_on_capital: number };
  // One is better in both, three are worse in both.
  await place('1', { earnings_yield: own.earnings_yield + 1, return_on_capital: own.return_on_capital + 1, roe: -9 });
  for (const n of [2, 3, 4])
    await place(String(n), {
      earnings_yield: own.earnings_yield - n,
      return_on_capital: own.return_on_capital - n,
      roe: -10 - n,
    });
  advisor.pass(60_000);
  expect((await rank(11)).counts).toMatchObject({ companies: 5, ranked: 5, places: 5, removed: 0 });

  const { scores } = await analysis();
  expect(scores.magic_formula).toMatchObject({
    value: 4,
    status: 'ok',
    missing: [],
    parts: { ...own, earnings_yield_rank: 2, return_on_capital_rank: 2, rank: 2, of: 5 },
  });
  expect(scores.magic_formula.parts.compared_at).toBe(advisor.now().toISOString());
  expect(await magicRanking()).toEqual([
    ['P1', 2],
    [asset.symbol, 4],
    ['P2', 6],
    ['P3', 8],
    ['P4', 10],
  ]);
});

test('a ratio shows its percentile within the sector, where five companies of it have the ratio', async () => {
  const { ratios } = await analysis();
  // Above all four others: (4 + ½) ÷ 5.
  expect(ratios.roe?.sector_percentile).toBe(0.9);
  // Nobody else has this one.
  expect(ratios.asset_turnover?.value).not.toBeNull();
  expect(ratios.asset_turnover).not.toHaveProperty('sector_percentile');
});

test('nothing changed is nothing written; an occurrence delivered twice is one', async () => {
  advisor.pass(60_000);
  advisor.forgetWrites();
  expect((await rank(12)).counts).toMatchObject({ standings: 0, places: 0, removed: 0 });
  expect(advisor.writes()[ANALYSES]).toBeUndefined();
  expect((await rank(12)).outcome).toBe('repeated');
});

test('an analysis of the same figures leaves the place where it is', async () => {
  const before = await magicRanking();
  await makeAnalysisWorker(advisor.services)(delivery('analysisNeeded', asset, { time: advisor.now().toISOString() }));
  expect(await magicRanking()).toEqual(before);
});

test('who left the rankings leaves the comparison, and the others move up', async () => {
  await rankingStore(advisor.services, 'test').place({ ...company('1'), sector }, null, NOON);
  expect((await magicRanking()).map(([symbol]) => symbol)).not.toContain('P1');
  await place('5', { earnings_yield: -99, return_on_capital: -99, roe: -99 });
  await rank(13);
  expect(await magicRanking()).toEqual([
    [asset.symbol, 2],
    ['P2', 4],
    ['P3', 6],
    ['P4', 8],
    ['P5', 10],
  ]);
  expect((await analysis()).scores.magic_formula).toMatchObject({ value: 2, parts: { rank: 1, of: 5 } });
});

test('the Beneish threshold is the environment’s', async () => {
  const variables = { SIGNAL9_ENV: 'test', QUEUE_URL: 'http://q', DLQ_URL: 'http://d', MAX_RECEIVE_COUNT: '3' };
  const { environment } = functions['analysis-worker'];
  expect(environment.safeParse(variables).error?.issues[0]?.path).toEqual(['BENEISH_THRESHOLD']);
  expect(environment.safeParse({ ...variables, BENEISH_THRESHOLD: 'strict' }).success).toBe(false);
  const { BENEISH_THRESHOLD } = environment.parse({ ...variables, BENEISH_THRESHOLD: '-2.22' });
  advisor.pass(1_000);
  await makeAnalysisWorker({ ...advisor.services, settings: { beneish_threshold: BENEISH_THRESHOLD } })(
    delivery('analysisNeeded', asset, { time: advisor.now().toISOString() }),
  );
  expect((await analysis()).rules.find(({ id }) => id === 'beneish_clear')?.threshold).toBe(-2.22);
});
