import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FunctionId, functions } from '../../contract/functions';

const ROOT = join(__dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'signal9-checkout-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Says what would be shipped of a checkout: a hash of each bundle, and the user data. */
const PROBE = `
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleOf, serviceBundle } from './lib/constructs/bundles';
import { serviceUserData } from './lib/constructs/service-user-data';
import { functions } from './contract/functions';
const hash = (folder) => {
  const sum = createHash('sha256');
  for (const name of readdirSync(folder).sort()) sum.update(name).update(readFileSync(join(folder, name)));
  return sum.digest('hex');
};
const environment = { SIGNAL9_ENV: 'dev' };
const userData = serviceUserData({ region: 'us-east-1', stack: 's', group: 'g', asset: 'a', logGroupName: 'l', environment });
console.log(JSON.stringify({
  functions: Object.fromEntries(Object.keys(functions).map((id) => [id, hash(bundleOf(id, {}))])),
  service: hash(serviceBundle({})),
  userData: userData.render(),
}));
`;

interface Shipped {
  readonly functions: Record<FunctionId, string>;
  readonly service: string;
  readonly userData: string;
}

/** What a checkout ships whose texts `edit` has changed. Copies lie side by side: a source map names the packages by their way. */
function shippedBy(name: string, edit: (text: string, file: string) => string): Shipped {
  const copy = join(folder, name);
  mkdirSync(copy);
  for (const source of [
    'lib',
    'contract',
    'core',
    'lambda',
    'service',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
  ])
    cpSync(join(ROOT, source), join(copy, source), { recursive: true });
  for (const file of readdirSync(copy, { recursive: true, encoding: 'utf8' }))
    if (statSync(join(copy, file)).isFile())
      writeFileSync(join(copy, file), edit(readFileSync(join(copy, file), 'utf8'), file));
  mkdirSync(join(copy, 'node_modules'));
  for (const entry of readdirSync(join(ROOT, 'node_modules')).filter((one) => one !== '.cache'))
    symlinkSync(join(ROOT, 'node_modules', entry), join(copy, 'node_modules', entry));
  writeFileSync(join(copy, 'probe.ts'), PROBE);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'probe.ts'], {
    cwd: copy,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Shipped;
}

describe('what a checkout ships', () => {
  const shipped = shippedBy('lf', (text) => text);

  test('is the same where lines end with CR LF', () => {
    const crlf = shippedBy('crlf', (text) => text.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n'));
    expect(crlf).toEqual(shipped);
    expect(crlf.userData).not.toContain('\r');
  }, 120_000);

  test('differs, after a change of one handler, in the code of this one function: it can be swapped alone', () => {
    const id = 'api-health';
    const { entry } = functions[id];
    const changed = shippedBy('changed', (text, file) =>
      file === entry ? `${text}\nconsole.info('changed');\n` : text,
    );
    const differing = Object.keys(functions).filter(
      (name) => changed.functions[name as FunctionId] !== shipped.functions[name as FunctionId],
    );
    expect(differing).toEqual([id]);
    expect(changed.service).toBe(shipped.service);
  }, 120_000);
});
