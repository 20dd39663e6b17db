import * as z from 'zod/mini';
import { attempts } from '../ledger/attempts';
import { postgres } from '../ledger/dialect';
import type { Sleep } from '../ports';
import { StoreUnavailable } from './portfolios';

const driverError = z.object({ code: z.optional(z.nullable(z.string())), message: z.optional(z.string()) });
const read = (error: unknown): z.infer<typeof driverError> => {
  const parsed = driverError.safeParse(error);
  return parsed.success ? parsed.data : {};
};

/** Serialization failure and deadlock: the database chose this transaction to give way. */
const isConflict = (error: unknown): boolean => ['40001', '40P01'].includes(read(error).code ?? '');

/** A connection that was there, and of which the pool did not know yet that it had ended: another one may well answer. */
const isBrokenOff = (error: unknown): boolean => {
  const { code, message } = read(error);
  return (
    /^(08...|57P01|57P02|ECONNRESET|EPIPE)$/.test(code ?? '') ||
    /connection terminated unexpectedly|not queryable/i.test(message ?? '')
  );
};

/**
 * What says nothing about the question: no connection to be had, no answer in time (57014, 55P03), no resources (class 53),
 * a server that starts, stops or is no writer yet (57, 25006), a password or a certificate that is not accepted.
 */
export function isOutage(error: unknown): boolean {
  const { code, message } = read(error);
  return (
    isConflict(error) ||
    postgres.isConnectionLost(error) ||
    postgres.isAccessDenied(error) ||
    /^(08...|53...|57...|55P03|25006|3D000|E(?!RR_)[A-Z]{3,}|ERR_TLS_.*|ERR_SSL_.*|.*CERT.*|.*SIGNATURE.*)$/.test(
      code ?? '',
    ) ||
    /timeout expired|connection terminated/i.test(message ?? '')
  );
}

/** More would keep a caller waiting whom a plain word helps more. */
const MOST_BROKEN_OFF = 2;

/** Runs a transaction; again where it lost against another, or its connection had ended. @throws StoreUnavailable */
export type Safely = <T>(work: (attempt: number) => Promise<T>) => Promise<T>;

export const safelyWith =
  (ports: { readonly random: () => number; readonly sleep: Sleep }): Safely =>
  async (work) => {
    let brokenOff = 0;
    const isConnectionLost = (error: unknown) => isBrokenOff(error) && ++brokenOff <= MOST_BROKEN_OFF;
    try {
      return await attempts({ ...ports, dialect: { isConflict, isConnectionLost } }, work);
    } catch (error) {
      if (!isOutage(error)) throw error;
      throw new StoreUnavailable(`the portfolios' database: ${read(error).message ?? 'no answer'}`, { cause: error });
    }
  };
