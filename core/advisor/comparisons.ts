import type { AnalysisResult } from './analyze';
import { LEAST_PEERS, rankMagicFormula, sectorPercentile, type Standing } from './percentile';
import type { Measure } from './measure';
import { RATIOS, type RatioId } from './ratios';

/** What one company brings to a comparison: the figures of its latest analysis. */
export interface ComparedCompany {
  readonly asset_id: string;
  readonly sector: string | null;
  /** Both parts of the Magic Formula, of one fiscal year; null where one is unknown, or the formula does not fit. */
  readonly magic_formula: MagicFormulaParts | null;
  /** Ratios that have a value. */
  readonly ratios: Readonly<Partial<Record<RatioId, number>>>;
}

export interface MagicFormulaParts {
  readonly earnings_yield: number;
  readonly return_on_capital: number;
}

/** Where a company stands among the others that were compared at the same moment. */
export interface Comparison {
  readonly magic_formula: Standing | null;
  /** Ratio → percentile within its sector, 0…1, 1 best. Only of ratios that five companies of the sector have. */
  readonly sector_percentiles: Readonly<Partial<Record<RatioId, number>>>;
}

/** Both parts, where the company has them in one fiscal year. */
export function magicFormulaParts({ fiscal_date, scores }: AnalysisResult): MagicFormulaParts | null {
  const { earnings_yield, return_on_capital } = scores.magic_formula.parts;
  const isKnown = fiscal_date !== null && typeof earnings_yield === 'number' && typeof return_on_capital === 'number';
  return isKnown ? { earnings_yield, return_on_capital } : null;
}

/**
 * Compares companies with each other, all at one moment, so that no place is of another universe than the next one.
 * Fewer than five with both parts of the Magic Formula rank nobody, as fewer than five of a sector give no percentile.
 */
export function compareCompanies(companies: readonly ComparedCompany[]): ReadonlyMap<string, Comparison> {
  const standings = standingsOf(companies);
  const bySector = new Map<string, ComparedCompany[]>();
  for (const company of companies) {
    if (company.sector === null) continue;
    const peers = bySector.get(company.sector);
    if (peers) peers.push(company);
    else bySector.set(company.sector, [company]);
  }
  const percentiles = new Map<string, Partial<Record<RatioId, number>>>();
  for (const peers of bySector.values()) addPercentiles(peers, percentiles);
  return new Map(
    companies.map(({ asset_id }) => [
      asset_id,
      { magic_formula: standings.get(asset_id) ?? null, sector_percentiles: percentiles.get(asset_id) ?? {} },
    ]),
  );
}

function standingsOf(companies: readonly ComparedCompany[]): ReadonlyMap<string, Standing> {
  const ranked = companies.flatMap(({ asset_id, magic_formula }) =>
    magic_formula === null ? [] : [{ symbol: asset_id, ...magic_formula }],
  );
  return ranked.length < LEAST_PEERS ? new Map() : rankMagicFormula(ranked);
}

function addPercentiles(peers: readonly ComparedCompany[], into: Map<string, Partial<Record<RatioId, number>>>): void {
  for (const [id, { better }] of Object.entries(RATIOS) as [RatioId, Measure][]) {
    const values = peers.flatMap(({ ratios }) => ratios[id] ?? []);
    for (const { asset_id, ratios } of peers) {
      const own = ratios[id];
      const percentile = own === undefined ? null : sectorPercentile(own, values, better);
      if (percentile !== null) into.set(asset_id, { ...into.get(asset_id), [id]: percentile });
    }
  }
}
