import fc from 'fast-check';
import { analyze, type AnalysisResult, type Fundamentals, type RatioId } from '../../core/advisor';
import { altmanZ } from '../../core/advisor/scores/altman';
import { BASE, NOW, company, type Figures } from './company';

const RUNS = { numRuns: 100 };
const scored = (fundamentals: Fundamentals): AnalysisResult => analyze(fundamentals, { now: NOW, articles: [] });

const statementFigures = Object.keys(BASE).filter((name) => !name.startsWith('overview.'));
/** A company with some figures replaced and some taken away. */
const changes: fc.Arbitrary<Figures> = fc.dictionary(
  fc.constantFrom(...statementFigures),
  fc.option(fc.integer({ min: -5000, max: 5000 }), { nil: null }),
  { maxKeys: 12 },
);

describe('properties of an analysis', () => {
  it('has a value exactly where the status is ok, and the value is finite', () => {
    fc.assert(
      fc.property(changes, (some) => {
        const { scores, ratios, rating } = scored(company(some));
        const odd = [...Object.entries(scores), ...Object.entries(ratios)].filter(
          ([, { value, status }]) => (value !== null && Number.isFinite(value)) !== (status === 'ok'),
        );
        expect(odd).toEqual([]);
        expect(rating.coverage).toBeGreaterThanOrEqual(0);
        expect(rating.coverage).toBeLessThanOrEqual(1);
      }),
      RUNS,
    );
  });

  it('does not depend on the order of the rows', () => {
    const order = fc.array(fc.nat(), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(changes, order, (some, keys) => {
        const base = company(some);
        let next = 0;
        const shuffle = <Row>(rows: readonly Row[]) =>
          rows
            .map((row) => [keys[next++ % keys.length]!, row] as const)
            .sort(([a], [b]) => a - b)
            .map(([, row]) => row);
        const shuffled = {
          ...base,
          income_statement: shuffle(base.income_statement),
          balance_sheet: shuffle(base.balance_sheet),
          cash_flow: shuffle(base.cash_flow),
          earnings: shuffle(base.earnings),
        };
        expect(scored(shuffled)).toEqual(scored(base));
      }),
      RUNS,
    );
  });

  it('does not depend on the unit of money: ratios and scores of a company k times as large are the same', () => {
    const notMoney = /commonStockSharesOutstanding|Ratio|Yield|EVToEBITDA|SharesOutstanding/;
    fc.assert(
      fc.property(changes, fc.integer({ min: 2, max: 1_000_000 }), (some, k) => {
        const all = { ...BASE, ...some };
        const larger = Object.fromEntries(
          Object.entries(all).map(([name, figure]) => [
            name,
            typeof figure === 'number' && !notMoney.test(name) ? figure * k : figure,
          ]),
        );
        const [one, many] = [scored(company(all)), scored(company(larger))];
        for (const [id, ratio] of Object.entries(one.ratios)) {
          const other = many.ratios[id as RatioId];
          expect([id, other.status]).toEqual([id, ratio.status]);
          if (ratio.value !== null)
            expect(Math.abs(other.value! - ratio.value)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(ratio.value)));
        }
        for (const id of ['piotroski', 'altman_z', 'beneish_m', 'sloan', 'dupont'] as const) {
          expect([id, many.scores[id].value === null, many.scores[id].band]).toEqual([
            id,
            one.scores[id].value === null,
            one.scores[id].band,
          ]);
        }
        expect(many.scores.piotroski.parts).toEqual(one.scores.piotroski.parts);
        expect(many.rating).toEqual(one.rating);
      }),
      RUNS,
    );
  });

  it('a figure taken away never turns a missing value into one, nor adds a Piotroski test', () => {
    fc.assert(
      fc.property(
        changes,
        fc.constantFrom(...statementFigures.filter((name) => !name.includes('.ebit['))),
        (some, gone) => {
          const [before, after] = [scored(company(some)), scored(company({ ...some, [gone]: null }))];
          for (const [id, { status }] of Object.entries(before.ratios)) {
            if (status !== 'missing') continue;
            expect([id, after.ratios[id as RatioId].status]).toEqual([id, 'missing']);
          }
          expect(after.scores.piotroski.tests_available!).toBeLessThanOrEqual(before.scores.piotroski.tests_available!);
        },
      ),
      RUNS,
    );
  });

  it('more operating cash never lowers the F-score, more debt never raises it', () => {
    const amount = fc.integer({ min: -3000, max: 3000 });
    const more = fc.integer({ min: 1, max: 3000 });
    fc.assert(
      fc.property(changes, amount, more, (some, from, by) => {
        // Assets below zero, which no balance sheet has, would turn both comparisons round.
        const assets = {
          'balance_sheet.totalAssets[t]': 1511,
          'balance_sheet.totalAssets[t-1]': 1423,
          'balance_sheet.totalAssets[t-2]': 1319,
        };
        const f = (name: string, figure: number) =>
          scored(company({ ...some, ...assets, [name]: figure })).scores.piotroski.value ?? 0;
        const [cash, debt] = ['cash_flow.operatingCashflow[t]', 'balance_sheet.longTermDebt[t]'] as const;
        expect(f(cash, from + by)).toBeGreaterThanOrEqual(f(cash, from));
        expect(f(debt, from + by)).toBeLessThanOrEqual(f(debt, from));
      }),
      RUNS,
    );
  });

  it('Z rises with each of its terms', () => {
    const x = fc.double({ min: -10, max: 10, noNaN: true });
    fc.assert(
      fc.property(
        fc.tuple(x, x, x, x, x),
        fc.nat(4),
        fc.double({ min: 0.001, max: 5, noNaN: true }),
        (terms, which, by) => {
          const z = (t: readonly number[]) => altmanZ(t[0]!, t[1]!, t[2]!, t[3]!, t[4]!);
          expect(z(terms.map((term, i) => (i === which ? term + by : term)))).toBeGreaterThan(z(terms));
        },
      ),
      RUNS,
    );
  });

  it('is the same twice, and leaves its input as it was', () => {
    const base = company();
    const before = JSON.stringify(base);
    expect(scored(base)).toEqual(scored(base));
    expect(JSON.stringify(base)).toBe(before);
  });
});
