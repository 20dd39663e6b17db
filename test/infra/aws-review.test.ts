import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { everyStack } from './synthesised';

const PAGE = readFileSync(join(__dirname, '..', '..', 'docs', 'aws-review.md'), 'utf8');

/** Types of AWS that the page does not name; what is custom is made by functions, which it reviews. */
const unreviewed = (types: Iterable<string>): string[] =>
  [...new Set(types)].filter((type) => type.startsWith('AWS::') && !new RegExp(`${type}\\b`).test(PAGE)).sort();

test('every resource type of every template is reviewed in docs/aws-review.md', () => {
  expect(unreviewed(everyStack().flatMap(({ resources }) => resources.map(({ type }) => type)))).toEqual([]);
});

test('a type that nobody reviewed is noticed', () => {
  expect(unreviewed(['AWS::Redshift::Cluster', 'AWS::S3::Bucket'])).toEqual(['AWS::Redshift::Cluster']);
});
