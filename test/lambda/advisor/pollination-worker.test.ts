import { QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { makeHandler as makeAssetSync } from '../../../lambda/advisor/asset-sync';
import { makeHandler as makeAnalysisWorker } from '../../../lambda/advisor/analysis-worker';
import { makeHandler as makePollinationWorker } from '../../../lambda/advisor/pollination-worker';
import { assetStore } from '../../../lambda/adapters/dynamo/assets';
import { RANKING } from '../../../lambda/adapters/dynamo/rankings';
import { fundamentalsStore } from '../../../lambda/adapters/dynamo/fundamentals';
import { SANDBOX_SYMBOLS } from '../../../local/sandbox/sandbox';
import { delivery, message, pollinateAndAnalyse, startAdvisor, type TestAdvisor } from './advisor';

let advisor: TestAdvisor;
let ids: Map<string, string>;
const ok = { batchItemFailures: [] };

beforeAll(async () => {
  advisor = await startAdvisor();
  await makeAssetSync(advisor.services)(advisor.job('asset-sync'));
  ids = await assetStore(advisor.services, 'test').idsBySymbol();
});
afterAll(() => advisor.stop());
beforeEach(() => {
  advisor.sandbox.behave();
  advisor.pass(120_000);
  for (const list of [advisor.published, advisor.sentLater, advisor.parked, advisor.logged]) list.length = 0;
});

const named = (trait: keyof typeof SANDBOX_SYMBOLS) => {
  const symbol = SANDBOX_SYMBOLS[trait];
  return { symbol, asset_id: ids.get(symbol)! };
};
const requested = (asset: { asset_id: string; symbol: string }, at = advisor.now().toISOString()) =>
  delivery('pollenationNeeded', { ...asset, reason: 'test', requested_at: at });
const calls = (symbol: string) =>
  advisor.sandbox
    .callLog()
    .filter(({ provider, query }) => provider === 'alpha_vantage' && JSON.stringify(query).includes(symbol));
const stored = () => {
  const { documents, env } = advisor.services;
  return Promise.all(
    ['income-statement', 'balance-sheet', 'cash-flow', 'earnings', 'company-overview', 'asset-analysis'].map(
      async (table) => (await documents.send(new ScanCommand({ TableName: `signal9-${env}-${table}` }))).Items,
    ),
  );
};

test('five functions are fetched, stored by period and fiscal date, and the analysis is asked for', async () => {
  const asset = named('steady');
  expect(await makePollinationWorker(advisor.services)(requested(asset))).toEqual(ok);
  expect(calls(asset.symbol)).toHaveLength(5);
  expect(advisor.published).toEqual([{ event: 'analysisNeeded', detail: asset }]);

  const { Items } = await advisor.dynamo.documents.send(
    new QueryCommand({
      TableName: 'signal9-test-income-statement',
      KeyConditionExpression: 'asset_id = :a',
      ExpressionAttributeValues: { ':a': asset.asset_id },
    }),
  );
  const dates = Items!.map(({ fiscal_date }) => fiscal_date as string);
  const annual = dates.filter((date) => date.startsWith('annual#')).map((date) => date.split('#')[1]);
  // Annual and quarterly rows of one date both survive.
  for (const date of annual.slice(-3)) expect(dates).toContain(`quarterly#${date}`);
  const both = Items!.filter(({ fiscal_date_ending }) => fiscal_date_ending === annual.at(-1));
  expect(both.map(({ period }) => period as string).sort()).toEqual(['annual', 'quarterly']);
  expect(both[0]!.figures.totalRevenue).not.toBe(both[1]!.figures.totalRevenue);
});

test('a second delivery of the event calls nobody and changes nothing', async () => {
  const asset = named('septemberYearEnd');
  const event = requested(asset);
  await makePollinationWorker(advisor.services)(event);
  const analysis = delivery('analysisNeeded', asset, { time: advisor.now().toISOString() });
  await makeAnalysisWorker(advisor.services)(analysis);
  const before = await stored();
  const seen = calls(asset.symbol).length;

  advisor.pass(60_000);
  expect(await makePollinationWorker(advisor.services)(event)).toEqual(ok);
  expect(await makeAnalysisWorker(advisor.services)(analysis)).toEqual(ok);
  expect(calls(asset.symbol)).toHaveLength(seen);
  expect(await stored()).toEqual(before);
  expect(advisor.published.filter(({ event: id }) => id === 'analysisCompleted')).toHaveLength(1);
});

test('a throttle in the middle of an asset keeps what was fetched, delays the message and finishes later', async () => {
  const asset = named('noDebt');
  const event = requested(asset);
  advisor.sandbox.misbehave({ provider: 'alpha_vantage', kind: 'throttle_burst', match: 'function=BALANCE_SHEET' });
  expect(await makePollinationWorker(advisor.services)(event)).toEqual(ok);
  expect(advisor.sentLater).toEqual([{ body: event.Records[0]!.body, delay: expect.any(Number) }]);
  expect(advisor.parked).toEqual([]);
  expect(advisor.published).toEqual([]);
  const asked = () =>
    calls(asset.symbol).map(({ query }) => /[A-Z]+_[A-Z]+|OVERVIEW|EARNINGS/.exec(JSON.stringify(query))?.[0]);
  expect(asked()).toEqual(['OVERVIEW', 'INCOME_STATEMENT', 'BALANCE_SHEET']);

  advisor.pass(advisor.sentLater[0]!.delay * 1000 + 2_000);
  expect(await makePollinationWorker(advisor.services)(message(advisor.sentLater[0]!.body))).toEqual(ok);
  // Only what was missing was asked for again.
  expect(asked()).toEqual(['OVERVIEW', 'INCOME_STATEMENT', 'BALANCE_SHEET', 'BALANCE_SHEET', 'CASH_FLOW', 'EARNINGS']);
  expect(advisor.published).toEqual([{ event: 'analysisNeeded', detail: asset }]);
  expect(
    (await fundamentalsStore(advisor.services, 'test').rows('balanceSheet', asset.asset_id)).length,
  ).toBeGreaterThan(0);
});

test('a daily throttle quiets the whole fleet until the provider’s next day', async () => {
  const asset = named('lossMaking');
  advisor.sandbox.misbehave({ provider: 'alpha_vantage', kind: 'throttle_daily', match: 'function=CASH_FLOW' });
  await makePollinationWorker(advisor.services)(requested(asset));
  const other = named('zeroRevenue');
  await makePollinationWorker(advisor.services)(requested(other));
  expect(calls(other.symbol)).toHaveLength(0);
  expect(advisor.sentLater.map(({ delay }) => delay).at(-1)).toBe(900);
  expect(advisor.parked).toEqual([]);
  // 00:00 in New York.
  advisor.pass(Date.parse('2026-05-19T04:00:02Z') - advisor.now().getTime());
  await makePollinationWorker(advisor.services)(message(advisor.sentLater[0]!.body));
  expect(advisor.published).toEqual([{ event: 'analysisNeeded', detail: asset }]);
});

test('a payload about another symbol is refused and stored nowhere', async () => {
  const asset = named('foreignCurrency');
  advisor.sandbox.misbehave({
    provider: 'alpha_vantage',
    kind: 'wrong_symbol',
    match: 'function=INCOME_STATEMENT',
    times: 9,
  });
  const event = requested(asset);
  expect(await makePollinationWorker(advisor.services)(event)).toEqual({
    batchItemFailures: [{ itemIdentifier: 'm-1' }],
  });
  expect(await fundamentalsStore(advisor.services, 'test').rows('incomeStatement', asset.asset_id)).toEqual([]);
  // Too often: into the dead-letter queue with its cause, and the batch goes on.
  expect(await makePollinationWorker(advisor.services)(message(event.Records[0]!.body, 3))).toEqual(ok);
  expect(advisor.parked).toEqual([{ body: event.Records[0]!.body, cause: expect.stringContaining('symbol_mismatch') }]);
});

test('rows that say less never replace what is stored', async () => {
  const asset = named('classShare');
  await pollinateAndAnalyse(advisor, asset);
  const store = fundamentalsStore(advisor.services, 'test');
  const [before] = await store.rows('cashFlow', asset.asset_id);
  const poorer = { ...before!, figures: Object.fromEntries(Object.keys(before!.figures).map((name) => [name, null])) };
  const at = advisor.now().toISOString();
  expect(await store.saveStatement('cashFlow', asset.asset_id, [poorer], at)).toEqual({
    written: 0,
    unchanged: 0,
    worse: 1,
  });
  expect(await store.saveStatement('cashFlow', asset.asset_id, [], at)).toEqual({ written: 0, unchanged: 0, worse: 0 });
  expect((await store.rows('cashFlow', asset.asset_id))[0]).toEqual(before);
  const overview = await store.overview(asset.asset_id);
  expect(await store.saveOverview(asset.asset_id, asset.symbol, { Symbol: null }, at)).toMatchObject({ worse: 1 });
  expect(await store.overview(asset.asset_id)).toEqual(overview);
  // A restatement says as much and does replace.
  const restated = { ...before!, figures: { ...before!.figures, netIncome: '1' } };
  expect(await store.saveStatement('cashFlow', asset.asset_id, [restated], at)).toMatchObject({ written: 1 });
});

test('a fund without fundamentals costs one call and waits its turn', async () => {
  const asset = named('noFundamentals');
  expect(await makePollinationWorker(advisor.services)(requested(asset))).toEqual(ok);
  expect(calls(asset.symbol)).toHaveLength(1);
  expect(advisor.published).toEqual([]);
  const candidate = (await assetStore(advisor.services, 'test').candidates()).find(
    ({ symbol }) => symbol === asset.symbol,
  );
  expect(candidate?.pollinated_at).toBeDefined();
});

test.each([
  ['no JSON', 'hello', 'the body is no JSON'],
  [
    'another event',
    JSON.stringify({ id: '1', source: 's', 'detail-type': 'x', time: 't', detail: { symbol: 'A' } }),
    'detail.asset_id',
  ],
])('a message that is %s is parked at once with its cause', async (_what, body, cause) => {
  expect(await makePollinationWorker(advisor.services)(message(body))).toEqual(ok);
  expect(advisor.parked).toEqual([{ body, cause: expect.stringContaining(cause) }]);
});

test('an asset that is not there is parked', async () => {
  const nowhere = { asset_id: '00000000-0000-4000-8000-000000000000', symbol: 'NIX' };
  await makePollinationWorker(advisor.services)(requested(nowhere));
  await makeAnalysisWorker(advisor.services)(delivery('analysisNeeded', nowhere));
  expect(advisor.parked.map(({ cause }) => cause)).toEqual([
    'PoisonMessage: no asset 00000000-0000-4000-8000-000000000000',
    'PoisonMessage: no asset 00000000-0000-4000-8000-000000000000',
  ]);
});

test('an outage is retried by the queue and finishes when it is over', async () => {
  const asset = named('insurer');
  advisor.sandbox.misbehave({ provider: 'alpha_vantage', kind: 'html_500', match: 'function=OVERVIEW', times: 3 });
  const event = requested(asset);
  expect(await makePollinationWorker(advisor.services)(event)).toEqual({
    batchItemFailures: [{ itemIdentifier: 'm-1' }],
  });
  expect(await makePollinationWorker(advisor.services)(event)).toEqual(ok);
  expect(advisor.published).toHaveLength(1);
});

test('an analysis follows its figures: a changed one makes a new analysis, and the earlier stays', async () => {
  const asset = named('steady');
  await pollinateAndAnalyse(advisor, asset);
  const store = fundamentalsStore(advisor.services, 'test');
  const rows = (await store.rows('incomeStatement', asset.asset_id)).filter(({ period }) => period === 'annual');
  const latest = rows.at(-1)!;
  await store.saveStatement(
    'incomeStatement',
    asset.asset_id,
    [{ ...latest, figures: { ...latest.figures, netIncome: '1000000' } }],
    advisor.now().toISOString(),
  );
  advisor.pass(1_000);
  await makeAnalysisWorker(advisor.services)(delivery('analysisNeeded', asset, { time: advisor.now().toISOString() }));
  const { Items } = await advisor.dynamo.documents.send(
    new QueryCommand({
      TableName: 'signal9-test-asset-analysis',
      IndexName: 'by-asset',
      KeyConditionExpression: 'asset_id = :a AND analysis_id < :rankings',
      ExpressionAttributeValues: { ':a': asset.asset_id, ':rankings': RANKING },
    }),
  );
  expect(Items).toHaveLength(2);
  expect(Items![0]!.ratios.net_margin.value).not.toBe(Items![1]!.ratios.net_margin.value);
  expect(Items![1]!.analysis_id > Items![0]!.analysis_id).toBe(true);
});

test('two deliveries at the same moment store one analysis', async () => {
  const asset = named('noEasyToBorrow');
  await makePollinationWorker(advisor.services)(requested(asset));
  const event = delivery('analysisNeeded', asset, { time: advisor.now().toISOString() });
  const worker = makeAnalysisWorker(advisor.services);
  await Promise.all([worker(event), worker(event)]);
  const { Count } = await advisor.dynamo.documents.send(
    new QueryCommand({
      TableName: 'signal9-test-asset-analysis',
      IndexName: 'by-asset',
      KeyConditionExpression: 'asset_id = :a AND analysis_id < :rankings',
      ExpressionAttributeValues: { ':a': asset.asset_id, ':rankings': RANKING },
    }),
  );
  expect(Count).toBe(1);
});
