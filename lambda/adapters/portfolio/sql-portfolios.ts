import type { Kysely } from 'kysely';
import { ulid } from 'ulid';
import { MAX_TRANSACTIONS } from '../../../contract/schemas/portfolios';
import type { Sleep } from '../ports';
import { changing } from './changing';
import { closesKnownOfSymbols, closesOf, keepCloses, keepSnapshots, snapshotsOf } from './days';
import { removeUser } from './departures';
import { create, find, list, ping, remove, replace } from './keeping';
import { lead, type LeadershipPorts } from './leadership';
import { announceSymbols, announceWatched } from './locks';
import { sizes } from './pages';
import type { PortfolioStore } from './portfolios';
import { record } from './recording';
import { owed, told } from './reports';
import type { PortfolioTables } from './schema';
import { gaps } from './streams';
import { listTransactions, stateOf, states } from './transactions';
import { safelyWith } from './unavailable';

export interface SqlPortfoliosPorts {
  readonly db: Kysely<PortfolioTables>;
  /** 0 ≤ random() < 1: for ids and pauses. */
  readonly random: () => number;
  readonly sleep: Sleep;
  readonly leadership: LeadershipPorts;
  /** How many transactions a portfolio has before no more are added. @default MAX_TRANSACTIONS */
  readonly maxTransactions?: number;
}

/** The portfolios in PostgreSQL 15. */
export function createSqlPortfolios(ports: SqlPortfoliosPorts): PortfolioStore {
  const { db, random, leadership, maxTransactions = MAX_TRANSACTIONS } = ports;
  const safely = safelyWith(ports);

  return {
    ping: () => safely(() => ping(db)),

    create: (userId, fields, now) => {
      const portfolioId = ulid(Date.parse(now), random);
      return safely(() => create(db, portfolioId, userId, fields, now));
    },
    list: (userId, page) => safely(() => list(db, userId, page)),
    find: (userId, portfolioId) => safely(() => find(db, userId, portfolioId)),
    replace: (userId, portfolioId, fields, now, revision) =>
      safely((attempt) => replace(db, userId, portfolioId, fields, now, revision, attempt > 1)),
    remove: (userId, portfolioId, now) => safely((attempt) => remove(db, userId, portfolioId, now, attempt > 1)),
    removeUser: (userId, removedAt) => safely(() => removeUser(db, userId, removedAt)),

    state: (userId, portfolioId) => safely(() => stateOf(db, userId, portfolioId)),
    transactions: (userId, portfolioId, filter, page) =>
      safely(async () =>
        (await find(db, userId, portfolioId)) ? listTransactions(db, portfolioId, filter, page) : null,
      ),
    change: (userId, portfolioId, now, decide) =>
      safely(changing({ db, maxTransactions }, userId, portfolioId, now, decide)),
    record: (trade, now) => safely(() => record(db, trade, now, random)),
    gaps: (since, limit) => safely(() => gaps(db, since, limit)),

    owed: (limit) => safely(() => owed(db, limit)),
    told: (reportIds) => safely(() => told(db, reportIds)),

    snapshot: (snapshots) => safely(() => keepSnapshots(db, snapshots)),
    snapshots: (portfolioId, from, to) => safely(() => snapshotsOf(db, portfolioId, from, to)),
    sizes: (page) => safely(() => sizes(db, page)),
    states: (page) => safely(() => states(db, page)),

    closes: (symbols, adjustment, from, to) => safely(() => closesOf(db, symbols, adjustment, from, to)),
    closesKnown: (symbols, adjustment) => safely(() => closesKnownOfSymbols(db, symbols, adjustment)),
    keepCloses: (adjustment, closes, known) => safely(() => keepCloses(db, adjustment, closes, known)),

    touch: ({ portfolios, symbols }) =>
      safely(async () => {
        for (const portfolioId of portfolios) await announceWatched(db, portfolioId);
        await announceSymbols(db, symbols);
      }),
    lead: (props) => lead(leadership, props),
  };
}
