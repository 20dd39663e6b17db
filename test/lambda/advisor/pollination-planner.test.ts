import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { makeHandler as makeAssetSync } from '../../../lambda/advisor/asset-sync';
import { makeHandler as makeEarningsPlanner } from '../../../lambda/advisor/earnings-pollination';
import { makeHandler as makePollinationWorker } from '../../../lambda/advisor/pollination-worker';
import { makeHandler as makeRegularPlanner } from '../../../lambda/advisor/regular-pollination';
import { assetStore } from '../../../lambda/adapters/dynamo/assets';
import { earningsCalendarStore } from '../../../lambda/adapters/dynamo/earnings-calendar';
import { SANDBOX_SYMBOLS } from '../../../local/sandbox/sandbox';
import { delivery, startAdvisor, type TestAdvisor } from './advisor';

const FREE = { rps: 1, rpm: null, rpd: 25, timeZone: 'America/New_York' };
let advisor: TestAdvisor;

beforeEach(async () => {
  advisor = await startAdvisor({ plan: FREE });
  await makeAssetSync(advisor.services)(advisor.job('asset-sync'));
  advisor.published.length = 0;
});
afterEach(() => advisor.stop());

const idOf = async (symbol: string) => (await assetStore(advisor.services, 'test').idsOf(symbol))[0]!;
const queued = () => advisor.published.map(({ detail }) => (detail as { symbol: string }).symbol);
const reasons = () => advisor.published.map(({ detail }) => (detail as { reason: string }).reason);

async function reports(symbol: string, report_date: string) {
  const asset_id = await idOf(symbol);
  const row = {
    asset_id,
    symbol,
    name: symbol,
    report_date,
    fiscal_date_ending: '2026-03-31',
    estimate: null,
    currency: null,
    time_of_day: null,
  };
  await earningsCalendarStore(advisor.services, 'test').save([{ calendar_id: `${asset_id}#x`, ...row }], [], 'now');
}
const watch = async (symbol: string) =>
  advisor.dynamo.documents.send(
    new PutCommand({
      TableName: 'signal9-test-watchlist-items',
      Item: { item_id: `i-${symbol}`, watchlist_id: 'w', asset_id: await idOf(symbol) },
    }),
  );

test('25 calls a day pay for four assets, the fifth’s calls are kept for news', async () => {
  const { counts } = await makeRegularPlanner(advisor.services)(advisor.job('regular-pollination'));
  expect(counts).toMatchObject({ queued: 4, calls_left: 20, waiting: 0 });
  expect(queued()).toHaveLength(4);
});

test('a name that no event can carry is passed over, and stops nobody', async () => {
  await watch(SANDBOX_SYMBOLS.insurer);
  await advisor.dynamo.documents.send(
    new UpdateCommand({
      TableName: 'signal9-test-assets',
      Key: { asset_id: await idOf(SANDBOX_SYMBOLS.insurer) },
      UpdateExpression: 'SET symbol = :symbol',
      ExpressionAttributeValues: { ':symbol': '012CVR016' },
    }),
  );
  const { counts } = await makeRegularPlanner(advisor.services)(advisor.job('regular-pollination'));
  expect(counts).toMatchObject({ queued: 4 });
  expect(queued()).not.toContain('012CVR016');
});

test('reported earnings come first, then what is watched, then the stalest', async () => {
  await reports(SANDBOX_SYMBOLS.steady, '2026-05-15');
  await watch(SANDBOX_SYMBOLS.insurer);
  await makeRegularPlanner(advisor.services)(advisor.job('regular-pollination'));
  expect(queued().slice(0, 2)).toEqual([SANDBOX_SYMBOLS.steady, SANDBOX_SYMBOLS.insurer]);
  expect(reasons()).toEqual(['earnings', 'watched', 'stale', 'stale']);
});

test('a watched asset that was fetched this week leaves the turn to the stalest', async () => {
  await watch(SANDBOX_SYMBOLS.insurer);
  await makeRegularPlanner(advisor.services)(advisor.job('regular-pollination'));
  expect(queued()[0]).toBe(SANDBOX_SYMBOLS.insurer);
  await makePollinationWorker(advisor.services)(delivery('pollenationNeeded', advisor.published[0]!.detail));
  const nextDay = async (days: number) => {
    advisor.published.length = 0;
    advisor.pass(days * 86_400_000);
    await makeRegularPlanner(advisor.services)(advisor.job('regular-pollination'));
    return queued();
  };
  expect(await nextDay(1)).not.toContain(SANDBOX_SYMBOLS.insurer);
  expect((await nextDay(7))[0]).toBe(SANDBOX_SYMBOLS.insurer);
});

test('the 06:00 plan takes only what reported since it was fetched; the 07:00 plan does not queue it again', async () => {
  await reports(SANDBOX_SYMBOLS.steady, '2026-05-15');
  const { counts } = await makeEarningsPlanner(advisor.services)(advisor.job('earnings-pollination'));
  expect(counts).toMatchObject({ queued: 1 });
  advisor.pass(3_600_000);
  const later = await makeRegularPlanner(advisor.services)(advisor.job('regular-pollination'));
  expect(later.counts).toMatchObject({ waiting: 1, queued: 3 });
  expect(queued().filter((symbol) => symbol === SANDBOX_SYMBOLS.steady)).toHaveLength(1);
});

test('what was fetched after its report is not queued for it again', async () => {
  await reports(SANDBOX_SYMBOLS.steady, '2026-05-15');
  await makeEarningsPlanner(advisor.services)(advisor.job('earnings-pollination'));
  const [event] = advisor.published;
  await makePollinationWorker(advisor.services)(delivery('pollenationNeeded', event!.detail));
  advisor.published.length = 0;
  advisor.pass(86_400_000);
  await makeEarningsPlanner(advisor.services)(advisor.job('earnings-pollination'));
  expect(queued()).toEqual([]);
});

test('a plan without a daily limit is bounded by the rest of the day’s minutes', async () => {
  const plan = { rps: 10, rpm: 600, rpd: null, timeZone: 'America/New_York' };
  const { counts } = await makeRegularPlanner({ ...advisor.services, plan })(advisor.job('regular-pollination'));
  expect(counts.queued).toBe(counts.candidates);
  expect(counts.deferred).toBe(0);
});

test('late in the day there is nothing to queue with', async () => {
  advisor.pass(Date.parse('2026-05-19T03:59:57Z') - advisor.now().getTime());
  const { counts } = await makeRegularPlanner(advisor.services)(advisor.job('regular-pollination'));
  expect(counts).toMatchObject({ queued: 0 });
});
