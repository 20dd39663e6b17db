import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { tableName } from '../../../contract/tables';
import type { NewsArticle } from '../providers/alpha-vantage';
import { batchWrite, type BatchPorts, eachOf, type Write } from './batch';
import { queryAll } from './read';

const link = z.object({ time_published: z.string(), relevance_score: z.number(), sentiment_score: z.number() });

/** News: an article once, and a link for each asset that it speaks of. */
export function newsStore(ports: BatchPorts, env: string) {
  const { documents } = ports;
  const TableName = tableName(env, 'news');

  return {
    /** Which of these articles are stored already, whatever time they were published under then. */
    async known(newsIds: readonly string[]): Promise<Set<string>> {
      const found = new Set<string>();
      await eachOf(newsIds, 16, async (newsId) => {
        const { Count } = await documents.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: 'news_id = :id',
            ExpressionAttributeValues: { ':id': newsId },
            Select: 'COUNT',
            Limit: 1,
          }),
        );
        if (Count) found.add(newsId);
      });
      return found;
    },

    /** Articles with the assets they speak of (by symbol). Links go first: an article that is stored has all of its links. */
    async save(articles: readonly NewsArticle[], assetIds: ReadonlyMap<string, string>): Promise<{ links: number }> {
      const links: Write[] = [];
      for (const article of articles) {
        // One asset may be named twice, under two spellings of its symbol.
        const seen = new Set<string>();
        for (const { ticker, relevance_score, sentiment_score, sentiment_label } of article.ticker_sentiment) {
          const asset_id = assetIds.get(ticker);
          if (asset_id === undefined || seen.has(asset_id)) continue;
          seen.add(asset_id);
          const { time_published } = article;
          const news_id = `${article.news_id}#${asset_id}`;
          links.push({
            put: { news_id, time_published, asset_id, relevance_score, sentiment_score, sentiment_label, article },
          });
        }
      }
      await batchWrite(ports, TableName, links);
      await batchWrite(
        ports,
        TableName,
        articles.map((article) => ({ put: { ...article, feed_month: article.time_published.slice(0, 7) } })),
      );
      return { links: links.length };
    },

    /** Scored mentions of an asset since `from` (RFC 3339). */
    async mentions(assetId: string, from: string): Promise<z.infer<typeof link>[]> {
      return queryAll(documents, link, {
        TableName,
        IndexName: 'by-asset',
        KeyConditionExpression: 'asset_id = :asset AND time_published >= :from',
        ExpressionAttributeValues: { ':asset': assetId, ':from': from },
        ProjectionExpression: 'time_published, relevance_score, sentiment_score',
      });
    },
  };
}
