import { complaintsOf, ignoredRules, type LintFinding, unusedRules } from '../../tools/cfn-lint';

// The linter itself is Python's: `npm run lint:templates` shows it a wrong template before it lints ours.
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
