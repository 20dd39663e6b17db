import * as z from 'zod/mini';
import { shown } from './primitives';

export const health = shown(
  z.object({
    status: z.enum(['ok', 'degraded']),
    version: z.string(),
    env: z.string(),
    region: z.string(),
    checks: z.record(z.string(), z.string()),
    providers: z.optional(
      z.record(
        z.string(),
        z.object({
          used_today: z.number(),
          remaining_today: z.nullable(z.number()),
          day: z.string(),
        }),
      ),
    ),
  }),
  { id: 'Health' },
);
