// Puts a text on the pull request that a workflow's run was for, in one comment that is changed when it runs again.
// Runs in .github/workflows/diff-comment.yml, with a token that may write: the text is a stranger's and is only carried.
// Usage: node tools/pull-request-comment.mjs <file>
import { readFileSync } from 'node:fs';

const { GITHUB_API_URL, GITHUB_EVENT_PATH, GITHUB_REPOSITORY, GITHUB_TOKEN } = process.env;
const MARKER = '<!-- signal9: npm run diff -->';
/** GitHub takes 65,536 characters; what a reader reads is less. */
const LONGEST = 50_000;
/** What the token of a workflow writes as. */
const AUTHOR = 'github-actions[bot]';
const PAGE = 100;

async function api(method, path, body) {
  const response = await globalThis.fetch(`${GITHUB_API_URL}/repos/${GITHUB_REPOSITORY}/${path}`, {
    method,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${GITHUB_TOKEN}`,
      'content-type': 'application/json',
      'x-github-api-version': '2022-11-28',
    },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${(await response.text()).slice(0, 500)}`);
  return response.json();
}

/**
 * The open pull request whose newest commit the run was of. The event's own list is empty for forks, so it is looked up
 * by what GitHub says of the run. A commit that is no longer the newest has none: its successor's run will speak.
 */
async function pullRequestOf({ head_branch, head_sha, head_repository }) {
  const head = encodeURIComponent(`${head_repository.owner.login}:${head_branch}`);
  const open = await api('GET', `pulls?state=open&per_page=${PAGE}&head=${head}`);
  return open.filter((pull) => pull.head.sha === head_sha && pull.head.repo?.id === head_repository.id);
}

async function commentOf(number) {
  for (let page = 1; ; page++) {
    const comments = await api('GET', `issues/${number}/comments?per_page=${PAGE}&page=${page}`);
    const ours = comments.find(({ user, body }) => user?.login === AUTHOR && body.startsWith(MARKER));
    if (ours || comments.length < PAGE) return ours;
  }
}

/** Nobody is called by what a stranger wrote; a fence that the cut left open is closed. */
function bodyOf(text, run) {
  const cut = text.slice(0, LONGEST).replace(/@(?=[\w-])/g, '@\u200b');
  const fence = (cut.match(/^```/gm) ?? []).length % 2 === 1 ? '\n```' : '';
  const rest = text.length >= LONGEST ? `\n\n… cut here; the rest is in [the run](${run.html_url}).` : '';
  const said = cut.trim() === '' ? `The difference could not be made, see [the run](${run.html_url}).` : cut;
  // First, where nothing that a stranger leaves open can hide it.
  return `${MARKER}\n_Of ${run.head_sha}, by the code of the pull request._\n\n${said}${fence}${rest}`;
}

const run = JSON.parse(readFileSync(GITHUB_EVENT_PATH, 'utf8')).workflow_run;
const pulls = await pullRequestOf(run);
if (pulls.length === 1) {
  const [{ number }] = pulls;
  const body = bodyOf(readFileSync(process.argv[2], 'utf8'), run);
  const earlier = await commentOf(number);
  await (earlier
    ? api('PATCH', `issues/comments/${earlier.id}`, { body })
    : api('POST', `issues/${number}/comments`, { body }));
  console.log(`${earlier ? 'changed' : 'made'} the comment on #${number}`);
} else console.log(`no comment: ${pulls.length} open pull requests have ${run.head_sha} as their newest commit`);
