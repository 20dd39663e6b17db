/* global __dirname, process */
'use strict';

// For the benchmark only: what `npx ts-node` does for an app made by `cdk init`, without the package. The whole program is
// type-checked, then every file is emitted by the compiler as it is required.
const { dirname, join, resolve } = require('node:path');
const ts = require('typescript');

const ROOT = join(__dirname, '..');
const entry = resolve(process.argv[2]);
const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [entry] }, ts.sys, ROOT);
const program = ts.createProgram([entry], {
  ...options,
  noEmit: false,
  sourceMap: false,
  inlineSourceMap: true,
  rootDir: ROOT,
});
ts.getPreEmitDiagnostics(program);
require.extensions['.ts'] = (module, filename) => {
  let text = '';
  program.emit(program.getSourceFile(filename), (_, output) => (text = output));
  if (text === '')
    text = ts.transpileModule(ts.sys.readFile(filename), { compilerOptions: options, fileName: filename }).outputText;
  module._compile(text, filename);
};
process.chdir(dirname(join(ROOT, 'package.json')));
require(entry);
