/**
 * The documentation page: Swagger UI from our own origin, with no inline script, so that the policy may forbid them.
 *
 * Every address in it is relative, for the page is served under a stage (`/prod/docs`), under `/api/docs` of the console's
 * domain, and at `/docs` on one machine.
 */

/** @param asked path as asked for: relative addresses mean another thing where it ends with a slash */
export function docsPage(asked: string): string {
  const files = asked.endsWith('/') ? '.' : './docs';
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Signal9 API</title>
    <link rel="icon" type="image/png" href="${files}/favicon-32x32.png">
    <link rel="stylesheet" href="${files}/swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="${files}/swagger-ui-bundle.js" defer></script>
    <script src="${files}/start.js" defer></script>
  </body>
</html>
`;
}

/** Starts Swagger UI. The document's address follows from the script's own, which is right with and without a slash. */
export const START_SCRIPT = `'use strict';
const document_url = new URL('../openapi.json', document.currentScript.src).href;
window.ui = SwaggerUIBundle({
  url: document_url,
  dom_id: '#swagger-ui',
  deepLinking: true,
  persistAuthorization: false,
  // No badge of a validator elsewhere: the page speaks to nobody but this origin.
  validatorUrl: null,
});
`;

/**
 * No inline script and no other origin. Swagger UI draws icons from data: URLs, and still writes inline styles (its issue
 * #10655, open at 5.30), which can neither run nor fetch anything here.
 */
export const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
