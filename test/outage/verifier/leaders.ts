import { MINUTE_MS } from '../pace';
import type { Check, Evidence } from './evidence';

/** Two that lose their connection at one moment need not notice at one moment. */
const NOTICING_MS = 250;
/** Two minutes may be left out on a machine that has much to do. */
const SILENT_MS = 3.5 * MINUTE_MS;
/** A pause of the process between its last look and its word. */
const SPEAKING_MS = 250;

interface Reign {
  readonly pid: number;
  readonly from: number;
  readonly to: number;
}

/** When processes thought that they lead: until they said no more, or died. */
export function reignsOf({ leads, deaths }: Pick<Evidence, 'leads' | 'deaths'>): Reign[] {
  return leads
    .filter((one) => one.leads)
    .map(({ pid, at }) => {
      const ends = [...leads.filter((one) => !one.leads), ...deaths].filter((one) => one.pid === pid && one.at >= at);
      return { pid, from: at, to: Math.min(...ends.map((one) => one.at)) };
    });
}

const contains = ({ pid, from, to }: Reign, said: { readonly pid: number; readonly at: number }): boolean =>
  pid === said.pid && said.at >= from && said.at <= to + SPEAKING_MS;

const minuteOf = (asOf: string) => Math.floor(Date.parse(asOf) / 60_000);

/** That one process of many does the leader's work. */
export const leaderChecks: readonly Check[] = [
  {
    id: 'one_leads',
    says: 'no two processes thought at the same time that they lead',
    breaches: (evidence) => {
      const reigns = reignsOf(evidence).sort((a, b) => a.from - b.from);
      return reigns.flatMap((one, at) =>
        reigns
          .slice(at + 1)
          .filter((other) => other.pid !== one.pid && Math.min(one.to, other.to) - other.from > NOTICING_MS)
          .map((other) => `${JSON.stringify(one)} and ${JSON.stringify(other)}`),
      );
    },
  },
  {
    id: 'leader_speaks',
    says: 'valuations are published by whoever leads, and by nobody else',
    breaches: (evidence) => {
      const reigns = reignsOf(evidence);
      const strays = evidence.valuations.filter((said) => !reigns.some((reign) => contains(reign, said)));
      return strays.map(({ pid, at, detail }) => `${pid} at ${at} of ${detail.portfolio_id}`);
    },
  },
  {
    id: 'one_a_minute',
    says: 'of a portfolio two processes publish in one minute only where the lead changed hands in it',
    breaches: (evidence) => {
      const reigns = reignsOf(evidence);
      const first = new Map<string, Evidence['valuations'][number]>();
      return evidence.valuations.flatMap((said) => {
        const key = `${said.detail.portfolio_id} in minute ${minuteOf(said.detail.as_of)}`;
        const before = first.get(key);
        first.set(key, said);
        if (!before || before.pid === said.pid) return [];
        const isHandedOver = reigns.some(
          ({ pid, from }) => pid === said.pid && from <= said.at && from > before.at - SPEAKING_MS,
        );
        return isHandedOver ? [] : [`${before.pid} and ${said.pid} of ${key}`];
      });
    },
  },
  {
    id: 'goes_on',
    says: 'while one leads and nothing is away, a watched portfolio is valued every minute, or at the worst every third one',
    breaches: ({ watched, outages, valuations, leads, deaths }) => {
      const moments = [
        ...outages.flatMap(({ from, recovered }) => [from, recovered ?? from]),
        valuations.at(-1)?.at ?? 0,
      ];
      const [first = 0, ...others] = [...leads, ...deaths]
        .map(({ at }) => at)
        .concat(moments)
        .sort((a, b) => a - b);
      return watched.flatMap((id) => {
        const times = valuations.filter(({ detail }) => detail.portfolio_id === id).map(({ at }) => at);
        const all = [...new Set([first, ...others, ...times])].sort((a, b) => a - b);
        const isCalm = (from: number, to: number) =>
          reignsOf({ leads, deaths }).some((one) => one.from <= from && to <= one.to) &&
          !outages.some((one) => from < (one.recovered ?? Infinity) && to > one.from);
        return all.flatMap((from, at) => {
          const to = all[at + 1] ?? from;
          return to - from > SILENT_MS && isCalm(from, to) ? [`${id} not for ${to - from} ms`] : [];
        });
      });
    },
  },
  {
    id: 'lead_changed_hands',
    says: 'the killed leader was followed by the other process',
    breaches: (evidence) => {
      const reigns = reignsOf(evidence);
      const unfollowed = evidence.deaths.filter(
        ({ pid, at }) => !reigns.some((one) => one.pid !== pid && one.from > at),
      );
      return evidence.deaths.length === 0 ? ['no leader was killed'] : unfollowed.map(({ pid }) => `${pid}`);
    },
  },
];
