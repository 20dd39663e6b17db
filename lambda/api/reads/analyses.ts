import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod/mini';
import { type Analysis, analysis, analysisSummary } from '../../../contract/schemas/analysis';
import { tableName } from '../../../contract/tables';
import { RANKING } from '../../adapters/dynamo/rankings';
import { parseRow } from '../../adapters/dynamo/read';
import { type Failure } from '../answers';
import type { Page, PageRequest } from './page';
import type { ReadServices } from './rows';
import { walk } from './walk';

export interface AnalysisReads {
  /** null where the asset was never analysed. */
  latest(assetId: string): Promise<Analysis | null>;
  /** Those before the latest, newest first. */
  earlier(assetId: string, page: PageRequest): Promise<Page<z.infer<typeof analysisSummary>> | Failure>;
}

/** A row is the analysis itself and `inputs_digest`, which the schema leaves out. */
export function analysisReads(services: ReadServices): AnalysisReads {
  const { documents, env } = services;

  async function newest(assetId: string): Promise<Record<string, unknown> | undefined> {
    const { Items } = await documents.send(
      new QueryCommand({
        TableName: tableName(env, 'assetAnalysis'),
        IndexName: 'by-asset',
        // The places that the asset has in rankings lie above every ULID.
        KeyConditionExpression: 'asset_id = :asset_id AND analysis_id < :rankings',
        ExpressionAttributeValues: { ':asset_id': assetId, ':rankings': RANKING },
        ScanIndexForward: false,
        Limit: 1,
      }),
    );
    return Items?.[0];
  }

  return {
    async latest(assetId) {
      const row = await newest(assetId);
      return row ? parseRow(analysis, 'assetAnalysis', row) : null;
    },

    async earlier(assetId, page) {
      const latest = await newest(assetId);
      if (!latest) return { items: [], next_cursor: null };
      // ULIDs sort by time: what is below the latest is earlier. '0' is below every ULID.
      const to = before(parseRow(analysisSummary, 'assetAnalysis', latest).analysis_id);
      return walk(services, {
        table: 'assetAnalysis',
        segments: [{ name: 'earlier', index: 'by-asset', partition: assetId, sort: { from: '0', to } }],
        order: 'descending',
        row: analysisSummary,
        page,
      });
    },
  };
}

/** The greatest text below a ULID of the same length: BETWEEN has no open end. */
function before(ulid: string): string {
  return `${ulid.slice(0, -1)}${String.fromCharCode(ulid.charCodeAt(ulid.length - 1) - 1)}~`;
}
