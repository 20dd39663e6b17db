import { routes } from '../../../contract/routes';
import type { Metric, Ranked } from '../../../contract/schemas/rankings';
import { ratingKey, RATED } from '../../../lambda/adapters/dynamo/assets';
import { rankingStore } from '../../../lambda/adapters/dynamo/rankings';
import { makeHandler } from '../../../lambda/api/assets';
import { startDynamo, type TestDynamo } from '../../dynamo';
import { call, everyPage, recordingLog } from './call';
import { analysisRow, assetRow, idOf, NOW, put, ulidOf } from './seed';

const ENV = 'rankings';
let dynamo: TestDynamo;
const handler: ReturnType<typeof makeHandler> = (event) =>
  makeHandler({
    documents: dynamo.documents,
    env: ENV,
    clock: () => NOW,
    log: recordingLog(),
    quotes: { latest: async () => null },
  })(event);

/** 60 companies with ratings, many of them equal; every third in energy. Half as many more have none. */
const rated = Array.from({ length: 60 }, (_, n) => ({
  n,
  symbol: `${'QWERTY'.charAt(n % 6)}${String(n).padStart(2, '0')}X`,
  score: [12.5, 50, 50, 88.25, 0, 100, 61.99][n % 7]!,
  sector: n % 3 === 0 ? 'ENERGY' : 'TECHNOLOGY',
}));

beforeAll(async () => {
  dynamo = await startDynamo();
  await dynamo.createTables(ENV, ['assets', 'assetAnalysis']);
  const rankings = rankingStore({ documents: dynamo.documents, sleep: async () => undefined }, ENV);
  for (const { n, symbol, score, sector } of rated) {
    const asset = { asset_id: idOf(n), symbol, name: `Company ${n}`, sector };
    await rankings.place(asset, { rating: score, pe: score + 1, sloan: score - 50 }, '2026-05-17T10:00:00Z');
  }
  await put(dynamo.documents, ENV, 'assetAnalysis', [analysisRow(1, idOf(1), 'W01X'), analysisRow(2, idOf(1), 'W01X')]);
  await put(dynamo.documents, ENV, 'assets', [
    ...rated.map(({ n, symbol, score, sector }) =>
      assetRow(n, symbol, {
        name: `Company ${n}`,
        sector,
        rating: {
          analysis_id: ulidOf(n),
          score,
          grade: 'B',
          coverage: 1,
          fiscal_date: null,
          analyzed_at: '2026-05-17T10:00:00Z',
        },
        rating_key: ratingKey(score, symbol),
        rating_scope: RATED,
      }),
    ),
    ...Array.from({ length: 30 }, (_, n) => assetRow(100 + n, `U${n}N`, { name: `Company ${100 + n}` })),
  ]);
});
afterAll(() => dynamo.stop());

const bySymbol = (a: { symbol: string }, b: { symbol: string }) => (a.symbol < b.symbol ? -1 : 1);

