import fc from 'fast-check';
import { type ComparedCompany, compareCompanies } from '../../core/advisor/comparisons';
import { sectorPercentile } from '../../core/advisor/percentile';

const company = (asset_id: string, more: Partial<ComparedCompany> = {}): ComparedCompany => ({
  asset_id,
  sector: 'TECHNOLOGY',
  magic_formula: null,
  ratios: {},
  ...more,
});
const formula = (earnings_yield: number, return_on_capital: number) => ({
  magic_formula: { earnings_yield, return_on_capital },
});

describe('comparing companies', () => {
  test('ranks by both parts and adds the ranks; who lacks a part has no place and takes none', () => {
    const compared = compareCompanies([
      company('A', formula(0.1, 0.5)),
      company('B', formula(0.2, 0.4)),
      company('C', formula(0.3, 0.6)),
      company('D', formula(0.05, 0.1)),
      company('E', formula(0.01, 0.2)),
      company('F'),
    ]);
    // C leads both lists; B is second by yield and third by return, A the other way round.
    expect(compared.get('C')?.magic_formula).toEqual({
      earnings_yield_rank: 1,
      return_on_capital_rank: 1,
      combined: 2,
      rank: 1,
      of: 5,
    });
    expect(compared.get('A')?.magic_formula).toMatchObject({ combined: 5, rank: 2 });
    expect(compared.get('B')?.magic_formula).toMatchObject({ combined: 5, rank: 2 });
    expect(compared.get('F')?.magic_formula).toBeNull();
  });

  test('ranks nobody among fewer than five', () => {
    const four = ['A', 'B', 'C', 'D'].map((id, n) => company(id, formula(n, n)));
    expect([...compareCompanies(four).values()].map(({ magic_formula }) => magic_formula)).toEqual(Array(4).fill(null));
  });

  test('gives percentiles within the sector only, turned round where lower is better', () => {
    const ratios = (n: number) => ({ ratios: { roe: n / 10, pe: n } });
    const compared = compareCompanies([
      ...[1, 2, 3, 4, 5].map((n) => company(`T${n}`, ratios(n))),
      ...[6, 7].map((n) => company(`E${n}`, { sector: 'ENERGY', ...ratios(n) })),
      company('N', { sector: null, ...ratios(9) }),
    ]);
    expect(compared.get('T5')?.sector_percentiles).toEqual({ roe: 0.9, pe: 1 - 0.9 });
    expect(compared.get('E7')?.sector_percentiles).toEqual({});
    expect(compared.get('N')?.sector_percentiles).toEqual({});
  });

  test('says the same whatever the order of companies, and every percentile is the formula’s', () => {
    const companies = fc.array(
      fc.record({
        sector: fc.constantFrom('TECHNOLOGY', 'ENERGY', null),
        magic_formula: fc.option(
          fc.record({
            earnings_yield: fc.integer({ min: -3, max: 3 }),
            return_on_capital: fc.integer({ min: -3, max: 3 }),
          }),
        ),
        ratios: fc.record({ roe: fc.integer({ min: -5, max: 5 }) }, { requiredKeys: [] }),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(companies, (drawn) => {
        const all: ComparedCompany[] = drawn.map((figures, n) => ({ asset_id: `C${n}`, ...figures }));
        const compared = compareCompanies(all);
        expect(compareCompanies(all.toReversed())).toEqual(new Map([...compared].toReversed()));
        for (const { asset_id, sector, ratios } of all) {
          const peers = all
            .filter((peer) => sector !== null && peer.sector === sector)
            .flatMap((peer) => peer.ratios.roe ?? []);
          const expected = ratios.roe === undefined ? null : sectorPercentile(ratios.roe, peers);
          expect(compared.get(asset_id)?.sector_percentiles.roe ?? null).toBe(expected);
        }
      }),
    );
  });
});
