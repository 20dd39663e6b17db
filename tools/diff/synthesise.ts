import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type * as Cdk from 'aws-cdk-lib';
import type * as Configuration from '../../lib/config';
import type * as Platform from '../../lib/platform';
import { oneLine } from './failure';

/**
 * One side of the difference, in a process of its own: `synthesise.ts <root> <outdir> <environment>…` synthesises each
 * environment of the checkout at `root` into `<outdir>/<environment>`, by the libraries of that checkout, and writes
 * `code.json` beside each assembly. All environments in one process, since bundling costs as much as the rest and is
 * done once. A failure is one line on stderr and exit 1.
 */
const CONTEXT = {
  // Assets are read where they were bundled; copies would be 70 MB an environment.
  'aws:cdk:disable-asset-staging': true,
  'aws:cdk:disable-stack-trace': true,
  // Whether the templates are compliant is for the gate to say, for both sides alike.
  '@aws-cdk/core:failSynthOnValidationErrors': false,
};

async function main([root = '', outdir = '', ...environments]: readonly string[]): Promise<void> {
  const { App } = createRequire(join(root, 'package.json'))('aws-cdk-lib') as typeof Cdk;
  const { buildApp } = (await import(join(root, 'lib', 'platform.ts'))) as typeof Platform;
  const configuration = (await import(join(root, 'lib', 'config', 'index.ts'))) as Partial<typeof Configuration>;
  const { loadConfig, readConfigFile } = configuration;
  if (!loadConfig) throw new Error('lib/config has no loadConfig');
  // A base from before there was such a file reads none.
  const file = readConfigFile?.(root);
  const cdkJson = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as { context?: Record<string, unknown> };
  const overrides = contextOf(join(root, 'cdk.context.json')).overrides ?? cdkJson.context?.overrides;
  for (const env of environments) {
    const folder = join(outdir, env);
    const app = new App({ outdir: folder, analyticsReporting: false, context: { ...cdkJson.context, ...CONTEXT } });
    buildApp(app, loadConfig({ env, ...(file && { file }), ...(overrides !== undefined && { overrides }) }));
    const { missing = [] } = app.synth().manifest;
    if (missing.length > 0) throw new Error(`${env} needs a look-up in an account: ${missing[0]?.key ?? ''}`);
    writeFileSync(join(folder, 'code.json'), JSON.stringify(codeHashes(folder)));
  }
  // Findings of the compliance packs set it.
  process.exitCode = 0;
}

const contextOf = (file: string): Record<string, unknown> =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {};

interface AssetManifest {
  readonly files?: Record<string, { readonly source: { readonly path?: string; readonly packaging?: string } }>;
}

/**
 * From the hash that CDK gives an asset to one of its content without source maps: a map names the sources by their way
 * from the bundle, and the base's libraries are linked in from elsewhere, so that the same code would have two hashes.
 */
function codeHashes(folder: string): Record<string, string> {
  const manifests = readdirSync(folder).filter((name) => name.endsWith('.assets.json'));
  const files = manifests.flatMap((name) =>
    Object.entries((JSON.parse(readFileSync(join(folder, name), 'utf8')) as AssetManifest).files ?? {}),
  );
  const hashes: Record<string, string> = {};
  for (const [hash, { source }] of files) {
    // A template is an asset too.
    if (source.packaging !== 'zip' || source.path === undefined) continue;
    const path = resolve(folder, source.path);
    // CDK removes the folders of its own functions at once; they have no source maps.
    hashes[hash] ??= existsSync(path) ? contentHash(path) : hash;
  }
  return hashes;
}

const contents = new Map<string, string>();

function contentHash(at: string): string {
  let known = contents.get(at);
  if (known === undefined) {
    const hash = createHash('sha256');
    const names = statSync(at).isDirectory() ? readdirSync(at, { recursive: true, encoding: 'utf8' }).sort() : [''];
    for (const name of names.filter((file) => !file.endsWith('.map')))
      if (statSync(join(at, name)).isFile()) hash.update(`${name}\0`).update(readFileSync(join(at, name)));
    known = hash.digest('hex');
    contents.set(at, known);
  }
  return known;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(oneLine(error));
  process.exit(1);
});
