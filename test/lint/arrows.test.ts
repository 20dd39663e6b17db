import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** Lints, with the repository's own zones, one import from every room to every other, and says which were refused. */
const SCRIPT = `
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import importX, { createNodeResolver } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';
import { arrows } from './eslint.config.mjs';
const zones = arrows.map(({ target, from, why }) => ({ target, from, message: why }));
const eslint = new ESLint({ overrideConfigFile: true, overrideConfig: [{
  files: ['**/*.ts'], languageOptions: { parser: tseslint.parser }, plugins: { 'import-x': importX },
  settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts'] })] },
  rules: { 'import-x/no-restricted-paths': ['error', { zones }] },
}] });
const rooms = ['bin', 'lib', 'contract', 'core', 'lambda', 'local'];
const files = (dir) => readdirSync(dir, { withFileTypes: true, recursive: true })
  .filter((e) => e.isFile() && e.name.endsWith('.ts')).map((e) => join(e.parentPath ?? e.path, e.name));
const refused = {};
for (const from of rooms) {
  const code = rooms.filter((to) => to !== from).map((to) => "import '../" + files(to)[0].replace(/\\\\/g, '/').replace(/\\.ts$/, '') + "'; // " + to).join('\\n');
  const [result] = await eslint.lintText(code, { filePath: from + '/made-up.ts' });
  refused[from] = result.messages.map(({ line }) => code.split('\\n')[line - 1].split('// ')[1]).sort();
}
console.log(JSON.stringify(refused));
`;

test('each arrow of docs/architecture.md that points the wrong way is refused, and no other', () => {
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', SCRIPT], { cwd: ROOT, encoding: 'utf8' });
  expect(JSON.parse(out)).toEqual({
    bin: ['contract', 'core', 'lambda', 'local'],
    lib: ['bin', 'core', 'lambda', 'local'],
    contract: ['bin', 'core', 'lambda', 'lib', 'local'],
    core: ['bin', 'contract', 'lambda', 'lib', 'local'],
    lambda: ['bin', 'lib', 'local'],
    local: ['bin', 'lib'],
  });
}, 60_000);
