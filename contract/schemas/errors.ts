import * as z from 'zod/mini';
import { shown } from './primitives';

/** The one shape of every error. `details` name the field; a 500 says nothing but its request id. */
export const errorBody = shown(
  z.object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      request_id: z.string(),
      details: z.optional(z.array(z.object({ path: z.string(), message: z.string() }))),
    }),
  }),
  { id: 'Error' },
);
export type ErrorBody = z.infer<typeof errorBody>;
