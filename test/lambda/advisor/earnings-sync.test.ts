import { makeHandler as makeAssetSync } from '../../../lambda/advisor/asset-sync';
import { makeHandler } from '../../../lambda/advisor/earnings-sync';
import { earningsCalendarStore, monthsBetween } from '../../../lambda/adapters/dynamo/earnings-calendar';
import type { EarningsCalendar } from '../../../lambda/adapters/providers/alpha-vantage';
import { SANDBOX_SYMBOLS } from '../../../local/sandbox/sandbox';
import { startAdvisor, type TestAdvisor } from './advisor';

let advisor: TestAdvisor;
let answer: EarningsCalendar;

const row = (
  symbol: string,
  report_date: string,
  fiscal_date_ending = '2026-03-31',
  estimate: string | null = '1.25',
) => ({
  symbol,
  name: `${symbol} Inc.`,
  report_date,
  fiscal_date_ending,
  estimate,
  currency: 'USD',
  time_of_day: null,
});
const [A, B, C] = [SANDBOX_SYMBOLS.steady, SANDBOX_SYMBOLS.bank, SANDBOX_SYMBOLS.insurer];

beforeAll(async () => {
  advisor = await startAdvisor();
  await makeAssetSync(advisor.services)(advisor.job('asset-sync'));
});
afterAll(() => advisor.stop());

async function sync() {
  advisor.pass(60_000);
  advisor.forgetWrites();
  const alphaVantage = { ...advisor.services.alphaVantage, earningsCalendar: async () => answer };
  const { counts } = await makeHandler({ ...advisor.services, alphaVantage })(advisor.job('earnings-sync'));
  return { ...counts, writes: advisor.writes()['signal9-test-earnings-calendar'] ?? 0 };
}
const stored = () => earningsCalendarStore(advisor.services, 'test').between('2026-05-01', '2026-08-31');

test('known symbols are stored, unknown ones counted, an unchanged file writes nothing', async () => {
  answer = { rows: [row(A, '2026-05-20'), row(B, '2026-06-02'), row('NIX', '2026-05-20')], rejected: [] };
  expect(await sync()).toMatchObject({ received: 3, written: 2, unmatched: 1, writes: 2 });
  expect(await sync()).toMatchObject({ written: 0, unchanged: 2, writes: 0 });
  expect((await stored()).map(({ symbol, report_date }) => [symbol, report_date])).toEqual([
    [A, '2026-05-20'],
    [B, '2026-06-02'],
  ]);
});

test('a report date that moves to another month is one row, not two', async () => {
  answer = { rows: [row(A, '2026-06-20'), row(B, '2026-06-02')], rejected: [] };
  expect(await sync()).toMatchObject({ written: 1, removed: 0 });
  expect((await stored()).filter(({ symbol }) => symbol === A).map(({ report_date }) => report_date)).toEqual([
    '2026-06-20',
  ]);
});

test('a share that the file lists under two spellings is one row', async () => {
  answer = {
    rows: [row(A, '2026-06-20'), { ...row(A, '2026-06-21'), name: 'twin' }, row(B, '2026-06-02')],
    rejected: [],
  };
  expect(await sync()).toMatchObject({ written: 0, unchanged: 2 });
});

test('an announced date that is gone is removed; a file that looks cut short removes nothing', async () => {
  answer = { rows: [row(A, '2026-06-20'), row(B, '2026-06-02'), row(C, '2026-07-01')], rejected: [] };
  await sync();
  answer = { rows: [row(A, '2026-06-20'), row(B, '2026-06-02')], rejected: [] };
  expect(await sync()).toMatchObject({ removed: 1 });
  answer = { rows: [], rejected: [] };
  expect(await sync()).toMatchObject({ removed: 0 });
  answer = { rows: [row(A, '2026-06-20')], rejected: [{ line: 2, reason: 'reportDate is no date' }] };
  expect(await sync()).toMatchObject({ removed: 0, rejected: 1 });
  expect(await stored()).toHaveLength(2);
});

test('the sandbox’s own file comes in whole', async () => {
  const { counts } = await makeHandler(advisor.services)(advisor.job('earnings-sync', '2026-05-19T09:00:00Z'));
  expect(counts.received).toBeGreaterThan(10);
  expect(counts.rejected).toBe(0);
  expect(advisor.published.at(-1)).toMatchObject({ event: 'earningsSynced', detail: { counts } });
});

test('months between two dates', () => {
  expect(monthsBetween('2025-11-30', '2026-02-01')).toEqual(['2025-11', '2025-12', '2026-01', '2026-02']);
  expect(monthsBetween('2026-05-01', '2026-05-01')).toEqual(['2026-05']);
});
