'use strict';

const { projects } = require('../../jest.config.js');

/** `npm run test:engines`: the suites of the stores once more, on other servers, and those that need a server at all. */
module.exports = {
  ...projects[0],
  displayName: 'engines',
  rootDir: '../..',
  testMatch: ['<rootDir>/test/lambda/adapters/{ledger,portfolio}/**/*.test.ts', '<rootDir>/test/engines/**/*.test.ts'],
  testTimeout: 60_000,
};