describe('GET /rankings', () => {
  const all = async (query: Record<string, string>) =>
    (await everyPage<Ranked>(handler, routes.listRankings, { query: { limit: '7', ...query } })).items;

  test.each([
    ['rating', undefined, -1],
    ['rating', 'asc', 1],
    ['pe', undefined, 1],
    ['pe', 'desc', -1],
    ['sloan', 'asc', 1],
  ] as const)('by %s, order %s, page by page, equal values by symbol', async (metric, order, direction) => {
    const items = await all({ metric, ...(order && { order }) });
    const valueOf = { rating: 0, pe: 1, sloan: -50 }[metric];
    const expected = [...rated].sort((a, b) => direction * (a.score - b.score || bySymbol(a, b)));
    expect(items.map(({ symbol, value }) => [symbol, value])).toEqual(
      expected.map(({ symbol, score }) => [symbol, score + valueOf]),
    );
    expect(items[0]).toEqual({
      metric,
      asset_id: idOf(expected[0]!.n),
      symbol: expected[0]!.symbol,
      name: `Company ${expected[0]!.n}`,
      sector: expected[0]!.sector,
      value: expected[0]!.score + valueOf,
      analyzed_at: '2026-05-17T10:00:00Z',
    });
  });

  test('is the rating’s where no metric is asked for, and a sector’s where one is', async () => {
    expect((await all({}))[0]).toMatchObject({ metric: 'rating', value: 100 });
    const energy = await all({ metric: 'pe', sector: 'ENERGY' });
    expect(energy).toHaveLength(20);
    expect(energy.every(({ sector }) => sector === 'ENERGY')).toBe(true);
    expect(await all({ sector: 'NOWHERE' })).toEqual([]);
    expect(await all({ metric: 'roe' satisfies Metric })).toEqual([]);
  });

  test('refuses a metric that is none, and a cursor of another ranking', async () => {
    const wrong = await call(handler, routes.listRankings, { query: { metric: 'luck' } });
    expect([wrong.statusCode, wrong.json.error.details[0].path]).toEqual([400, 'metric']);
    const { json } = await call(handler, routes.listRankings, { query: { limit: '3' } });
    const others: readonly Record<string, string>[] = [{ metric: 'pe' }, { sector: 'ENERGY' }, { order: 'asc' }];
    for (const query of others) {
      const answer = await call(handler, routes.listRankings, { query: { cursor: json.next_cursor, ...query } });
      expect(answer.json.error.code).toBe('invalid_cursor');
    }
  });

  test('does not stand in the way of the latest analysis and of the earlier ones', async () => {
    const asset = { parameters: { assetId: idOf(1) } };
    expect((await call(handler, routes.getAnalysis, asset)).json.analysis_id).toBe(ulidOf(2));
    const { json } = await call(handler, routes.getAnalysis, { ...asset, query: { history: 'true' } });
    expect(json).toMatchObject({ items: [{ analysis_id: ulidOf(1) }], next_cursor: null });
  });
});

describe('GET /assets?sort=rating', () => {
  const all = async (query: Record<string, string>) =>
    (
      await everyPage<{ symbol: string; rating: { score: number } | null }>(handler, routes.listAssets, {
        query: { sort: 'rating', limit: '7', ...query },
      })
    ).items;

  test('shows the best first, equal ones by symbol, and after them those without a rating', async () => {
    const items = await all({});
    const expected = [...rated].sort((a, b) => b.score - a.score || bySymbol(a, b)).map(({ symbol }) => symbol);
    expect(items.slice(0, 60).map(({ symbol }) => symbol)).toEqual(expected);
    const others = items.slice(60);
    expect(others).toHaveLength(30);
    expect(others.every(({ rating }) => rating === null)).toBe(true);
    expect(others).toEqual([...others].sort(bySymbol));
  });

  test('keeps the filters', async () => {
    expect((await all({ sector: 'ENERGY' })).map(({ rating }) => rating!.score)).toEqual(
      rated
        .filter(({ sector }) => sector === 'ENERGY')
        .map(({ score }) => score)
        .sort((a, b) => b - a),
    );
    const q = await all({ query: 'q' });
    expect(q).toHaveLength(10);
    const named = await all({ query: 'company 1' });
    expect(named.map(({ symbol }) => symbol).sort()).toEqual(
      [
        ...rated.filter(({ n }) => String(n).startsWith('1')),
        ...Array.from({ length: 30 }, (_, n) => ({ symbol: `U${n}N` })),
      ]
        .map(({ symbol }) => symbol)
        .sort(),
    );
    expect(named.slice(0, 11).every(({ rating }) => rating !== null)).toBe(true);
  });

  test('has cursors of its own', async () => {
    const { json } = await call(handler, routes.listAssets, { query: { limit: '3' } });
    const answer = await call(handler, routes.listAssets, { query: { cursor: json.next_cursor, sort: 'rating' } });
    expect(answer.json.error.code).toBe('invalid_cursor');
  });
});
