import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { tableName } from '../../../contract/tables';
import type { AlpacaAsset } from '../providers/alpaca';
import { batchWrite, type BatchPorts, eachOf } from './batch';
import { fingerprint } from './fingerprint';
import { rankKey } from './rank-key';
import { queryAll, scanAll } from './read';
import { parseRow } from '../stored-row';

/** The five functions that make up an asset's fundamentals. */
export const FETCHES = ['overview', 'income_statement', 'balance_sheet', 'cash_flow', 'earnings'] as const;
export type Fetch = (typeof FETCHES)[number];

const known = z.object({
  asset_id: z.string(),
  fingerprint: z.string(),
  status: z.string(),
  symbol: z.string(),
  symbol_initial: z.optional(z.string()),
  name: z.string(),
  rating: z.optional(z.unknown()),
});

/** What a sync compares a listing with. */
export interface KnownAsset {
  readonly fingerprint: string;
  readonly status: string;
  readonly symbol: string;
  readonly name: string;
  /** Its row is in the partition where the listing by symbol looks for it. */
  readonly filed: boolean;
  /** It was analysed, so that rankings may show it. */
  readonly analysed: boolean;
}

/** In place of the fingerprint until the analysis worker was told: a run that dies in between is seen by the next one. */
export const UNTOLD = 'untold';
const VANISHED = 'vanished';

/** Assets by id with their listing, null for one that vanished. */
type Told = ReadonlyMap<string, { readonly listing: AlpacaAsset | null }>;

/** Partition of the index by rating. */
export const RATED = 'all';

/** Symbols that begin with no letter share one partition: few do, and a page of the list asks each partition in turn. */
const NO_LETTER = '#';
/** The partitions of the index by symbol, in the order in which a list shows them. */
export const SYMBOL_INITIALS: readonly string[] = `${NO_LETTER}ABCDEFGHIJKLMNOPQRSTUVWXYZ`.split('');

export function symbolInitial(symbol: string): string {
  const initial = symbol.charAt(0).toUpperCase();
  return SYMBOL_INITIALS.includes(initial) ? initial : NO_LETTER;
}

const rating = z.object({
  analysis_id: z.string(),
  score: z.nullable(z.number()),
  grade: z.nullable(z.string()),
  coverage: z.number(),
  fiscal_date: z.nullable(z.string()),
  analyzed_at: z.string(),
});
export type RatingRow = z.infer<typeof rating>;

const working = z.object({
  asset_id: z.string(),
  symbol: z.string(),
  name: z.string(),
  status: z.string(),
  fetched: z._default(z.partialRecord(z.enum(FETCHES), z.string()), {}),
  rating: z.optional(rating),
  rating_key: z.optional(z.string()),
});
export type WorkingAsset = z.infer<typeof working>;

const candidate = z.object({
  asset_id: z.string(),
  symbol: z.string(),
  status: z.string(),
  tradable: z.boolean(),
  pollinated_at: z.optional(z.string()),
  queued_at: z.optional(z.string()),
});
export type CandidateRow = z.infer<typeof candidate>;

const listed = z.object({ asset_id: z.string(), symbol: z.string(), status: z.string() });

