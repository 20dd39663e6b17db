import { readFileSync } from 'node:fs';
import { DOCUMENT, documentOf } from '../../tools/compliance/docs';
import { reportOf } from '../../tools/compliance/report';
import { ENVIRONMENT_NAMES } from '../../tools/synthesise';
import { compliance } from './synthesised';

const environments = ENVIRONMENT_NAMES.map((name) => {
  const assessment = compliance(name);
  return { report: reportOf(name, assessment), acknowledged: assessment.acknowledged };
});

test('docs/compliance.md is up to date: npm run compliance -- --docs', () => {
  expect(readFileSync(DOCUMENT, 'utf8')).toBe(documentOf(environments));
});

test('the page changes with an acknowledgement and with its reason', () => {
  const [dev, ...others] = environments;
  const [first, ...rest] = dev!.acknowledged;
  const written = documentOf(environments);
  expect(documentOf([{ ...dev!, acknowledged: rest }, ...others])).not.toBe(written);
  const reworded = [{ ...first!, reason: 'Because it is right' }, ...rest];
  expect(documentOf([{ ...dev!, acknowledged: reworded }, ...others])).toContain('Because it is right');
});
