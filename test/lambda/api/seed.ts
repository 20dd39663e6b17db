import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { tableName, type TableId } from '../../../contract/tables';
import { symbolInitial } from '../../../lambda/adapters/dynamo/assets';

/** Rows as the advisor's writers store them. */

export const NOW = new Date('2026-05-17T12:00:00Z');
type Row = Record<string, unknown>;

export const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const ulidOf = (n: number): string => `01KRV5C8M0${String(n).padStart(16, '0')}`;

export async function put(documents: DynamoDBDocumentClient, env: string, table: TableId, rows: readonly Row[]) {
  for (let at = 0; at < rows.length; at += 25) {
    const requests = rows.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } }));
    await documents.send(new BatchWriteCommand({ RequestItems: { [tableName(env, table)]: requests } }));
  }
}

export function assetRow(n: number, symbol: string, more: Row & { readonly name?: string } = {}): Row {
  const name = more.name ?? `${symbol} Incorporated`;
  return {
    asset_id: idOf(n),
    symbol,
    symbol_initial: symbolInitial(symbol),
    name,
    name_key: name.toLowerCase(),
    name_initial: name.toLowerCase().slice(0, 1),
    exchange: 'NYSE',
    asset_class: 'us_equity',
    status: 'active',
    tradable: true,
    marginable: true,
    shortable: true,
    fractionable: false,
    easy_to_borrow: null,
    borrow_status: null,
    cusip: null,
    attributes: [],
    fingerprint: 'f',
    updated_at: '2026-05-17T08:00:00Z',
    ...more,
  };
}

const score = { value: 2.5, status: 'ok', inputs: { a: 5, b: 2 }, missing: [] };

export const analysisRow = (n: number, assetId: string, symbol: string, more: Row = {}): Row => ({
  analysis_id: ulidOf(n),
  asset_id: assetId,
  symbol,
  analyzed_at: '2026-05-17T10:00:00Z',
  fiscal_date: '2025-12-31',
  currency: 'USD',
  model_version: '1',
  rating: { score: 61.5, grade: 'B', coverage: 0.94 },
  scores: { piotroski: { ...score, value: 7, parts: { tests_available: 9 } } },
  ratios: { current_ratio: score, pe: { value: null, status: 'missing', inputs: { price: null }, missing: ['price'] } },
  sentiment: { score: null, label: null, articles: 0, window_days: 30 },
  rules: [],
  inputs_digest: 'not shown',
  ...more,
});

export const statementRow = (assetId: string, period: string, date: string, more: Row = {}): Row => ({
  asset_id: assetId,
  fiscal_date: `${period}#${date}`,
  period,
  fiscal_date_ending: date,
  reported_currency: 'USD',
  figures: { totalRevenue: '67535000000', researchAndDevelopment: null },
  fetched_at: '2026-05-17T09:00:00Z',
  fingerprint: 'f',
  ...more,
});

export const overviewRow = (assetId: string, symbol: string): Row => ({
  asset_id: assetId,
  symbol,
  figures: { Sector: 'TECHNOLOGY', PERatio: null },
  fetched_at: '2026-05-17T09:00:00Z',
  fingerprint: 'f',
});

const articleFields = (n: number, time: string, label: string): Row => ({
  news_id: `news-${String(n).padStart(4, '0')}`,
  url: `https://news.example/${n}`,
  title: `Article ${n}`,
  summary: '',
  source: 'News Example',
  source_domain: null,
  authors: [],
  topics: [],
  time_published: time,
  banner_image: null,
  overall_sentiment_score: 0.1,
  overall_sentiment_label: label,
  ticker_sentiment: [],
});

export const articleRow = (n: number, time: string, label = 'Neutral'): Row => ({
  ...articleFields(n, time, label),
  feed_month: time.slice(0, 7),
});

/** @param label the sentiment for the asset, which may differ from the article's overall one */
export const linkRow = (n: number, assetId: string, time: string, label = 'Bullish'): Row => ({
  news_id: `news-${String(n).padStart(4, '0')}#${assetId}`,
  time_published: time,
  asset_id: assetId,
  relevance_score: 0.9,
  sentiment_score: 0.4,
  sentiment_label: label,
  article: articleFields(n, time, 'Neutral'),
});

export const earningsRow = (assetId: string, symbol: string, date: string, more: Row = {}): Row => ({
  calendar_id: `${assetId}#${date}`,
  asset_id: assetId,
  symbol,
  name: `${symbol} Incorporated`,
  report_date: date,
  report_month: date.slice(0, 7),
  report_key: `${date}#${symbol}`,
  fiscal_date_ending: '2026-03-31',
  estimate: null,
  currency: null,
  time_of_day: null,
  updated_at: '2026-05-17T09:00:00Z',
  ...more,
});
