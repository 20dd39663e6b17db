import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitOf } from '../../../tools/diff/checkout';
import { lastWords } from '../../../tools/diff/processes';

describe('the words of a program that failed', () => {
  test('are npm’s own, without the place of its log', () => {
    const said = [
      'npm warn something',
      'npm error code ECONNREFUSED',
      'npm error syscall connect',
      'npm error FetchError: request to http://127.0.0.1:9/zod failed, reason: connect ECONNREFUSED 127.0.0.1:9',
      'npm error     at ClientRequest.<anonymous> (/usr/lib/node_modules/npm/x.js:130:14) {',
      "npm error   code: 'ECONNREFUSED'",
      'npm error }',
      'npm error',
      'npm error A complete log of this run can be found in: /tmp/x/_logs/2026-debug-0.log',
      '',
    ].join('\n');
    expect(lastWords(said)).toBe(
      'code ECONNREFUSED; syscall connect; FetchError: request to http://127.0.0.1:9/zod failed, reason: connect ECONNREFUSED 127.0.0.1:9',
    );
  });

  test('are the last line of any other', () => expect(lastWords('one\ntwo\n\n')).toBe('two'));

  test('are missed where there are none', () => expect(lastWords('')).toBe('without a word'));
});

test('outside of a repository it is git that says so', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signal9-no-git-'));
  try {
    expect(() => commitOf(folder, 'HEAD')).toThrow(/^git: not a git repository/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a name that git does not know is told as one', () => {
  expect(() => commitOf(join(__dirname, '..', '..', '..'), 'no-such-branch')).toThrow(
    /^"no-such-branch" is no commit of this clone/,
  );
});
