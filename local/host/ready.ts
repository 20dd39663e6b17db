import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Host } from './host';
import { LIVE_PATH } from './live/live-server';

const page = z.object({ items: z.array(z.object({ symbol: z.string(), rating: z.unknown() })) });

/** What a person needs to go on: addresses, a token, and a command that shows something. */
export async function readyLines(host: Host): Promise<string[]> {
  const { url, directory } = host;
  const tokenFile = fromHere(directory.demoToken);
  const token = readFileSync(directory.demoToken, 'utf8').trim();
  const symbol = await analyzedSymbol(url, token).catch(() => undefined);
  const example = symbol === undefined ? '/assets?limit=5' : `/assets/${symbol}/analysis`;
  const standing = host.standing();
  return [
    '',
    `Signal9 is ready${standing === '' ? '' : ` (${standing})`}`,
    `  REST   ${url}`,
    `  Live   ${url.replace('http', 'ws')}${LIVE_PATH} (WebSocket, subprotocols signal9 and the token)`,
    `  Docs   ${url}/docs`,
    `  Token  ${token}`,
    `         kept fresh in ${tokenFile}; a machine's, for market reads only, beside it in demo-machine-token`,
    `  Try    curl -H "Authorization: Bearer $(cat ${tokenFile})" "${url}${example}"`,
    '  Jobs   npm run job -- analyze <SYMBOL>',
    `  Log    ${fromHere(directory.log)}`,
    '  Ctrl-C stops it',
  ];
}

/** As short as it can be typed. */
function fromHere(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : relative;
}

/** A company that has an analysis to look at. */
async function analyzedSymbol(url: string, token: string): Promise<string | undefined> {
  const response = await fetch(`${url}/assets?limit=200`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(2000),
  });
  const { items } = page.parse(await response.json());
  return items.find(({ rating }) => rating !== null)?.symbol;
}
