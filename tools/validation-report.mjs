// Reads what CDK's own validator said of every template, and fails unless it is clean.
// Usage: node tools/validation-report.mjs <cdk.out>
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const report = JSON.parse(readFileSync(join(process.argv[2] ?? 'cdk.out', 'validation-report.json'), 'utf8'));
const plugins = report.pluginReports ?? report.reports ?? [];
const findings = plugins.flatMap(({ pluginName, violations = [] }) =>
  violations.map((violation) => ({ pluginName, ...violation })),
);
for (const finding of findings) console.log(JSON.stringify(finding));
if (plugins.length === 0) console.log('the report names no validator');
process.exit(plugins.length > 0 && findings.length === 0 ? 0 : 1);
