import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describeWithFixtures, fixture, fixtureJson } from '../../fixtures';
import { type Child, killChildren, run } from './child';
import { type Json, temporaryFolder } from './temporary';

const FILES: Readonly<Record<string, string>> = {
  OVERVIEW: 'overview.IBM.json',
  INCOME_STATEMENT: 'income-statement.IBM.json',
  BALANCE_SHEET: 'balance-sheet.IBM.json',
  CASH_FLOW: 'cash-flow.IBM.json',
  EARNINGS: 'earnings.IBM.json',
};
const ID = '85cab7ea-f7c8-4f09-ae5e-4c5b4c6a6e0f';

/** Any HTTP server that answers with real files; `answers` may put another text in the place of one. */
function serveFiles(answers: Map<string, string>, calls: string[]) {
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://files');
    response.setHeader('content-type', 'application/json');
    if (url.pathname === '/v2/assets') {
      const [example] = fixtureJson('alpaca/assets.json');
      response.end(JSON.stringify([{ ...example, id: ID, symbol: 'IBM', class: 'us_equity', status: 'active' }]));
      return;
    }
    const operation = url.searchParams.get('function') ?? '';
    if (url.pathname === '/query') calls.push(operation);
    const file = FILES[operation];
    response.end(answers.get(operation) ?? (file === undefined ? '{}' : fixture(`alphavantage/${file}`)));
  });
  return new Promise<{ url: string; close: () => void }>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      resolve({ url, close: () => server.close() });
    });
  });
}

describeWithFixtures('real payloads of IBM, on the free plan’s limits', () => {
  const dataDir = path.join(temporaryFolder(), 'data');
  const answers = new Map<string, string>();
  const calls: string[] = [];
  let files: Awaited<ReturnType<typeof serveFiles>>;
  let env: Record<string, string>;
  let host: Child;

  beforeAll(async () => {
    files = await serveFiles(answers, calls);
    env = {
      PORT: '0',
      SIGNAL9_DATA_DIR: dataDir,
      APCA_API_BASE_URL: files.url,
      APCA_API_DATA_URL: files.url,
      ALPHAVANTAGE_BASE_URL: files.url,
      APCA_API_KEY_ID: 'dummy',
      APCA_API_SECRET_KEY: 'dummy',
      ALPHAVANTAGE_API_KEY: 'dummy',
    };
    host = run('main', env);
    await host.says('Signal9 is ready');
  }, 40_000);
  afterAll(async () => {
    host.process.kill('SIGINT');
    await host.ended;
    files.close();
    killChildren();
  });

  async function job(...args: string[]): Promise<string> {
    const child = run('job', env, args);
    const code = await child.ended;
    return `${child.output()}exit ${code}`;
  }

  async function analysis(): Promise<Json> {
    const { url } = JSON.parse(readFileSync(path.join(dataDir, 'host.json'), 'utf8'));
    const token = readFileSync(path.join(dataDir, 'demo-token'), 'utf8').trim();
    const response = await fetch(`${url}/assets/IBM/analysis`, { headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(200);
    return response.json();
  }

  it('at the first start nothing but assets is asked for', () => {
    expect(calls).toEqual([]);
  });

  it('give an analysis of the year 2025, with nine Piotroski tests and the ratios, for five calls', async () => {
    expect(await job('asset-sync')).toMatch(/1 listed, 1 unchanged\nexit 0$/);
    const begun = Date.now();
    expect(await job('analyze', 'IBM')).toMatch(/IBM: analysed after .+ fiscal date 2025-12-31, .+\nexit 0$/);
    // One a second: the fifth call begins four seconds after the first.
    expect(Date.now() - begun).toBeGreaterThan(4000);
    expect(calls).toEqual(Object.keys(FILES));

    const { fiscal_date, currency, symbol, scores, ratios } = await analysis();
    expect({ fiscal_date, currency, symbol }).toEqual({ fiscal_date: '2025-12-31', currency: 'USD', symbol: 'IBM' });
    expect(scores.piotroski.tests_available).toBe(9);
    const report = fixtureJson('alphavantage/income-statement.IBM.json').annualReports[0];
    expect(ratios.net_margin.value).toBeCloseTo(Number(report.netIncome) / Number(report.totalRevenue), 4);
    expect(Object.keys(ratios).length).toBeGreaterThan(15);
  }, 40_000);

  it('a changed figure changes the answer', async () => {
    const changed = fixtureJson('alphavantage/income-statement.IBM.json');
    const [report] = changed.annualReports;
    report.netIncome = String(Number(report.netIncome) * 2);
    answers.set('INCOME_STATEMENT', JSON.stringify(changed));
    const before = await analysis();
    expect(await job('analyze', 'IBM')).toContain('exit 0');
    const after = await analysis();
    expect(after.analysis_id).not.toBe(before.analysis_id);
    expect(after.ratios.net_margin.value).toBeCloseTo(2 * before.ratios.net_margin.value, 4);
  }, 40_000);

  it('a day without calls left says so, and spends none', async () => {
    host.process.kill('SIGINT');
    await host.ended;
    // Ten calls are spent: two are left of such a plan, three short of an asset.
    host = run('main', { ...env, ALPHAVANTAGE_RPD: '12', ALPHAVANTAGE_RPS: '20' });
    await host.says('Signal9 is ready');
    expect(await job('analyze', 'IBM')).toMatch(
      /IBM: today's calls at Alpha Vantage do not suffice \(12 used, 0 left\); it stays queued .+\nexit 1$/,
    );
    expect(calls).toHaveLength(12);
  }, 40_000);
});
