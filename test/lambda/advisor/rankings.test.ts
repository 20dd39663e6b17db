import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as fc from 'fast-check';
import { type Metric } from '../../../contract/schemas/rankings';
import { makeHandler as makeAnalysisWorker } from '../../../lambda/advisor/analysis-worker';
import { makeHandler as makeAssetSync } from '../../../lambda/advisor/asset-sync';
import { assetStore } from '../../../lambda/adapters/dynamo/assets';
import { rankKey } from '../../../lambda/adapters/dynamo/rank-key';
import { type MetricValues, RANKING, rankingStore } from '../../../lambda/adapters/dynamo/rankings';
import type { AlpacaAsset } from '../../../lambda/adapters/providers/alpaca';
import { SANDBOX_SYMBOLS } from '../../../local/sandbox/sandbox';
import { delivery, pollinateAndAnalyse, startAdvisor, type TestAdvisor } from './advisor';

const ANALYSES = 'signal9-test-asset-analysis';
let advisor: TestAdvisor;
let listed: readonly AlpacaAsset[];
let steady: AlpacaAsset;

beforeAll(async () => {
  advisor = await startAdvisor();
  listed = (await advisor.services.alpaca.listAssets({ assetClass: 'us_equity' })).assets;
  steady = listed.find(({ symbol }) => symbol === SANDBOX_SYMBOLS.steady)!;
  await sync(listed);
  await pollinateAndAnalyse(advisor, steady);
});
afterAll(() => advisor.stop());

async function sync(assets: readonly AlpacaAsset[], bus = advisor.services.bus) {
  advisor.pass(86_400_000);
  advisor.published.length = 0;
  advisor.forgetWrites();
  const alpaca = { ...advisor.services.alpaca, listAssets: async () => ({ assets: [...assets], rejected: [] }) };
  return makeAssetSync({ ...advisor.services, alpaca, bus })(advisor.job('asset-sync'));
}

async function placesOf({ asset_id }: Pick<AlpacaAsset, 'asset_id'>) {
  const { Items } = await advisor.dynamo.documents.send(
    new QueryCommand({
      TableName: ANALYSES,
      IndexName: 'by-asset',
      KeyConditionExpression: 'asset_id = :a AND begins_with(analysis_id, :ranking)',
      ExpressionAttributeValues: { ':a': asset_id, ':ranking': RANKING },
    }),
  );
  return Items ?? [];
}

const analyse = (asset: AlpacaAsset) =>
  makeAnalysisWorker(advisor.services)(
    delivery(
      'analysisNeeded',
      { asset_id: asset.asset_id, symbol: asset.symbol },
      { time: advisor.now().toISOString() },
    ),
  );
const asked = () => advisor.published.filter(({ event }) => event === 'analysisNeeded').map(({ detail }) => detail);

describe('a rank key', () => {
  test('sorts as its number does, and equal numbers by symbol', () => {
    const number = fc.oneof(
      fc.double({ noNaN: true }),
      fc.constantFrom(0, -0, 1, -1, Number.MAX_VALUE, Number.MIN_VALUE),
      fc.integer(),
    );
    fc.assert(
      fc.property(number, number, (a, b) => {
        const [first, second] = [rankKey(a, 'A'), rankKey(b, 'B')];
        expect(first < second).toBe(a <= b);
      }),
    );
  });
});

