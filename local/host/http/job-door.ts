import { createHash, timingSafeEqual } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type ScheduleId, schedules } from '../../../contract/schedules';
import type { Log } from '../../../lambda/adapters/ports';
import { HostError } from '../host-error';
import { errorFields } from '../../../lambda/adapters/log-fields';

export const JOB_DOOR = '/_signal9/jobs';
export const SECRET_HEADER = 'x-signal9-secret';

const jobIds = Object.keys(schedules) as [ScheduleId, ...ScheduleId[]];
export const jobRequest = z.union([
  z.object({ job: z.enum(jobIds) }),
  z.object({ analyze: z.string().min(1).max(32) }),
]);
export type JobRequest = z.infer<typeof jobRequest>;

/** One line of the answer: what goes on, and at last whether it went well. */
export const jobLine = z.object({ line: z.string(), outcome: z.enum(['done', 'failed']).optional() });
export type JobLine = z.infer<typeof jobLine>;

/** The door of `npm run job`, for who can read the secret in the data directory. Not part of the API. */
export function jobDoor(secret: string, run: (request: JobRequest) => AsyncIterable<JobLine>, log: Log) {
  return (server: FastifyInstance): void => {
    server.post(JOB_DOOR, async (request, reply) => {
      // What the door is must not be told to who cannot open it.
      if (!isSame(String(request.headers[SECRET_HEADER] ?? ''), secret)) {
        reply.callNotFound();
        return reply;
      }
      const parsed = jobRequest.safeParse(jsonOf(request.body));
      const lines = parsed.success
        ? guarded(run(parsed.data), log)
        : [{ line: 'No such job', outcome: 'failed' as const }];
      return reply.type('application/x-ndjson').send(Readable.from(asText(lines)));
    });
  };
}

async function* guarded(lines: AsyncIterable<JobLine>, log: Log): AsyncGenerator<JobLine> {
  try {
    yield* lines;
  } catch (error) {
    if (!(error instanceof HostError)) log.error('job door failed', errorFields(error));
    yield { line: error instanceof Error ? error.message : 'it failed', outcome: 'failed' };
  }
}

async function* asText(lines: AsyncIterable<JobLine> | Iterable<JobLine>): AsyncGenerator<string> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`;
}

function jsonOf(body: unknown): unknown {
  try {
    return JSON.parse(String(body));
  } catch {
    return undefined;
  }
}

function isSame(given: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
