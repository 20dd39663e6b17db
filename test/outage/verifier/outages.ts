import type { Asked, Look, Outage } from '../journal';
import { isMarketPrice } from '../market';
import { names, STALE_AFTER_MS } from '../outages';
import { pacedTime } from '../pace';
import type { Check } from './evidence';

/** Fewer answers than this say nothing about an outage. */
const LEAST_ANSWERS = 5;
/** A process that was killed is looked at again when it has said that it listens. */
const isDown = (outages: readonly Outage[], { process, from, to }: Pick<Asked, 'process' | 'from' | 'to'>): boolean =>
  outages.some((one) => one.killed === process && to >= one.from && from <= (one.recovered ?? Infinity));

const within = (one: Pick<Asked, 'from' | 'to'>, from: number, to: number) => one.from >= from && one.to <= to;
const told = (one: Asked | Look): string => JSON.stringify(one);
const isOf =
  (...victims: Outage['victim'][]) =>
  ({ victim }: Outage) =>
    victims.includes(victim);

/** Answers about holdings that were asked for and given while it lasted. */
const holdingsIn = (requests: readonly Asked[], from: number, to: number) =>
  requests.filter((one) => one.route === 'holdings' && within(one, from, to));

const tooFew = ({ name }: Outage, answers: readonly unknown[]): string[] =>
  answers.length < LEAST_ANSWERS ? [`${name}: only ${answers.length} answers`] : [];

/** What the service said and served while something was away. */
export const outageChecks: readonly Check[] = [
  {
    id: 'said',
    says: 'each outage is said in time by /health of both processes, with 200, `degraded` and the right check',
    breaches: ({ outages, looks, servers }) =>
      outages.flatMap(({ name, victim, from, to, said, killed }) => {
        if (said === null) return [`${name} is not said in time`];
        if (victim === 'leader') return [];
        const unsaid = servers.filter(
          (server) =>
            server !== killed &&
            !looks.some((one) => one.process === server && within(one, from, to) && names(one, victim)),
        );
        return unsaid.map((server) => `${name} is not said by ${server}`);
      }),
  },
  {
    id: 'names_nothing_else',
    says: 'while something is away, /health goes on saying so, and blames nothing else',
    breaches: ({ outages, looks }) =>
      outages.filter(isOf('cache', 'database', 'provider')).flatMap(({ name, victim, said, to }) =>
        looks
          .filter((one) => said !== null && within(one, said, to))
          .filter(
            (one) =>
              !names(one, victim) || Object.entries(one.checks).some(([id, says]) => id !== victim && says !== 'ok'),
          )
          .map((one) => `${name}: ${told(one)}`),
      ),
  },
  {
    id: 'health_answers',
    says: '/health of a process that lives always answers 200, so that no load balancer replaces it',
    breaches: ({ outages, looks }) => looks.filter((one) => one.status !== 200 && !isDown(outages, one)).map(told),
  },
  {
    id: 'recovers',
    says: 'after each outage both processes are `ok` again by themselves, with fresh prices',
    breaches: ({ outages }) => outages.filter(({ recovered }) => recovered === null).map(({ name }) => name),
  },
  {
    id: 'never_500',
    says: 'nothing was answered 500, and no connection to a process that lives was cut',
    breaches: ({ requests, outages }) =>
      requests
        .filter(({ status }) => status === 0 || (status >= 500 && status !== 503))
        .filter((one) => one.status !== 0 || !isDown(outages, one))
        .map(told),
  },
  {
    id: 'unavailable',
    says: '503 is answered only while the database is away, as `unavailable` and with Retry-After',
    breaches: ({ requests, outages }) =>
      requests
        .filter(({ status }) => status === 503)
        .filter(
          ({ from, to, code, retryAfter }) =>
            code !== 'unavailable' ||
            !(Number(retryAfter) > 0) ||
            !outages.some((one) => one.victim === 'database' && to >= one.from && from <= (one.recovered ?? Infinity)),
        )
        .map(told),
  },
  {
    id: 'database_away',
    says: 'while the database is said to be away, holdings are answered 503',
    breaches: ({ requests, outages }) =>
      outages.filter(isOf('database')).flatMap((outage) => {
        const answers = outage.said === null ? [] : holdingsIn(requests, outage.said, outage.to);
        return [...tooFew(outage, answers), ...answers.filter(({ status }) => status !== 503).map(told)];
      }),
  },
  {
    id: 'served',
    says: 'while the cache or the provider is away, or a leader is, holdings are answered 200, every one with a price',
    breaches: ({ requests, outages }) =>
      outages.filter(isOf('cache', 'provider', 'leader')).flatMap((outage) => {
        const answers = holdingsIn(requests, outage.from, outage.to).filter((one) => one.process !== outage.killed);
        const bad = answers.filter(
          ({ status, prices }) => status !== 200 || !prices?.length || prices.some(({ price }) => !(Number(price) > 0)),
        );
        return [...tooFew(outage, answers), ...bad.map((one) => `${outage.name}: ${told(one)}`)];
      }),
  },
  {
    id: 'stale_is_shown',
    says: 'while the provider is away longer than a price is fresh, every price is stale and tells its moment, before the outage',
    breaches: ({ requests, outages, began }) =>
      outages.filter(isOf('provider')).flatMap((outage) => {
        const answers = holdingsIn(requests, outage.from + STALE_AFTER_MS, outage.to);
        const bad = answers.filter(({ prices }) =>
          prices?.some(
            ({ as_of, stale }) => stale !== true || as_of === null || Date.parse(as_of) > pacedTime(began, outage.from),
          ),
        );
        return [...tooFew(outage, answers), ...bad.map((one) => `${outage.name}: ${told(one)}`)];
      }),
  },
  {
    id: 'fresh_otherwise',
    says: 'while the cache is away, prices are fresh ones of the provider',
    breaches: ({ requests, outages }) =>
      outages.filter(isOf('cache')).flatMap(({ name, from, to }) =>
        holdingsIn(requests, from, to)
          .filter(({ prices }) => prices?.some(({ stale }) => stale !== false))
          .map((one) => `${name}: ${told(one)}`),
      ),
  },
  {
    id: 'no_invented_price',
    says: 'every price that was answered is the market’s at the moment that it tells',
    breaches: ({ requests }) =>
      requests.flatMap(({ prices = [] }) =>
        prices
          .filter(({ symbol, price, as_of }) => price !== null && !isMarketPrice(symbol, price, as_of ?? ''))
          .map((one) => JSON.stringify(one)),
      ),
  },
];
