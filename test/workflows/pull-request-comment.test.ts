import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './rules';

interface Call {
  readonly method: string;
  readonly url: string;
  readonly body: { readonly body: string } | null;
}

const HEAD = { branch: 'better', sha: 'a'.repeat(40), repository: 7 };
const pull = (number: number, { sha = HEAD.sha, repository = HEAD.repository } = {}) => ({
  number,
  head: { sha, repo: { id: repository } },
});
const comment = (id: number, body: string, login = 'github-actions[bot]') => ({ id, body, user: { login } });
const MARKER = '<!-- signal9: npm run diff -->';

describe('the comment on a pull request', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signal9-comment-'));
  let server: Server;
  let calls: Call[] = [];
  let pulls: unknown[] | 'refused' = [];
  let comments: unknown[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        const { method = '', url = '' } = request;
        calls.push({ method, url, body: text === '' ? null : (JSON.parse(text) as Call['body']) });
        const page = Number(new URL(url, 'http://a').searchParams.get('page') ?? 1);
        const answer = url.includes('/pulls?') ? pulls : comments.slice((page - 1) * 100, page * 100);
        if (answer === 'refused') response.statusCode = 403;
        response.end(JSON.stringify(method === 'GET' ? answer : {}));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await new Promise((resolve) => server.close(resolve));
  });

  /** Runs the program as the workflow does. @returns what it wrote to GitHub, and what it printed */
  async function run(text: string, given: { pulls: unknown[] | 'refused'; comments?: unknown[] }) {
    calls = [];
    ({ pulls, comments = [] } = given);
    const event = join(folder, 'event.json');
    const file = join(folder, 'diff.md');
    writeFileSync(file, text);
    const workflow_run = {
      head_branch: HEAD.branch,
      head_sha: HEAD.sha,
      head_repository: { id: HEAD.repository, owner: { login: 'stranger' } },
      html_url: 'https://example.com/run',
    };
    writeFileSync(event, JSON.stringify({ workflow_run }));
    const child = spawn(process.execPath, [join(ROOT, 'tools', 'pull-request-comment.mjs'), file], {
      env: {
        GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        GITHUB_EVENT_PATH: event,
        GITHUB_REPOSITORY: 'o/r',
        GITHUB_TOKEN: 't',
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { status, output, written: calls.filter(({ method }) => method !== 'GET') };
  }

  test('is made once, on the pull request that GitHub names', async () => {
    const { status, written } = await run('## No changes', { pulls: [pull(3)] });
    expect(status).toBe(0);
    expect(calls[0]!.url).toBe('/repos/o/r/pulls?state=open&per_page=100&head=stranger%3Abetter');
    expect(written).toEqual([
      { method: 'POST', url: '/repos/o/r/issues/3/comments', body: { body: expect.any(String) as string } },
    ]);
    expect(written[0]!.body!.body).toBe(
      `${MARKER}\n_Of ${HEAD.sha}, by the code of the pull request._\n\n## No changes`,
    );
  });

  test('is changed the next time, wherever it stands, and nobody else’s is', async () => {
    const others = Array.from({ length: 120 }, (_, index) => comment(index, 'well'));
    const forged = comment(500, `${MARKER} mine`, 'stranger');
    const given = { pulls: [pull(3)], comments: [forged, ...others, comment(501, `${MARKER}\nearlier`)] };
    const { written } = await run('now', given);
    expect(written.map(({ method, url }) => [method, url])).toEqual([['PATCH', '/repos/o/r/issues/comments/501']]);
  });

  test.each([
    ['a commit that is no longer the newest', [pull(3, { sha: 'b'.repeat(40) })]],
    ['a branch of another repository', [pull(3, { repository: 8 })]],
    ['two pull requests of one commit', [pull(3), pull(4)]],
    ['none', []],
  ])('is not made for %s', async (_, found) => {
    const { status, written, output } = await run('text', { pulls: found });
    expect([status, written]).toEqual([0, []]);
    expect(output).toContain('no comment');
  });

  test('is no longer than GitHub takes, and closes what it cuts', async () => {
    const { written } = await run(`\`\`\`\n${'x'.repeat(60_000)}`, { pulls: [pull(3)] });
    const { body } = written[0]!.body!;
    expect(body.length).toBeLessThan(51_000);
    expect(body).toContain('x\n```\n\n… cut here; the rest is in [the run](https://example.com/run)');
  });

  test('calls nobody', async () => {
    const { written } = await run('ask @everyone', { pulls: [pull(3)] });
    expect(written[0]!.body!.body).toContain('ask @\u200beveryone');
  });

  test('says so when nothing was printed', async () => {
    const { written } = await run('', { pulls: [pull(3)] });
    expect(written[0]!.body!.body).toContain('could not be made, see [the run](https://example.com/run)');
  });

  test('fails with what GitHub answered', async () => {
    const { status, output } = await run('text', { pulls: 'refused' });
    expect(status).not.toBe(0);
    expect(output).toMatch(/GET pulls\?.*: 403 "refused"/);
  });
});
