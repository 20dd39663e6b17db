import { type FiscalQuarter, fiscalQuarter, quartersReported } from './fiscal-calendar';
import { openFinancial, runFinancialQuarter } from './financial-business';
import { openIndustrial, runIndustrialQuarter } from './industrial-business';
import { type Company } from './universe';

/** A figure in thousands of the reporting currency; null where such a business has none. */
export type Figures = Readonly<Record<string, number | null>>;

/** One quarter's books. Whole thousands throughout, so that every identity holds to the last digit. */
export interface Books {
  readonly income: Figures;
  readonly balance: Figures;
  readonly cash: Figures;
  /** Shares, not thousands. */
  readonly shares: number;
  readonly netIncome: number;
}

export interface QuarterReport extends FiscalQuarter, Books {
  readonly eps: number;
}

export interface YearReport extends Books {
  readonly ends: string;
  readonly reported: string;
  readonly eps: number;
}

/** Reports made so far, and what makes the next one. */
interface Ledger {
  readonly reports: QuarterReport[];
  next(): QuarterReport;
}

const LEDGERS = new Map<number, Ledger>();
/** The one not asked for longest goes first. */
const MAX_LEDGERS = 300;

/** The quarter's report, past or future: the future one is what the company will report. */
export function quarterReport(company: Company, index: number): QuarterReport {
  const ledger = LEDGERS.get(company.seed) ?? open(company);
  LEDGERS.delete(company.seed);
  LEDGERS.set(company.seed, ledger);
  const [oldest] = LEDGERS.keys();
  if (LEDGERS.size > MAX_LEDGERS && oldest !== undefined) LEDGERS.delete(oldest);
  let report = ledger.reports[index];
  while (!report) {
    ledger.next();
    report = ledger.reports[index];
  }
  return report;
}

function open(company: Company): Ledger {
  const reports: QuarterReport[] = [];
  const run =
    company.model === 'industrial'
      ? business(openIndustrial(company), (state, index) => runIndustrialQuarter(company, state, index))
      : business(openFinancial(company), (state, index) => runFinancialQuarter(company, state, index));
  return {
    reports,
    next: () => {
      const quarter = fiscalQuarter(company, reports.length);
      const books = run(reports.length);
      const report = { ...quarter, ...books, eps: earningsPerShare(books) };
      reports.push(report);
      return report;
    },
  };
}

function business<State>(
  first: State,
  run: (state: State, index: number) => { readonly state: State; readonly books: Books },
): (index: number) => Books {
  let state = first;
  return (index) => {
    const result = run(state, index);
    state = result.state;
    return result.books;
  };
}

/** Net income over the shares of the same balance sheet, in cents. */
function earningsPerShare({ netIncome, shares }: Books): number {
  return Math.round((netIncome * 1000 * 100) / shares) / 100;
}

/** Every quarter reported by a day, newest first, at most 81 like Alpha Vantage. */
export function quartersBy(company: Company, day: string): QuarterReport[] {
  const count = quartersReported(company, day);
  const first = Math.max(firstPublicQuarter(company, count), count - 81);
  return Array.from({ length: count - first }, (_, i) => quarterReport(company, count - 1 - i));
}

/** Every whole fiscal year reported by a day, newest first, at most 20. A year is the sum of its quarters. */
export function yearsBy(company: Company, day: string): YearReport[] {
  const quarters = quartersBy(company, day);
  const years = quarters.flatMap((last, i) => {
    const four = quarters.slice(i, i + 4);
    return last.quarter === 4 && four.length === 4 ? [yearOf(last, four)] : [];
  });
  return years.slice(0, 20);
}

function yearOf(last: QuarterReport, four: readonly QuarterReport[]): YearReport {
  const sum = (of: (quarter: QuarterReport) => Figures): Figures =>
    Object.fromEntries(
      Object.keys(of(last)).map((key) => {
        const parts = four.map((quarter) => of(quarter)[key] ?? null);
        return [key, parts.every((part) => part !== null) ? parts.reduce((a, b) => a + b, 0) : null];
      }),
    );
  const netIncome = four.reduce((total, quarter) => total + quarter.netIncome, 0);
  const books = {
    income: sum(({ income }) => income),
    balance: last.balance,
    cash: sum(({ cash }) => cash),
    shares: last.shares,
    netIncome,
  };
  return { ends: last.ends, reported: last.reported, eps: earningsPerShare(books), ...books };
}

/** The company listed last year has shown its last whole fiscal year and what came after, nothing before. */
function firstPublicQuarter(company: Company, count: number): number {
  return company.trait === 'oneAnnualReport' ? Math.max(0, Math.floor(count / 4) * 4 - 4) : 0;
}
