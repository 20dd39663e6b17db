import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { buildSync, type BuildOptions, version } from 'esbuild';
import { type FunctionDefinition, type FunctionId, functions } from '../../contract/functions';
import { SERVICE_ENTRY } from '../../contract/service';
import type { Config } from '../config';
import { readText } from '../text-file';
import { cached } from './bundle-cache';

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

/** What decides how bundles come out, beside their sources; this file says what is put beside a bundle. */
const settings = (options: unknown) => ({ esbuild: version, options, made: readText(__filename) });

type Entry = readonly [string, FunctionDefinition];

/** What of the configuration goes into bundles. */
export type Bundled = Pick<Config, 'databaseAuthorities'>;

/**
 * Written in where the name is used, lambda/adapters/database-authorities.ts. One text, for an array would be a module of
 * its own that esbuild has every file of every bundle import.
 */
const optionsFor = ({ databaseAuthorities }: Bundled) => ({
  ...bundleOptions,
  ...(databaseAuthorities && { define: { DATABASE_AUTHORITIES: JSON.stringify(databaseAuthorities.join('')) } }),
});

/** Made once in a process for each set of options. */
const once = (make: (options: BuildOptions) => string): ((config: Bundled) => string) => {
  const made = new Map<string, string>();
  return (config) => {
    const options = optionsFor(config);
    const key = JSON.stringify(options);
    const folder = made.get(key) ?? make(options);
    made.set(key, folder);
    return folder;
  };
};

const functionBundles = once((options) =>
  cached({
    name: 'functions',
    root: ROOT,
    rooms: ['contract', 'core', 'lambda'],
    settings: settings([options, Object.entries(functions).map(([id, { entry, files }]: Entry) => [id, entry, files])]),
    bundle: (outdir) => bundleInto(outdir, functions, options),
  }),
);

/**
 * The directory with a function's bundle. All functions are bundled by the first call, in one run of esbuild inside
 * this process: a process per function, as NodejsFunction would spawn, costs as much as the rest of a synthesis. What an
 * earlier process made of the same is used again.
 */
export const bundleOf = (id: FunctionId, config: Bundled): string => join(functionBundles(config), id);

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
export function bundleAll(definitions: Readonly<Record<string, FunctionDefinition>>, config: Bundled = {}): string {
  const outdir = newFolder('bundles');
  bundleInto(outdir, definitions, optionsFor(config));
  return outdir;
}

/** @returns every file that was read, from the root */
function bundleInto(
  outdir: string,
  definitions: Readonly<Record<string, FunctionDefinition>>,
  options: BuildOptions,
): string[] {
  const { metafile } = buildSync({
    ...options,
    entryPoints: Object.fromEntries(Object.entries(definitions).map(([id, { entry }]) => [`${id}/index`, entry])),
    outdir,
    metafile: true,
  });
  const read = [...Object.keys(metafile.inputs), ...bundleSourceMaps(outdir)];
  for (const [id, { files = [] }] of Object.entries(definitions))
    for (const file of [join(outdir, SOURCE_MAPS), ...files.map((name) => join(ROOT, 'node_modules', name))]) {
      cpSync(file, join(outdir, id, basename(file)));
      if (!file.startsWith(outdir)) read.push(relative(ROOT, file));
    }
  return read;
}

function bundleSourceMaps(outdir: string): string[] {
  const { metafile } = buildSync({
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    minify: true,
    entryPoints: [require.resolve('source-map-support')],
    outfile: join(outdir, SOURCE_MAPS),
    metafile: true,
  });
  return Object.keys(metafile.inputs);
}

/**
 * The directory with the portfolio service's bundle, made as the functions' are, and the files of service/deploy that the
 * instance installs beside it. Another run of esbuild: on EC2 the credentials come from the instance's metadata, so that
 * nothing of the SDK is left out.
 */
export const serviceBundle = once((options) =>
  cached({
    name: 'service',
    root: ROOT,
    rooms: ['contract', 'core', 'lambda', 'service'],
    settings: settings([options, SERVICE_ENTRY]),
    bundle: (outdir) => bundleService(outdir, options),
  }),
);

function bundleService(outdir: string, options: BuildOptions): string[] {
  const { metafile } = buildSync({
    ...options,
    external: [],
    entryPoints: { index: SERVICE_ENTRY },
    outdir,
    metafile: true,
  });
  const read = [...Object.keys(metafile.inputs), ...bundleSourceMaps(outdir)];
  for (const file of SERVICE_FILES) writeFileSync(join(outdir, file), readText(join(DEPLOY, file)));
  return read;
}
