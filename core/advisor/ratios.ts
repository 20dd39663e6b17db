import { average, change, measure, notMeaningful, over } from './measure';
import {
  A0, A1, BOOK_VALUE, CA0, CAPEX0, CASH0, CFI0, CFO0, CL0, DEBT0, DIVIDENDS0, EBIT0, EBITDA0, EBT0, EPS0, EPS1, EPS3,
  EPS_TTM, EQUITY0, EQUITY1, GP0, INTEREST0, LTD0, MARKET_CAP, NI0, NI1, OPERATING_INCOME0, PE, PPE0, RECEIVABLES0,
  REV0, REV1, REV3, RND0, SGA0, SHARES, SHARES0, SHARES1, SHORT_DEBT0, STI0, TAX0, CASH_ONLY0, INVENTORY0, COGS0,
} from './statement-fields';

const NO_EQUITY = notMeaningful('equity is not positive');
const LOSS = notMeaningful('earnings are not positive');

/** Growth against the absolute value of the base, so that a smaller loss is growth. */
const growth = (current: number, previous: number): number => over(change(current, previous), Math.abs(previous));

/** Compound growth a year over three years; undefined from a base that is not positive or to a negative end. */
const cagr3 = (end: number, begin: number) =>
  begin <= 0 || end < 0
    ? notMeaningful('compound growth needs a positive base and no negative end')
    : Math.cbrt(over(end, begin)) - 1;

/** Free cash flow. Alpha Vantage gives capital expenditures as a positive outflow; |x| also takes a negative one. */
const freeCashFlow = (cfo: number, capex: number): number => cfo - Math.abs(capex);

/**
 * Every ratio of an analysis. t is the latest fiscal year; averages are of the balance sheets of t and t-1.
 * Ratios are fractions, not percent.
 */
export const RATIOS = {
  current_ratio: measure({
    title: 'Current ratio',
    formula: 'current assets ÷ current liabilities',
    except_financials: true,
    inputs: { ca: CA0, cl: CL0 },
    compute: ({ ca, cl }) => over(ca, cl),
  }),
  quick_ratio: measure({
    title: 'Quick ratio',
    formula: '(cash + short-term investments + net receivables) ÷ current liabilities',
    except_financials: true,
    inputs: { cash: CASH0, receivables: RECEIVABLES0, cl: CL0 },
    compute: ({ cash, receivables, cl }) => over(cash + receivables, cl),
  }),
};
