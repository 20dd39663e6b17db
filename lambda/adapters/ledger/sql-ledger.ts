import type { Kysely } from 'kysely';
import { isClosed } from '../../../core/trading/order';
import type { Sleep } from '../ports';
import { attempts } from './attempts';
import { book } from './booking';
import type { LedgerDialect } from './dialect';
import { acknowledge, close, fill, fillUpTo, renameAtVenue } from './filling';
import { findKey } from './keys';
import type { Ledger } from './ledger';
import { bookedBetween, owed, owedBy, published } from './outbox';
import { takeReport } from './positions';
import { findOrder, listOrders, nextExpiry, openOrders, openOrdersOf, closedBetween } from './reads';
import type { LedgerTables } from './schema';
import { forgetDeparted, pseudonymise, tidyEvents, tidyKeys } from './upkeep';

export interface SqlLedgerPorts {
  readonly dialect: LedgerDialect;
  readonly writer: Kysely<LedgerTables>;
  /** A copy that may lag; the writer itself where there is one machine only. */
  readonly reader: Kysely<LedgerTables>;
  /** 0 ≤ random() < 1: for pauses and event ids. */
  readonly random: () => number;
  readonly sleep: Sleep;
}

/** The ledger in a relational database: MySQL 8, MariaDB or PostgreSQL, as its dialect says. */
export function createSqlLedger(ports: SqlLedgerPorts): Ledger {
  const { dialect, writer, reader, random } = ports;
  const booking = { db: writer, dialect, random };
  const safely = <T>(work: (attempt: number) => Promise<T>): Promise<T> => attempts(ports, work);

  return {
    answered: (userId, key, now) => safely(() => findKey(writer, userId, key, now)),

    book: (order, outcome, request, now) =>
      safely((attempt) => book(booking, order, outcome, request, now, attempt > 1)),
    fill: (tradeId, one, now) => safely(() => fill(booking, tradeId, one, now)),
    fillUpTo: (tradeId, total, executionId, now) => safely(() => fillUpTo(booking, tradeId, total, executionId, now)),
    close: (tradeId, status, reason, now) => safely(() => close(booking, tradeId, status, reason, now)),
    acknowledge: (tradeId, venueOrderId, now) => safely(() => acknowledge(booking, tradeId, venueOrderId, now)),
    renameAtVenue: (tradeId, name, now) => safely(() => renameAtVenue(booking, tradeId, name, now)),

    open: (venue, limit, after) => safely(() => openOrders(writer, venue, limit, after === undefined ? {} : { after })),
    nextExpiry: (venue) => safely(() => nextExpiry(writer, venue)),
    expired: (venue, now, limit) => safely(() => openOrders(writer, venue, limit, { expiredBy: now })),
    get: (userId, tradeId) =>
      safely(async () => {
        const read = await findOrder(reader, tradeId, userId);
        // What has ended changes no more; anything else may have moved on at the writer, or be there only.
        if (reader === writer || (read && isClosed(read.status))) return read;
        return findOrder(writer, tradeId, userId);
      }),
    openOf: (userId) => safely(() => openOrdersOf(writer, userId)),
    find: (tradeId) => safely(() => findOrder(writer, tradeId)),
    list: (userId, filter, page) => safely(() => listOrders(ports, userId, filter, page)),
    closedBetween: (from, to, limit, after) => safely(() => closedBetween(reader, from, to, limit, after)),

    owed: (until, limit) => safely(() => owed(writer, until, limit)),
    owedBy: (tradeId) => safely(() => owedBy(writer, tradeId)),
    published: (eventIds, now) => safely(() => published(writer, eventIds, now)),
    bookedBetween: (stream, from, to, limit) => safely(() => bookedBetween(writer, stream, from, to, limit)),

    report: (report, now) => safely(() => takeReport(writer, dialect, report, now)),

    pseudonymise: (userId, pseudonym, removedAt, now) =>
      safely(() => pseudonymise(writer, dialect, userId, pseudonym, removedAt, now)),
    forget: (endedBefore) => safely(() => forgetDeparted(writer, endedBefore)),
    tidy: async (now, before) => ({
      keys: await safely(() => tidyKeys(writer, now)),
      events: await safely(() => tidyEvents(writer, before)),
    }),
  };
}
