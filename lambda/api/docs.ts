import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openApi } from '../../contract/openapi';
import { routes } from '../../contract/routes';
import { onFirstCall } from '../adapters/aws';
import { DOCS_POLICY, docsPage, START_SCRIPT } from './docs-page';
import { type ApiHandler, implement, serve, type ServeServices } from './serve';

export interface DocsServices extends ServeServices {
  readonly version: string;
  /** A file of swagger-ui-dist by its base name: beside the bundle in Lambda, in node_modules on one machine. */
  readonly readFile: (name: string) => Promise<Buffer>;
}

/** Texts leave as they are; only the icon needs base64, and with it API Gateway's binary media type for it. */
const MEDIA_TYPES = {
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'start.js': 'text/javascript; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
  'favicon-32x32.png': 'image/png',
} as const;

/** GET /openapi.json and the page to read and try it. */
export function makeHandler(services: DocsServices): ApiHandler {
  const { version } = services;
  // Made at the first request and kept: the contract does not change while a container lives.
  let document: string | undefined;

  const getOpenApi = implement(routes.getOpenApi, async () => ({
    content: (document ??= JSON.stringify(openApi({ version }))),
    mediaType: 'application/json; charset=utf-8',
    // Tools on other origins may read what anyone may read.
    headers: { 'cross-origin-resource-policy': 'cross-origin' },
  }));

  const getDocs = implement(routes.getDocs, async ({ path }) => ({
    content: docsPage(path),
    mediaType: 'text/html; charset=utf-8',
    headers: { 'content-security-policy': DOCS_POLICY },
  }));

  const getDocsAsset = implement(routes.getDocsAsset, async ({ parameters: { asset } }) => {
    const file = asset === 'start.js' ? Buffer.from(START_SCRIPT) : await services.readFile(asset);
    const mediaType = MEDIA_TYPES[asset];
    return { content: mediaType.startsWith('text/') ? file.toString('utf8') : file, mediaType };
  });

  return serve([getOpenApi, getDocs, getDocsAsset], services);
}

export const handler = onFirstCall('api-docs', (environment, aws) =>
  makeHandler({
    ...aws,
    consoleOrigin: environment.CONSOLE_ORIGIN,
    version: environment.SIGNAL9_VERSION,
    // The bundle's folder, where the files of contract/functions.ts lie beside it.
    readFile: (name) => readFile(join(process.env.LAMBDA_TASK_ROOT ?? '.', name)),
  }),
);
