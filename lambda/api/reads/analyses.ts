import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod/mini';
import {
  type Analysis,
  analysis,
  analysisSummary,
  standing,
  type StoredStanding,
} from '../../../contract/schemas/analysis';
import { tableName } from '../../../contract/tables';
import { RANKING, STANDING } from '../../adapters/dynamo/rankings';
import { parseRow } from '../../adapters/stored-row';
import { type Failure } from '../answers';
import type { Page, PageRequest } from './page';
import type { ReadServices } from './rows';
import { walk } from './walk';

/** What an analysis that nobody has compared yet says is missing of its Magic Formula (core/advisor). */
const UNRANKED = 'universe.magic_formula';

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

  async function standingOf(asset_id: string): Promise<StoredStanding | null> {
    const { Item } = await documents.send(
      new GetCommand({ TableName: tableName(env, 'assetAnalysis'), Key: { analysis_id: STANDING, asset_id } }),
    );
    return Item ? parseRow(standing, 'assetAnalysis', Item) : null;
  }

  return {
    async latest(assetId) {
      const [row, place] = await Promise.all([newest(assetId), standingOf(assetId)]);
      if (!row) return null;
      const found = parseRow(analysis, 'assetAnalysis', row);
      return place ? amongOthers(found, place) : found;
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

/** The analysis with the company's place among the others, where it has the figures that were compared. */
function amongOthers(found: Analysis, { compared_at, magic_formula, sector_percentiles }: StoredStanding): Analysis {
  const own = found.scores.magic_formula;
  // Without both parts there is nothing to rank; the place would be of an earlier year's figures.
  const canRank = own?.missing.every((name) => name === UNRANKED);
  const scores =
    own && magic_formula && canRank
      ? { ...found.scores, magic_formula: ranked(own, magic_formula, compared_at) }
      : found.scores;
  const ratios = Object.entries(found.ratios).map(([id, ratio]): [string, Score] => {
    const sector_percentile = sector_percentiles[id];
    return [id, sector_percentile === undefined || ratio.value === null ? ratio : { ...ratio, sector_percentile }];
  });
  return { ...found, scores, ratios: Object.fromEntries(ratios) };
}

type Score = Analysis['scores'][string];
type Ranks = NonNullable<StoredStanding['magic_formula']>;

function ranked(score: Score, { combined, ...ranks }: Ranks, compared_at: string): Score {
  const { reason: _reason, ...rest }: Score & { readonly reason?: unknown } = score;
  return { ...rest, value: combined, status: 'ok', missing: [], parts: { ...score.parts, ...ranks, compared_at } };
}
