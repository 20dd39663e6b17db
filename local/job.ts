import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { schedules } from '../contract/schedules';
import { helpAsked } from './help';
import { JOB_DOOR, jobLine, type JobRequest, jobRequest, SECRET_HEADER } from './host/http/job-door';
import { parseSettings, SettingsError } from './settings';

const USAGE = `npm run job -- <${Object.keys(schedules).join('|')}>, or npm run job -- analyze <SYMBOL>`;

/** A line for the person at the console, and exit code 1. */
class Refused extends Error {}

const hostFile = z.object({ url: z.url(), secret: z.string() });

/** Runs a job on the running host and prints what it says of it. */
async function main(argv: readonly string[]): Promise<void> {
  if (helpAsked(`usage: ${USAGE}`, argv)) return;
  const [job, symbol, ...rest] = argv;
  const parsed = jobRequest.safeParse(job === 'analyze' ? { analyze: symbol?.toUpperCase() } : { job });
  if (!parsed.success || rest.length > 0 || (job !== 'analyze' && symbol !== undefined)) throw new Refused(USAGE);
  const { dataDir } = parseSettings(process.env);
  const response = await ask(dataDir, parsed.data);
  let outcome: string | undefined;
  for await (const text of createInterface({ input: Readable.from(response), crlfDelay: Infinity })) {
    const { line, outcome: ended } = jobLine.parse(JSON.parse(text));
    console.log(line);
    outcome = ended ?? outcome;
  }
  if (outcome === undefined) throw new Refused('The host stopped before the job ended');
  process.exitCode = outcome === 'done' ? 0 : 1;
}

async function ask(dataDir: string, request: JobRequest): Promise<AsyncIterable<Uint8Array>> {
  const notRunning = new Refused(`No Signal9 host is running on ${dataDir}: start it with npm start`);
  const host = hostOf(dataDir);
  if (!host) throw notRunning;
  let response: Response;
  try {
    response = await fetch(`${host.url}${JOB_DOOR}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [SECRET_HEADER]: host.secret },
      body: JSON.stringify(request),
    });
  } catch {
    throw notRunning;
  }
  // Another program, or a host on another directory, has the port by now.
  if (response.status === 404 || !response.body) throw notRunning;
  if (!response.ok) throw new Refused(`The host answered ${response.status}`);
  return response.body;
}

function hostOf(dataDir: string): z.infer<typeof hostFile> | undefined {
  try {
    return hostFile.parse(JSON.parse(readFileSync(path.join(dataDir, 'host.json'), 'utf8')));
  } catch {
    return undefined;
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const known = error instanceof Refused || error instanceof SettingsError;
  console.error(known ? error.message : `The host stopped before the job ended (${String(error)})`);
  process.exit(1);
});
