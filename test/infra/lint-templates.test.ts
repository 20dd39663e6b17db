import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { complaintsOf, ignoredRules, type LintFinding, unusedRules } from '../../tools/cfn-lint';

const ROOT = join(__dirname, '..', '..');
/** The first use makes the virtual environment. */
const FIRST_USE_MS = 300_000;

function lintTemplate(template: unknown) {
  const folder = mkdtempSync(join(tmpdir(), 'signal9-lint-'));
  try {
    const file = join(folder, 'made-up.template.json');
    writeFileSync(file, JSON.stringify(template));
    return spawnSync(process.execPath, ['--import', 'tsx', 'tools/lint-templates.ts', file], {
      cwd: ROOT,
      encoding: 'utf8',
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const queue = (properties: object) => ({ Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: properties } } });

test(
  'a bad template fails the run, which says where it is bad; a good one passes',
  () => {
    const bad = lintTemplate(queue({ VisibilityTimeout: -1, Colour: 'red' }));
    expect(bad.stderr).toMatch(/made-up\.template\.json:\d+: E3002 Resources\/Queue\/Properties\/Colour: .*'Colour'/);
    expect(bad.stderr).toMatch(/E3034 Resources\/Queue\/Properties\/VisibilityTimeout/);
    expect(bad).toMatchObject({ status: 1, stdout: '1 templates, 2 complaints\n' });
    const good = lintTemplate(queue({ VisibilityTimeout: 30 }));
    expect(good).toMatchObject({ status: 0, stderr: '', stdout: '1 templates, 0 complaints\n' });
  },
  FIRST_USE_MS,
);

const finding = (id: string): LintFinding => ({
  Filename: 'a.json',
  Message: 'is wrong',
  Rule: { Id: id },
  Location: { Path: ['Resources', 'A', 'DependsOn', 1], Start: { LineNumber: 7 } },
});

test('what the configuration ignores is no complaint, and an entry that nothing needs is found', () => {
  const findings = [finding('W3005'), finding('E3002')];
  expect(complaintsOf(findings, ['W3005', 'W3010'])).toEqual(['a.json:7: E3002 Resources/A/DependsOn/1: is wrong']);
  expect(unusedRules(findings, ['W3005', 'W3010'])).toEqual(['W3010']);
});

test('no error is ignored, only warnings', () => {
  expect(ignoredRules().length).toBeGreaterThan(0);
  expect(ignoredRules().filter((id) => !id.startsWith('W'))).toEqual([]);
});
