'use strict';

// Loaded into the portfolio service: calls to amazonaws.com that no AWS_ENDPOINT_URL moves (the user pool's public keys) go
// to the emulator. The emulator does the same for the functions that it runs.
const http = require('node:http');
const https = require('node:https');
const { syncBuiltinESMExports } = require('node:module');

const gateway = new URL(process.env.AWS_ENDPOINT_URL);
const { request } = https;
https.request = (...given) => {
  const [input, more, last] = given;
  const url = typeof input === 'string' ? new URL(input) : input;
  const options = typeof more === 'object' ? more : {};
  const host = url.hostname ?? url.host ?? '';
  if (!host.endsWith('.amazonaws.com')) return request(...given);
  const kept = { ...options, agent: undefined };
  return http.request(
    {
      ...kept,
      method: kept.method ?? url.method,
      hostname: gateway.hostname,
      port: gateway.port,
      path: url.pathname ? `${url.pathname}${url.search ?? ''}` : url.path,
      headers: { ...kept.headers, ...url.headers, host },
    },
    typeof more === 'function' ? more : last,
  );
};
https.get = (...given) => https.request(...given).end();
syncBuiltinESMExports();
