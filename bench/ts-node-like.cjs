/* global __dirname */
'use strict';

// For the benchmark only: what `npx ts-node` does for an app made by `cdk init`, without the package. The whole program is
// type-checked, then every file is emitted by the compiler as it is required.
const { join, resolve } = require('node:path');
const ts = require('typescript');

const ROOT = join(__dirname, '..');
const entry = resolve(process.argv[2]);
const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [entry] }, ts.sys, ROOT);
const program = ts.createProgram([entry, join(ROOT, 'bin', 'signal9.ts')], {
  ...options,
  noEmit: false,
  sourceMap: false,
  inlineSourceMap: true,
  rootDir: ROOT,
});
ts.getPreEmitDiagnostics(program);
require.extensions['.ts'] = (module, filename) => {
  const source = program.getSourceFile(filename);
  if (source === undefined) throw new Error(`${filename} is no part of the program`);
  let text = '';
  program.emit(source, (_, output) => (text = output));
  module._compile(text, filename);
};
require(entry);
