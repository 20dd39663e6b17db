import * as z from 'zod/mini';
import type { Route } from '../route';
import { health } from '../schemas/health';

/** Files of the documentation page, served by name. */
export const docsAsset = z.enum(['swagger-ui-bundle.js', 'swagger-ui.css', 'favicon-32x32.png', 'start.js']);

export const healthRoutes = {
  getHealth: {
    id: 'getHealth',
    method: 'GET',
    path: '/health',
    summary: 'Is the platform well, and what is left of the providers’ calls',
    tag: 'platform',
    access: 'public',
    cache: 'none',
    function: 'api-health',
    success: {
      status: 200,
      body: health,
      description:
        'Health; `degraded` names the check that failed. Where the ledger pauses, `ledger` is `asleep` or `awake`, as far as is known without waking it',
    },
    errors: [],
  },
} as const satisfies Record<string, Route>;

export const docsRoutes = {
  getOpenApi: {
    id: 'getOpenApi',
    method: 'GET',
    path: '/openapi.json',
    summary: 'This document',
    tag: 'platform',
    access: 'public',
    cache: 'shared',
    function: 'api-docs',
    success: { status: 200, mediaType: 'application/json', description: 'OpenAPI 3.1' },
    errors: [],
  },
  getDocs: {
    id: 'getDocs',
    method: 'GET',
    path: '/docs',
    summary: 'A page to read the API and to try it',
    tag: 'platform',
    access: 'public',
    // Its relative addresses differ with and without a slash at the end of the path asked for, which a cache calls the same.
    cache: 'none',
    function: 'api-docs',
    success: { status: 200, mediaType: 'text/html', description: 'The page' },
    errors: [],
  },
  getDocsAsset: {
    id: 'getDocsAsset',
    method: 'GET',
    path: '/docs/{asset}',
    summary: 'A file of the documentation page',
    tag: 'platform',
    access: 'public',
    cache: 'shared',
    function: 'api-docs',
    parameters: z.strictObject({ asset: docsAsset }),
    success: { status: 200, mediaType: 'application/octet-stream', description: 'The file' },
    errors: [400],
  },
} as const satisfies Record<string, Route>;
