import { parseRequest } from '../../../tools/diff/arguments';

test('takes a base, and by default every environment for a terminal', () => {
  expect(parseRequest(['main'])).toEqual({ base: 'main', environments: ['dev', 'staging', 'prod'], markdown: false });
  expect(parseRequest(['--markdown', 'HEAD~1', '--env', 'prod, dev,prod'])).toEqual({
    base: 'HEAD~1',
    environments: ['prod', 'dev'],
    markdown: true,
  });
});

test.each([
  [[], 'the base ref is missing'],
  [['a', 'b'], 'one base ref, not also b'],
  [['a', '--env', 'PROD!'], '--env "PROD!" is not the name of an environment'],
  [['a', '--html'], "'--html'"],
  [['a', '--env'], '--env'],
])('refuses %j in one line with the usage', (argv, message) => {
  expect(() => parseRequest(argv)).toThrow(message);
  expect(() => parseRequest(argv)).toThrow('usage: npm run diff');
  expect(() => parseRequest(argv)).not.toThrow('\n');
});
