import * as z from 'zod/mini';
import { type Article, article } from '../../../contract/schemas/news';
import { type Failure, isFailure } from '../answers';
import { monthBefore, monthOf, monthsFrom } from './months';
import type { Page, PageRequest } from './page';
import type { ReadServices } from './rows';
import { walk } from './walk';

/** A stretch of time, both ends included; a date as `to` means its end. */
export interface NewsFilter {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly label?: string | undefined;
}

export interface NewsReads {
  /** Newest first, by the article's overall label. */
  all(filter: NewsFilter, page: PageRequest): Promise<Page<Article> | Failure>;
  /** Newest first, by the label that the article has for this asset. */
  ofAsset(assetId: string, filter: NewsFilter, page: PageRequest): Promise<Page<Article> | Failure>;
}

/** How far back a list goes where `from` does not say. */
const MONTHS_BACK = 24;
/** No provider of ours has older news, and a `from` of the year 1 must not cost a query a month. */
const OLDEST = '2000-01-01T00:00:00.000Z';
/** A provider's clock may be ahead of ours, though not by a year. */
const AHEAD_MS = 24 * 60 * 60 * 1000;

const link = z.object({ article });

export function newsReads(services: ReadServices & { readonly clock: () => Date }): NewsReads {
  return {
    all({ label, ...stretch }, page) {
      const { from, to } = boundsOf(stretch, services.clock());
      const months = from <= to ? monthsFrom(monthOf(from), monthOf(to)).reverse() : [];
      return walk(services, {
        table: 'news',
        segments: months.map((month) => ({ name: month, index: 'by-time', partition: month, sort: { from, to } })),
        order: 'descending',
        equal: { overall_sentiment_label: label },
        row: article,
        page,
      });
    },

    async ofAsset(assetId, { label, ...stretch }, page) {
      const { from, to } = boundsOf(stretch, services.clock());
      const found = await walk(services, {
        table: 'news',
        segments: from <= to ? [{ name: 'asset', index: 'by-asset', partition: assetId, sort: { from, to } }] : [],
        order: 'descending',
        equal: { sentiment_label: label },
        row: link,
        page,
      });
      return isFailure(found) ? found : { ...found, items: found.items.map((row) => row.article) };
    },
  };
}

/** Milliseconds of `from` and `to`; null where not given. */
export const startOf = (from: string): number => Date.parse(from);
export const endOf = (to: string): number => Date.parse(to.length === 10 ? `${to}T23:59:59.999Z` : to);

/**
 * The bounds as texts that compare with what is stored, whether that carries milliseconds or not: in the order of
 * characters `12:00:00.000Z` < `12:00:00Z`, so the lower bound has them and the upper one has not.
 */
function boundsOf({ from, to }: Pick<NewsFilter, 'from' | 'to'>, now: Date): { from: string; to: string } {
  const latest = now.getTime() + AHEAD_MS;
  const last = clamp(to === undefined ? latest : endOf(to), latest);
  const upper = new Date(last).toISOString();
  const first =
    from === undefined
      ? Date.parse(`${monthBefore(monthOf(upper), MONTHS_BACK)}-01T00:00:00.000Z`)
      : clamp(startOf(from), latest + 1);
  return { from: new Date(Math.max(first, Date.parse(OLDEST))).toISOString(), to: `${upper.slice(0, 19)}Z` };
}

/** Between the oldest news and the latest, so that every year has four digits. */
const clamp = (time: number, latest: number): number => Math.max(Date.parse(OLDEST), Math.min(time, latest));
