'use strict';

// Loaded into every process that runs deployed code (NODE_OPTIONS): adds the authority of this run to the authorities that
// the code names itself, for nobody but Amazon can sign for those. NODE_EXTRA_CA_CERTS reaches only Node's own.
const { readFileSync } = require('node:fs');
const tls = require('node:tls');

const authority = readFileSync(process.env.SIGNAL9_AUTHORITY, 'utf8');
const { createSecureContext } = tls;
tls.createSecureContext = (options = {}) =>
  createSecureContext(options.ca === undefined ? options : { ...options, ca: [options.ca, authority].flat() });
