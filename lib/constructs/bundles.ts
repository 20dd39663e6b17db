import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildSync, type BuildOptions } from 'esbuild';
import { type FunctionDefinition, type FunctionId, functions } from '../../contract/functions';
import { SERVICE_ENTRY } from '../../contract/service';
import { readText } from '../text-file';

const ROOT = join(__dirname, '..', '..');

/** Reads source maps, beside every bundle. */
const SOURCE_MAPS = 'source-maps.cjs';

/** What an instance of the service needs beside its program. */
export const DEPLOY = join(ROOT, 'service', 'deploy');
const SERVICE_FILES = ['signal9-portfolio.service', 'signal9-portfolio.logrotate'];

/** The entry's export that Lambda calls. */
export const HANDLER = 'index.handler';

/**
 * How a Lambda bundle is made. ESM keeps tree shaking honest; `createRequire` serves the CommonJS packages inside.
 * The SDK is bundled: pinned to the version that was tested, and quicker to load than the one in the runtime.
 */
export const bundleOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  outExtension: { '.js': '.mjs' },
  minify: true,
  legalComments: 'none',
  charset: 'utf8',
  // Our own lines in a stack trace, without shipping the sources twice.
  sourcemap: 'linked',
  sourcesContent: false,
  banner: {
    js: [
      "import{createRequire as s9r}from'node:module'",
      'const require=s9r(import.meta.url)',
      // The map is read when the first stack trace is, not when the function starts: Node's own `--enable-source-maps`
      // parses it at every cold start, which made a third of them (bench/bundles.ts).
      `Error.prepareStackTrace=(e,t)=>{delete Error.prepareStackTrace;require('./${SOURCE_MAPS}').install({hookRequire:false,handleUncaughtExceptions:false});return Error.prepareStackTrace(e,t)}`,
      '',
    ].join(';'),
  },
  // The SDK's ways to credentials that only exist outside of Lambda: files, sign-in, instance metadata. It imports them
  // on demand, after the environment's, so in Lambda never; bundled they would be a quarter of every bundle.
  external: [
    '@aws-sdk/credential-provider-http',
    '@aws-sdk/credential-provider-ini',
    '@aws-sdk/credential-provider-process',
    '@aws-sdk/credential-provider-sso',
    '@aws-sdk/credential-provider-web-identity',
    '@smithy/credential-provider-imds',
  ],
  logLevel: 'warning',
} satisfies BuildOptions;

let bundled: string | undefined;

/**
 * The directory with a function's bundle. All functions are bundled by the first call, in one run of esbuild inside
 * this process: a process per function, as NodejsFunction would spawn, costs as much as the rest of a synthesis.
 */
export function bundleOf(id: FunctionId): string {
  bundled ??= bundleAll(functions);
  return join(bundled, id);
}

/**
 * A new folder, which goes with the process. Below the repository: a source map names the sources by their way from there,
 * so that two checkouts of one commit give the same assets wherever they lie.
 */
function newFolder(name: string): string {
  const build = join(ROOT, 'build');
  mkdirSync(build, { recursive: true });
  const folder = mkdtempSync(join(build, `${name}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Bundles every definition into a directory of its own below a new temporary one, which goes with the process. */
export function bundleAll(definitions: Readonly<Record<string, FunctionDefinition>>): string {
  const outdir = newFolder('bundles');
  buildSync({
    ...bundleOptions,
    entryPoints: Object.fromEntries(Object.entries(definitions).map(([id, { entry }]) => [`${id}/index`, entry])),
    outdir,
  });
  bundleSourceMaps(outdir);
  for (const [id, { files = [] }] of Object.entries(definitions))
    for (const file of [join(outdir, SOURCE_MAPS), ...files.map((name) => join(ROOT, 'node_modules', name))])
      cpSync(file, join(outdir, id, basename(file)));
  return outdir;
}

function bundleSourceMaps(outdir: string): void {
  buildSync({
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    minify: true,
    entryPoints: [require.resolve('source-map-support')],
    outfile: join(outdir, SOURCE_MAPS),
  });
}

let bundledService: string | undefined;

/**
 * The directory with the portfolio service's bundle, made as the functions' are, and the files of service/deploy that the
 * instance installs beside it. Another run of esbuild: on EC2 the credentials come from the instance's metadata, so that
 * nothing of the SDK is left out.
 */
export function serviceBundle(): string {
  bundledService ??= bundleService();
  return bundledService;
}

function bundleService(): string {
  const outdir = newFolder('service');
  buildSync({ ...bundleOptions, external: [], entryPoints: { index: SERVICE_ENTRY }, outdir });
  bundleSourceMaps(outdir);
  for (const file of SERVICE_FILES) writeFileSync(join(outdir, file), readText(join(DEPLOY, file)));
  return outdir;
}
