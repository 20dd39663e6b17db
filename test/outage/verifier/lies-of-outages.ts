import type { Asked, Outage } from '../journal';
import { names, STALE_AFTER_MS } from '../outages';
import type { Evidence } from './evidence';
import { reignsOf } from './leaders';
import { type Lie, lost, replaced } from './lie';

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

export const liesOfOutages: readonly Lie[] = [
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
];