/** The assets table, as the jobs and workers write and read it. */
export function assetStore(ports: BatchPorts, env: string) {
  const { documents } = ports;
  const TableName = tableName(env, 'assets');

  return {
    /** Every stored asset's id and what a sync compares with. */
    async fingerprints(): Promise<Map<string, KnownAsset>> {
      const rows = new Map<string, KnownAsset>();
      const input = {
        TableName,
        ProjectionExpression: 'asset_id, fingerprint, #status, symbol, symbol_initial, #name, rating.analysis_id',
      };
      for await (const row of scanAll(documents, known, {
        ...input,
        ExpressionAttributeNames: { '#status': 'status', '#name': 'name' },
      })) {
        const { asset_id, symbol_initial, rating: latest, ...compared } = row;
        const filed = symbol_initial === symbolInitial(compared.symbol);
        rows.set(asset_id, { ...compared, filed, analysed: latest !== undefined });
      }
      return rows;
    },

    /** Assets never seen before; a whole row each. */
    async create(assets: readonly AlpacaAsset[], now: string): Promise<void> {
      await batchWrite(
        ports,
        TableName,
        assets.map((asset) => ({ put: { ...providerAttributes(asset), updated_at: now } })),
      );
    },

    /**
     * Assets whose listing changed: only the provider's attributes, so that ratings and fetch times stay.
     * @param untold those that the analysis worker has yet to be told of
     */
    async update(assets: readonly AlpacaAsset[], now: string, untold: Told = new Map()): Promise<void> {
      await eachOf(assets, 16, async (asset) => {
        const { asset_id, ...attributes } = providerAttributes(asset);
        await documents.send(
          setAttributes(TableName, asset_id, {
            ...attributes,
            updated_at: now,
            ...(untold.has(asset_id) && { fingerprint: UNTOLD }),
          }),
        );
      });
    },

    /** Assets that vanished from the list. Their fingerprint goes too, so that a return is a change. */
    async deactivate(assetIds: readonly string[], now: string, untold: Told = new Map()): Promise<void> {
      await eachOf(assetIds, 16, async (assetId) => {
        await documents.send(
          setAttributes(TableName, assetId, {
            status: 'inactive',
            tradable: false,
            fingerprint: untold.has(assetId) ? UNTOLD : VANISHED,
            updated_at: now,
          }),
        );
      });
    },

    /** The analysis worker was told of these. */
    async recordTold(told: Told): Promise<void> {
      await eachOf([...told], 16, async ([assetId, { listing }]) => {
        const print = listing === null ? VANISHED : assetFingerprint(listing);
        await documents.send(setAttributes(TableName, assetId, { fingerprint: print }));
      });
    },

    /** What the workers need of one asset; null where there is none. */
    async get(assetId: string): Promise<WorkingAsset | null> {
      const { Item } = await documents.send(
        new GetCommand({ TableName, Key: { asset_id: assetId }, ConsistentRead: true }),
      );
      return Item === undefined ? null : parseRow(working, TableName, Item);
    },

    /** The ids behind a symbol: more than one where it was used again after a delisting. */
    async idsOf(symbol: string): Promise<string[]> {
      const rows = await queryAll(documents, z.object({ asset_id: z.string() }), {
        TableName,
        IndexName: 'by-symbol',
        KeyConditionExpression: 'symbol = :symbol',
        ExpressionAttributeValues: { ':symbol': symbol },
      });
      return rows.map(({ asset_id }) => asset_id);
    },

    /** Symbol → asset id of everything listed; an active asset wins over one that is gone. */
    async idsBySymbol(): Promise<Map<string, string>> {
      const ids = new Map<string, { id: string; active: boolean }>();
      const input = {
        TableName,
        ProjectionExpression: 'asset_id, symbol, #status',
        ExpressionAttributeNames: { '#status': 'status' },
      };
      for await (const row of scanAll(documents, listed, input)) {
        const active = row.status === 'active';
        if (active || !ids.has(row.symbol)) ids.set(row.symbol, { id: row.asset_id, active });
      }
      return new Map([...ids].map(([symbol, { id }]) => [symbol, id]));
    },

    /** Everything that could be fetched: active, tradable. */
    async candidates(): Promise<CandidateRow[]> {
      const rows: CandidateRow[] = [];
      const input = {
        TableName,
        ProjectionExpression: 'asset_id, symbol, #status, tradable, pollinated_at, queued_at',
        ExpressionAttributeNames: { '#status': 'status' },
      };
      for await (const row of scanAll(documents, candidate, input))
        if (row.status === 'active' && row.tradable) rows.push(row);
      return rows;
    },

    /** Marks what a planner queued, so that the next one does not queue it again while it waits. */
    async markQueued(assetIds: readonly string[], now: string): Promise<void> {
      await eachOf(assetIds, 16, async (assetId) => {
        await documents.send(setAttributes(TableName, assetId, { queued_at: now }));
      });
    },

    /** One function of the asset was fetched. */
    async recordFetch(asset: WorkingAsset, fetch: Fetch, at: string): Promise<WorkingAsset> {
      const fetched = { ...asset.fetched, [fetch]: at };
      await documents.send(setAttributes(TableName, asset.asset_id, { fetched }));
      return { ...asset, fetched };
    },

    /** All of the asset was fetched, or nothing can be (`failure` says why): its turn is over. */
    async recordPollination(assetId: string, at: string, failure: string | null): Promise<void> {
      await documents.send(setAttributes(TableName, assetId, { pollinated_at: at, fetch_failure: failure }));
    },

    /**
     * The latest rating, and what the overview says the company is.
     * @returns the asset's status by then
     */
    async recordRating(
      assetId: string,
      about: {
        readonly rating: RatingRow;
        readonly sector: string | null;
        readonly industry: string | null;
        readonly currency: string | null;
      },
      symbol: string,
    ): Promise<string> {
      const rating_key = ratingKey(about.rating.score, symbol);
      const rating_scope = rating_key === undefined ? undefined : RATED;
      const { Attributes } = await documents.send(
        setAttributes(TableName, assetId, { ...about, rating_key, rating_scope }, 'ALL_NEW'),
      );
      return parseRow(z.object({ status: z.string() }), TableName, Attributes).status;
    },
  };
}

export type AssetStore = ReturnType<typeof assetStore>;

/** What identifies a listing's content: compared with what is stored to see whether anything changed. */
export const assetFingerprint = (asset: AlpacaAsset): string => fingerprint(asset);

/** Sorts the best first, and equal ratings by symbol; none for an asset without a rating. */
export const ratingKey = (score: number | null, symbol: string): string | undefined =>
  score === null ? undefined : rankKey(-score, symbol);

function providerAttributes(asset: AlpacaAsset) {
  const name_key = asset.name.toLowerCase();
  return {
    ...asset,
    attributes: [...asset.attributes],
    // Keys of the listing indexes; an index key must not be empty.
    symbol_initial: symbolInitial(asset.symbol),
    ...(name_key === '' ? {} : { name_key, name_initial: name_key.charAt(0) }),
    fingerprint: assetFingerprint(asset),
  };
}

/** SET of some attributes of an asset that exists, REMOVE of those undefined: a stray message must not create half a row. */
function setAttributes(
  TableName: string,
  assetId: string,
  attributes: Readonly<Record<string, unknown>>,
  ReturnValues: 'NONE' | 'ALL_NEW' = 'NONE',
): UpdateCommand {
  const names = Object.keys(attributes);
  const indexesOf = (isSet: boolean) =>
    [...names.keys()].filter((at) => (attributes[names[at] ?? ''] !== undefined) === isSet);
  const [set, removed] = [indexesOf(true), indexesOf(false)];
  return new UpdateCommand({
    TableName,
    Key: { asset_id: assetId },
    ConditionExpression: 'attribute_exists(asset_id)',
    UpdateExpression: [
      `SET ${set.map((index) => `#a${index} = :v${index}`).join(', ')}`,
      ...(removed.length > 0 ? [`REMOVE ${removed.map((index) => `#a${index}`).join(', ')}`] : []),
    ].join(' '),
    ReturnValues,
    ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#a${index}`, name])),
    ExpressionAttributeValues: Object.fromEntries(set.map((index) => [`:v${index}`, attributes[names[index] ?? '']])),
  });
}
