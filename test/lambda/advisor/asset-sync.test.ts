import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { makeHandler } from '../../../lambda/advisor/asset-sync';
import type { AlpacaAsset } from '../../../lambda/adapters/providers/alpaca';
import { startAdvisor, type TestAdvisor } from './advisor';

const ASSETS = 'signal9-test-assets';
let advisor: TestAdvisor;
let listed: AlpacaAsset[];
let rejected: { index: number; reason: string }[];

/** A list like Alpaca's, of any length. */
const listOf = (length: number): AlpacaAsset[] =>
  Array.from({ length }, (_, index) => ({
    asset_id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    symbol: `S${index.toString(36).toUpperCase()}`,
    name: `Company ${index}`,
    exchange: 'NYSE',
    asset_class: 'us_equity',
    status: 'active',
    tradable: true,
    marginable: true,
    shortable: true,
    fractionable: true,
    easy_to_borrow: null,
    borrow_status: null,
    cusip: null,
    attributes: [],
  }));

beforeAll(async () => {
  advisor = await startAdvisor();
});
afterAll(() => advisor.stop());

async function sync() {
  const alpaca = { ...advisor.services.alpaca, listAssets: async () => ({ assets: listed, rejected }) };
  advisor.pass(86_400_000);
  advisor.forgetWrites();
  return makeHandler({ ...advisor.services, alpaca })(advisor.job('asset-sync'));
}

const row = async (index: number) =>
  (
    await advisor.dynamo.documents.send(
      new GetCommand({ TableName: ASSETS, Key: { asset_id: listOf(index + 1)[index]!.asset_id } }),
    )
  ).Item;

describe('asset sync of 12,000 assets', () => {
  beforeAll(() => {
    listed = listOf(12_000);
    rejected = [];
  });

  test('the first run writes each once', async () => {
    const { counts, outcome } = await sync();
    expect(outcome).toBe('done');
    expect(counts).toMatchObject({ listed: 12_000, created: 12_000, updated: 0, deactivated: 0, unchanged: 0 });
    expect(advisor.writes()[ASSETS]).toBe(12_000);
    expect(await row(11_999)).toMatchObject({ name: 'Company 11999', symbol_initial: 'S', status: 'active' });
  });

  test('an unchanged list writes no item', async () => {
    const { counts } = await sync();
    expect(counts).toMatchObject({ created: 0, updated: 0, deactivated: 0, unchanged: 12_000 });
    expect(advisor.writes()[ASSETS] ?? 0).toBe(0);
  });

  test('one changed name writes one item, and keeps what we know of the asset', async () => {
    listed = listed.map((asset, index) => (index === 77 ? { ...asset, name: 'Renamed Inc.' } : asset));
    const { counts } = await sync();
    expect(counts).toMatchObject({ created: 0, updated: 1, unchanged: 11_999 });
    expect(advisor.writes()[ASSETS]).toBe(1);
    expect(await row(77)).toMatchObject({ name: 'Renamed Inc.', name_key: 'renamed inc.', name_initial: 'r' });
  });

  test('a symbol that begins with no letter is filed under #, one filed elsewhere again by the next run', async () => {
    const whole = listed;
    const symbols = ['0028CVR010', '9X', '_A', 'a1'];
    listed = whole.map((asset, index) => ({ ...asset, symbol: symbols[index] ?? asset.symbol }));
    expect((await sync()).counts).toMatchObject({ updated: 4 });
    const initials = async () =>
      Promise.all([0, 1, 2, 3].map(async (index) => (await row(index))?.symbol_initial as unknown));
    expect(await initials()).toEqual(['#', '#', '#', 'A']);

    await advisor.dynamo.documents.send(
      new UpdateCommand({
        TableName: ASSETS,
        Key: { asset_id: listed[1]!.asset_id },
        UpdateExpression: 'SET symbol_initial = :initial',
        ExpressionAttributeValues: { ':initial': '9' },
      }),
    );
    expect((await sync()).counts).toMatchObject({ updated: 1, unchanged: 11_999 });
    expect(await initials()).toEqual(['#', '#', '#', 'A']);
    listed = whole;
    expect((await sync()).counts).toMatchObject({ updated: 4 });
  });

  test('what vanished turns inactive once, and active again when it is back', async () => {
    const whole = listed;
    listed = whole.slice(0, 11_998);
    expect((await sync()).counts).toMatchObject({ deactivated: 2 });
    expect(await row(11_999)).toMatchObject({ status: 'inactive', tradable: false });
    expect((await sync()).counts).toMatchObject({ deactivated: 0 });
    expect(advisor.writes()[ASSETS] ?? 0).toBe(0);
    listed = whole;
    expect((await sync()).counts).toMatchObject({ updated: 2 });
    expect(await row(11_999)).toMatchObject({ status: 'active', tradable: true });
  });

  test('a list that lost half the market is refused, and nothing changes', async () => {
    const whole = listed;
    listed = whole.slice(0, 5000);
    await expect(sync()).rejects.toThrow('lacks 7000 of 12000 active ones: refused');
    expect(advisor.writes()[ASSETS] ?? 0).toBe(0);
    listed = whole;
  });

  test('with malformed rows nothing is taken for vanished', async () => {
    const whole = listed;
    rejected = [{ index: 3, reason: 'status is missing' }];
    listed = whole.slice(0, 11_999);
    expect((await sync()).counts).toMatchObject({ rejected: 1, deactivated: 0 });
    expect(advisor.logged.at(-2)?.fields?.details).toEqual(['[3] ?: status is missing']);
    listed = whole;
    rejected = [];
  });

  test('an occurrence delivered twice runs once', async () => {
    const alpaca = { ...advisor.services.alpaca, listAssets: async () => ({ assets: listed, rejected }) };
    const handler = makeHandler({ ...advisor.services, alpaca });
    const event = advisor.job('asset-sync', '2026-05-30T08:00:00Z');
    const first = await handler(event);
    const again = await handler(event);
    expect([first.outcome, again.outcome]).toEqual(['done', 'repeated']);
    expect(again.counts).toEqual(first.counts);
  });

  test('an occurrence that failed may run again', async () => {
    let fails = true;
    const listAssets = async () => {
      if (fails) throw new Error('no route');
      return { assets: listed, rejected };
    };
    const handler = makeHandler({ ...advisor.services, alpaca: { ...advisor.services.alpaca, listAssets } });
    const event = advisor.job('asset-sync', '2026-05-31T08:00:00Z');
    await expect(handler(event)).rejects.toThrow('no route');
    fails = false;
    expect((await handler(event)).outcome).toBe('done');
  });

  test('an event that is no job is refused', async () => {
    await expect(makeHandler(advisor.services)({ job: 'asset-sync', scheduled_time: 'soon' })).rejects.toThrow();
  });
});
