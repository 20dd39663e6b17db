import type { Asked, Outage } from '../journal';
import { names, STALE_AFTER_MS } from '../outages';
import { verify } from './checks';
import type { Evidence, TransactionRecord } from './evidence';
import { reignsOf } from './leaders';

/** A lie told to the verifier: evidence in which something is not as it was. */
interface Lie {
  readonly tells: string;
  readonly caughtBy: string;
  readonly change: (evidence: Evidence) => Partial<Evidence>;
}

const lost = (): never => {
  throw new Error('there is nothing of the kind to lie about');
};
const replaced = <T>(items: readonly T[], old: T | undefined, ...by: readonly T[]): T[] =>
  items.flatMap((one) => (one === (old ?? lost()) ? by : [one]));
const manual = ({ transactions }: Evidence) =>
  transactions.find((one) => one.source === 'manual' && one.qty !== null) ?? lost();
const trade = ({ transactions }: Evidence) => transactions.find((one) => one.source === 'trade') ?? lost();
const anotherRow = (evidence: Evidence, old: TransactionRecord, by: Partial<TransactionRecord> | null) => ({
  transactions: replaced(evidence.transactions, old, ...(by ? [{ ...old, ...by }] : [])),
});
const outageOf = ({ outages }: Evidence, victim: Outage['victim']) =>
  outages.find((one) => one.victim === victim) ?? lost();
const answer = ({ requests }: Evidence, victim: Outage | undefined, after = 0): Asked =>
  requests.findLast(
    ({ route, status, from, to, prices }) =>
      route === 'holdings' &&
      status === 200 &&
      prices?.length &&
      (!victim || (from >= victim.from + after && to <= victim.to)),
  ) ?? lost();
const anotherAnswer = (evidence: Evidence, old: Asked, by: Partial<Asked>) => ({
  requests: replaced(evidence.requests, old, { ...old, ...by }),
});
const anotherPrice = (evidence: Evidence, victim: Outage | undefined, by: object) => {
  const old = answer(evidence, victim, victim?.victim === 'provider' ? STALE_AFTER_MS : 0);
  return anotherAnswer(evidence, old, { prices: (old.prices ?? []).map((one) => ({ ...one, ...by })) });
};

