import { z } from 'zod';
import { type FunctionId, functions } from '../../contract/functions';
import { positive } from './fields';

/**
 * How many executions AWS lets an account run at once in a region, and how many of them Lambda keeps for functions
 * without a reservation. A young account begins with 10 and cannot reserve any until AWS has raised that.
 */
const QUOTA = 1000;
const KEPT_UNRESERVED = 100;

/** Lambda counts every environment of the account against one quota; here one environment can be seen. */
const MOST = QUOTA - KEPT_UNRESERVED;

/**
 * Executions of a function at once, by its id: as many as Lambda keeps free for it, and no more than that. `none` reserves
 * nothing, in an account whose quota is too small to reserve from.
 */
export const reservedConcurrencySchema = z
  .union([z.literal('none'), z.record(z.string(), positive)], {
    error: 'must be "none", or a positive number by function id',
  })
  .superRefine((reserved, context) => {
    if (reserved === 'none') return;
    for (const id of Object.keys(reserved))
      if (!Object.hasOwn(functions, id))
        context.addIssue({ code: 'custom', path: [id], message: 'is no function of contract/functions.ts' });
    const sum = Object.values(reserved).reduce((total, each) => total + each, 0);
    if (sum > MOST)
      context.addIssue({
        code: 'custom',
        message: `must not reserve more than ${MOST} executions, and reserves ${sum}: of the ${QUOTA} that an account has in a region Lambda keeps ${KEPT_UNRESERVED} unreserved`,
      });
  });

export type ReservedConcurrency = z.infer<typeof reservedConcurrencySchema>;

/** How many executions are reserved for a function. @default none, it shares what is unreserved */
export const reservationOf = (
  { reservedConcurrency }: { readonly reservedConcurrency: ReservedConcurrency },
  id: FunctionId,
): number | undefined => (reservedConcurrency === 'none' ? undefined : reservedConcurrency[id]);
