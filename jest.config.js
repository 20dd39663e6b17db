'use strict';

// Three projects so that a change can be tried where it was made: `npx jest --selectProjects unit`.
// unit: pure code, contract, tools, handlers on dynalite; infra: templates synthesised once; local: the running host over HTTP.
const shared = {
  testEnvironment: 'node',
  transform: {
    '^.+\\.[tj]s$': [
      'ts-jest',
      { tsconfig: { module: 'commonjs', allowJs: true, isolatedModules: true, sourceMap: true }, diagnostics: false },
    ],
  },
  // jose, hyparquet and cookie are published as ES modules only; jest runs CommonJS.
  transformIgnorePatterns: ['/node_modules/(?!(?:jose|cookie|hyparquet|hyparquet-writer)/)'],
  modulePathIgnorePatterns: [
    '<rootDir>/cdk.out',
    '<rootDir>/build',
    '<rootDir>/.signal9',
    '<rootDir>/.venv',
    '<rootDir>/.venv-checkov',
  ],
};

/** @type {import('jest').Config} */
module.exports = {
  // Both cores of a small machine: by itself jest would keep one for watching.
  maxWorkers: '100%',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/{core,contract,lambda,lint,real-payloads,service,tools,workflows}/**/*.test.ts'],
    },
    {
      ...shared,
      displayName: 'infra',
      testMatch: ['<rootDir>/test/infra/**/*.test.ts'],
      globalSetup: '<rootDir>/test/infra/synthesise-once.ts',
    },
    { ...shared, displayName: 'local', testMatch: ['<rootDir>/test/local/**/*.test.ts'] },
  ],
  collectCoverageFrom: ['core/**/*.ts', 'contract/**/*.ts', 'lambda/**/*.ts', 'service/**/*.ts'],
  coverageDirectory: 'coverage',
  coverageReporters: ['text-summary', 'json-summary'],
  coverageThreshold: {
    global: { statements: 90 },
    './core/': { statements: 90 },
    './contract/': { statements: 90 },
    './lambda/': { statements: 90 },
    './service/': { statements: 90 },
  },
  testTimeout: 30_000,
};
