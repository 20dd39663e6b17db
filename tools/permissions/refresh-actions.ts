/** Writes aws-actions.json from what the pinned packages of Python know of AWS. `npm run permissions:actions` */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { helpAsked } from '../../local/help';
import { pythonEnvironment } from '../python-environment';

async function main(): Promise<void> {
  if (helpAsked('usage: npm run permissions:actions   writes tools/permissions/aws-actions.json anew')) return;
  const python = join(pythonEnvironment('requirements-checkov.txt'), 'python');
  const text = execFileSync(python, [join(__dirname, 'actions.py')], { encoding: 'utf8' });
  const options = { parser: 'json', printWidth: 120, objectWrap: 'collapse' } as const;
  writeFileSync(join(__dirname, 'aws-actions.json'), await format(text, options));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