const lies: readonly Lie[] = [
  {
    tells: 'an outage was not said',
    caughtBy: 'said',
    change: (evidence) => ({ looks: evidence.looks.filter((one) => !names(one, 'database')) }),
  },
  {
    tells: 'the cache’s outage was blamed on the database',
    caughtBy: 'names_nothing_else',
    change: ({ looks }) => ({
      looks: looks.map((one) =>
        names(one, 'cache') ? { ...one, checks: { ...one.checks, database: 'unreachable' } } : one,
      ),
    }),
  },
  {
    tells: 'health was refused while the database was away',
    caughtBy: 'health_answers',
    change: ({ looks }) => ({ looks: looks.map((one) => (names(one, 'database') ? { ...one, status: 503 } : one)) }),
  },
  {
    tells: 'one process stayed degraded',
    caughtBy: 'recovers',
    change: ({ outages }) => ({ outages: outages.map((one) => ({ ...one, recovered: null })) }),
  },
  {
    tells: 'an answer was 500',
    caughtBy: 'never_500',
    change: (evidence) => anotherAnswer(evidence, answer(evidence, undefined), { status: 500 }),
  },
  {
    tells: 'a 503 came without Retry-After',
    caughtBy: 'unavailable',
    change: ({ requests }) => ({
      requests: requests.map((one) => (one.status === 503 ? { ...one, retryAfter: null } : one)),
    }),
  },
  {
    tells: 'a 503 came while the cache was away',
    caughtBy: 'unavailable',
    change: (evidence) =>
      anotherAnswer(evidence, answer(evidence, outageOf(evidence, 'cache')), {
        status: 503,
        code: 'unavailable',
        retryAfter: '5',
      }),
  },
  {
    tells: 'holdings were answered without a database',
    caughtBy: 'database_away',
    change: ({ requests }) => ({
      requests: requests.map((one) => (one.status === 503 ? { ...one, status: 200 } : one)),
    }),
  },
  {
    tells: 'a holding had no price while the cache was away',
    caughtBy: 'served',
    change: (evidence) => anotherPrice(evidence, outageOf(evidence, 'cache'), { price: null }),
  },
  {
    tells: 'a holding was worth nothing while the provider was away',
    caughtBy: 'served',
    change: (evidence) => anotherPrice(evidence, outageOf(evidence, 'provider'), { price: '0' }),
  },
  {
    tells: 'an old price was shown as a fresh one',
    caughtBy: 'stale_is_shown',
    change: (evidence) => anotherPrice(evidence, outageOf(evidence, 'provider'), { stale: false }),
  },
  {
    tells: 'an old price did not tell its moment',
    caughtBy: 'stale_is_shown',
    change: (evidence) => anotherPrice(evidence, outageOf(evidence, 'provider'), { as_of: null }),
  },
  {
    tells: 'prices were stale while the cache was away',
    caughtBy: 'fresh_otherwise',
    change: (evidence) => anotherPrice(evidence, outageOf(evidence, 'cache'), { stale: true }),
  },
  {
    tells: 'a price was what was paid',
    caughtBy: 'no_invented_price',
    change: (evidence) => anotherPrice(evidence, undefined, { price: '50.17' }),
  },
  {
    tells: 'a process that never led led all the time',
    caughtBy: 'one_leads',
    change: ({ leads, began }) => ({ leads: [{ pid: 1, at: began, leads: true }, ...leads] }),
  },
  {
    tells: 'a process that did not lead published',
    caughtBy: 'leader_speaks',
    change: ({ valuations }) => ({ valuations: valuations.map((one) => ({ ...one, pid: 1 })) }),
  },
  {
    tells: 'both processes valued a portfolio every minute',
    caughtBy: 'one_a_minute',
    change: ({ valuations }) => ({
      valuations: valuations.flatMap((one) => [one, { ...one, pid: 1, at: one.at + 1 }]),
    }),
  },
  {
    tells: 'a portfolio was not valued',
    caughtBy: 'goes_on',
    change: ({ valuations, watched }) => ({
      valuations: valuations.filter(({ detail }) => detail.portfolio_id !== watched[0]),
    }),
  },
  {
    tells: 'nobody followed the killed leader',
    caughtBy: 'lead_changed_hands',
    change: (evidence) => {
      const { pid, at } = evidence.deaths[0] ?? lost();
      const later = new Set(
        reignsOf(evidence)
          .filter((one) => one.from > at && one.pid !== pid)
          .map((one) => one.from),
      );
      return { leads: evidence.leads.filter((one) => !later.has(one.at)) };
    },
  },
  {
    tells: 'a transaction was never answered',
    caughtBy: 'answered_all',
    change: ({ entries }) => ({
      entries: replaced(entries, entries[0], { ...(entries[0] ?? lost()), outcome: 'unknown' }),
    }),
  },
  {
    tells: 'an acknowledged transaction is lost',
    caughtBy: 'recorded_once',
    change: (e) => anotherRow(e, manual(e), null),
  },
  {
    tells: 'an acknowledged transaction is there twice',
    caughtBy: 'recorded_once',
    change: (e) => ({ transactions: [...e.transactions, { ...manual(e), transaction_id: 'another' }] }),
  },
  {
    tells: 'a transaction is of another quantity',
    caughtBy: 'recorded_once',
    change: (e) => anotherRow(e, manual(e), { qty: '0.000000001' }),
  },
  {
    tells: 'a transaction asked for again was answered as another one',
    caughtBy: 'one_answer',
    change: (e) => anotherRow(e, manual(e), { transaction_id: 'another' }),
  },
  { tells: 'a booked trade is lost', caughtBy: 'trades_once', change: (e) => anotherRow(e, trade(e), null) },
  {
    tells: 'a booked trade is in another portfolio',
    caughtBy: 'trades_once',
    change: (e) => anotherRow(e, trade(e), { portfolio_id: 'another' }),
  },
  {
    tells: 'there is a trade that nobody booked',
    caughtBy: 'none_more',
    change: (e) => ({ transactions: [...e.transactions, { ...trade(e), transaction_id: 'another' }] }),
  },
  {
    tells: 'what was refused is there',
    caughtBy: 'none_more',
    change: (e) => {
      const { portfolio_id, external_id } = e.entries.find(({ outcome }) => outcome === 'refused') ?? lost();
      return {
        transactions: [...e.transactions, { ...manual(e), transaction_id: 'another', portfolio_id, external_id }],
      };
    },
  },
  {
    tells: 'a number of a stream is missing',
    caughtBy: 'sequences',
    change: ({ streams }) => ({ streams: streams.map((one) => ({ ...one, gap_since: 'a while' })) }),
  },
  { tells: 'a receipt is missing', caughtBy: 'sequences', change: ({ receipts }) => ({ receipts: receipts.slice(1) }) },
  {
    tells: 'holdings are of a sum of which one row is not there',
    caughtBy: 'holdings',
    change: (e) => anotherRow(e, manual(e), null),
  },
  {
    tells: 'one process answered no holdings',
    caughtBy: 'holdings',
    change: ({ holdings }) => ({ holdings: holdings.slice(1) }),
  },
  {
    tells: 'a day’s value is not kept',
    caughtBy: 'snapshots',
    change: ({ snapshots }) => ({ snapshots: snapshots.slice(1) }),
  },
  {
    tells: 'a day’s value is an old one',
    caughtBy: 'snapshots',
    change: ({ snapshots }) => ({ snapshots: snapshots.map((one) => ({ ...one, cost_basis: '1' })) }),
  },
  {
    tells: 'a report was never told',
    caughtBy: 'reports',
    change: ({ reports }) => {
      const { detail } = reports[0] ?? lost();
      return {
        reports: reports.filter(
          (one) => one.detail.portfolio_id !== detail.portfolio_id || one.detail.sequence !== detail.sequence,
        ),
      };
    },
  },
  { tells: 'a report is owed', caughtBy: 'reports', change: () => ({ owed: [{ portfolio_id: 'one', sequence: 1 }] }) },
];

/** Tells the verifier lies. @returns those that it believed, and the checks that saw through one */
export function believedLies(evidence: Evidence) {
  const told = lies.map((lie) => {
    const breached = verify({ ...evidence, ...lie.change(evidence) });
    return { ...lie, isCaught: breached.some(({ check }) => check.id === lie.caughtBy) };
  });
  return {
    told: told.length,
    believed: told.filter(({ isCaught }) => !isCaught).map(({ tells }) => tells),
    proven: new Set(told.filter(({ isCaught }) => isCaught).map(({ caughtBy }) => caughtBy)),
  };
}