describe('the places of an analysed asset', () => {
  test('are one for each metric that has a value, in its ranking and in its sector’s', async () => {
    const places = await placesOf(steady);
    expect(places.length).toBeGreaterThan(25);
    expect(places.map(({ ranking }) => ranking as string)).toEqual(
      expect.arrayContaining(['rating', 'piotroski', 'roe']),
    );
    for (const row of places) {
      expect(row).toMatchObject({
        analysis_id: `${RANKING}${String(row.ranking)}`,
        rank_key: rankKey(row.value as number, steady.symbol),
        sector_ranking: `${String(row.ranking)}#${String(row.sector)}`,
        name: steady.name,
      });
    }
  });

  test('are written once: a second delivery writes nothing', async () => {
    advisor.forgetWrites();
    expect(await analyse(steady)).toEqual({ batchItemFailures: [] });
    expect(advisor.writes()).toEqual({});
  });

  test('of a changed value are rewritten alone, and go with the value', async () => {
    const store = rankingStore(advisor.services, 'test');
    const asset = { asset_id: '00000000-0000-4000-8000-00000000abcd', symbol: 'CHG', name: 'Change', sector: null };
    const place = (values: MetricValues) => store.place(asset, values, '2026-05-18T12:00:00Z');
    expect(await place({ roe: 0.1, pe: 12, rating: 50 })).toEqual({ written: 3, removed: 0 });
    expect(await place({ roe: 0.2, pe: null, rating: 50 })).toEqual({ written: 1, removed: 1 });
    const rows = await placesOf(asset);
    expect(rows.map(({ ranking, value }) => [ranking as Metric, value as number])).toEqual([
      ['rating', 50],
      ['roe', 0.2],
    ]);
    expect(rows[0]).not.toHaveProperty('sector_ranking');
    expect(await place({})).toEqual({ written: 0, removed: 2 });
  });

  test('are read again where DynamoDB left some out, but not for ever', async () => {
    const left = { [ANALYSES]: { Keys: [{ analysis_id: 'ranking#roe', asset_id: 'x' }] } };
    const naps: number[] = [];
    const answering = (answers: number) => {
      let asks = 0;
      const send = async () => ((asks += 1) <= answers ? { UnprocessedKeys: left } : { Responses: { [ANALYSES]: [] } });
      const documents = { send } as unknown as typeof advisor.services.documents;
      const sleep = async (milliseconds: number) => void naps.push(milliseconds);
      return rankingStore({ documents, sleep }, 'test').place({ ...steady, sector: null }, {}, 'now');
    };
    expect(await answering(2)).toEqual({ written: 0, removed: 0 });
    expect(naps).toEqual([100, 200]);
    await expect(answering(99)).rejects.toThrow('1 reads still unprocessed');
  });
});

describe('an asset that is renamed or delisted', () => {
  const rest = () => listed.filter(({ asset_id }) => asset_id !== steady.asset_id);

  test('is told to the worker once, and its places follow', async () => {
    const renamed = { ...steady, name: 'Steadier Inc.' };
    await sync([...rest(), renamed]);
    expect(asked()).toEqual([{ asset_id: steady.asset_id, symbol: steady.symbol }]);
    await analyse(renamed);
    expect(new Set((await placesOf(steady)).map(({ name }) => name as string))).toEqual(new Set(['Steadier Inc.']));
    await sync([...rest(), renamed]);
    expect([asked(), advisor.writes()['signal9-test-assets'] ?? 0]).toEqual([[], 0]);
  });

  test('is left alone where something changed that no ranking shows', async () => {
    await sync([...rest(), { ...steady, name: 'Steadier Inc.', marginable: !steady.marginable }]);
    expect(asked()).toEqual([]);
  });

  test('leaves every ranking when it vanishes, and is back when it is listed again', async () => {
    await sync(rest());
    expect(asked()).toHaveLength(1);
    await analyse(steady);
    expect(await placesOf(steady)).toEqual([]);
    await sync(rest());
    expect(asked()).toEqual([]);
    await sync(listed);
    expect(asked()).toHaveLength(1);
    await analyse(steady);
    expect((await placesOf(steady)).length).toBeGreaterThan(25);
  });

  test('is told by the next run where this one died before the bus took it', async () => {
    const broken = { publish: () => Promise.reject(new Error('the bus is away')) };
    for (const assets of [rest(), [...rest(), { ...steady, name: 'Renamed again' }]]) {
      await expect(sync(assets, broken)).rejects.toThrow('the bus is away');
      await sync(assets);
      expect(asked()).toEqual([{ asset_id: steady.asset_id, symbol: steady.symbol }]);
      await sync(assets);
      expect(asked()).toEqual([]);
    }
    await analyse(steady);
  });

  test('while it is being analysed leaves no place behind', async () => {
    const store = assetStore(advisor.services, 'test');
    const { asset_id } = steady;
    await rankingStore(advisor.services, 'test').place({ ...steady, sector: null }, {}, 'now');
    const documents = Object.assign(Object.create(advisor.services.documents) as typeof advisor.services.documents, {
      // The sync comes between the worker's read of the asset and its writes.
      send: async (command: { input: { RequestItems?: object } }) => {
        if (command.constructor.name === 'BatchGetCommand') await store.deactivate([asset_id], 'now');
        return advisor.services.documents.send(command as never);
      },
    });
    const detail = { asset_id, symbol: steady.symbol };
    await makeAnalysisWorker({ ...advisor.services, documents })(delivery('analysisNeeded', detail));
    expect(await placesOf(steady)).toEqual([]);
    await sync(listed);
  });
});
