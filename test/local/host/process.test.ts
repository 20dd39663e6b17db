import { existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { killChildren, run } from './child';
import { temporaryFolder } from './temporary';

// npm start and npm run job as the processes that they are.
const folder = temporaryFolder();
const env = {
  PORT: '0',
  SIGNAL9_DATA_DIR: path.join(folder, 'data'),
  SIGNAL9_UNIVERSE: '30',
  ALPHAVANTAGE_RPS: '100',
  ALPHAVANTAGE_RPM: 'none',
};
afterAll(killChildren);

const urlOf = () =>
  (JSON.parse(readFileSync(path.join(env.SIGNAL9_DATA_DIR, 'host.json'), 'utf8')) as { url: string }).url;
async function assets(): Promise<{ symbol: string; rating: unknown }[]> {
  const token = readFileSync(path.join(env.SIGNAL9_DATA_DIR, 'demo-token'), 'utf8').trim();
  const response = await fetch(`${urlOf()}/assets?limit=200`, { headers: { authorization: `Bearer ${token}` } });
  const { items } = (await response.json()) as { items: { symbol: string; rating: unknown }[] };
  return items;
}
const rated = async () => (await assets()).filter(({ rating }) => rating !== null).length;

describe('a host that is killed in its first day', () => {
  it('resumes where it was, keeps what it had, and stops cleanly on Ctrl-C', async () => {
    const first = run('main', env);
    await first.says('5 of 25 companies');
    first.process.kill('SIGKILL');
    await first.ended;

    const second = run('main', env);
    await second.says('Signal9 is ready');
    // Jobs that were done are not run again; what was queued is worked on.
    expect(second.output()).not.toContain('asset-sync');
    expect(await assets()).toHaveLength(30);
    expect(await rated()).toBeGreaterThanOrEqual(25);

    const job = run('job', env, ['asset-sync']);
    expect(await job.ended).toBe(0);
    expect(job.output()).toMatch(/asset-sync: done in \d+\.\d s: 30 listed, 30 unchanged/);

    const symbol = (await assets()).find(({ rating }) => rating !== null)?.symbol ?? '';
    const analyze = run('job', env, ['analyze', symbol.toLowerCase()]);
    const unknown = run('job', env, ['analyze', 'NOPE9']);
    expect([await analyze.ended, await unknown.ended]).toEqual([0, 1]);
    expect(analyze.output()).toMatch(
      /analysed after .+: rating [\d.]+ \([A-F]\), fiscal date \d{4}-\d{2}-\d{2}, \d+ %/,
    );
    expect(unknown.output()).toBe('NOPE9: no asset has this symbol\n');

    second.process.kill('SIGINT');
    expect(await second.ended).toBe(0);
    expect(second.output()).not.toContain('Error');
    expect(existsSync(path.join(env.SIGNAL9_DATA_DIR, 'host.json'))).toBe(false);
  }, 90_000);
});

describe('what its owner can put right is one line and exit code 1', () => {
  it.each([
    ['a wrong variable', 'main', { PORT: 'http' }, [], 'PORT must be a whole number from 0 to 65535, not "http"\n'],
    [
      'one provider’s key alone',
      'main',
      { ALPHAVANTAGE_API_KEY: 'x' },
      [],
      'ALPHAVANTAGE_API_KEY set, but APCA_API_KEY_ID and APCA_API_SECRET_KEY missing: set all of APCA_API_KEY_ID, APCA_API_SECRET_KEY, ALPHAVANTAGE_API_KEY, or none for the sandbox\n',
    ],
    [
      'a job without a host',
      'job',
      { SIGNAL9_DATA_DIR: path.join(folder, 'none') },
      ['asset-sync'],
      `No Signal9 host is running on ${path.join(folder, 'none')}: start it with npm start\n`,
    ],
    [
      'a job that there is not',
      'job',
      {},
      ['tea'],
      expect.stringMatching(/^npm run job -- <asset-sync\|.+>, or npm run job -- analyze <SYMBOL>\n$/),
    ],
  ] as const)('%s', async (_what, program, change, args, line) => {
    const child = run(program, { ...env, ...change }, args);
    expect(await child.ended).toBe(1);
    expect(child.output()).toEqual(line);
  });

  it('a port that is taken', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as net.AddressInfo;
    const child = run('main', { ...env, SIGNAL9_DATA_DIR: path.join(folder, 'other'), PORT: String(port) });
    expect(await child.ended).toBe(1);
    expect(child.output().trimEnd().split('\n').slice(1)).toEqual([
      `PORT ${port} is taken by another program: set PORT to another one`,
    ]);
    other.close();
  });
});
