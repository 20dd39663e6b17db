import { type Kind, readBrokerRow } from './broker';
import { americanDate, cellsOf } from './cells';
import { fault } from './draft';
import { has, type Preset } from './preset';

const NO_RATIO: Kind = {
  refuse: 'tells the shares that came and not the ratio: record it as a split, like 2:1',
};
const NO_COST: Kind = { refuse: 'brings shares, and the file does not tell what they cost: record it as a buy' };

/** Actions of "Transactions" exports, as importers of other projects know them: docs/import.md names these. */
const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['Buy', 'buy'],
  ['Reinvest Shares', 'buy'],
  ['Sell', 'sell'],
  ...of('income', [
    'Cash Dividend',
    'Qualified Dividend',
    'Non-Qualified Div',
    'Special Dividend',
    'Special Qual Div',
    'Reinvest Dividend',
    'Qual Div Reinvest',
    'Div Adjustment',
    'Pr Yr Cash Div',
    'Pr Yr Div Reinvest',
    'Pr Yr Non-Qual Div',
    'Pr Yr Non Qual Div',
    'Pr Yr Special Div',
    'Long Term Cap Gain',
    'Short Term Cap Gain',
    'Long Term Cap Gain Reinvest',
    'Short Term Cap Gain Reinvest',
    'Cash In Lieu',
    'Bank Interest',
    'Bond Interest',
    'Credit Interest',
    'Margin Interest',
    'ADR Mgmt Fee',
    'Service Fee',
    'Foreign Tax Paid',
    'NRA Tax Adj',
    'NRA Withholding',
  ]),
  ...of('transfer', [
    'MoneyLink Transfer',
    'MoneyLink Deposit',
    'Bank Transfer',
    'Funds Received',
    'Wire Funds',
    'Wire Funds Received',
    'Wire Received',
    'Wire Sent',
    'Journal',
    'Misc Cash Entry',
    'Misc Credits',
    'Visa Purchase',
  ]),
  ['Stock Split', NO_RATIO],
  ['Reverse Split', NO_RATIO],
  ['Stock Plan Activity', NO_COST],
  ['Spin-off', NO_COST],
]);

function of(kind: Kind, actions: readonly string[]): readonly (readonly [string, Kind])[] {
  return actions.map((action) => [action, kind] as const);
}

/**
 * Charles Schwab, Accounts → History → Export. One currency, days only, the newest first; quantities have no sign.
 * A first line "Transactions for account …" (older exports) and a last line "Transactions Total" are not transactions.
 */
export const schwab: Preset = {
  format: 'schwab',
  newestFirst: true,
  mark: 'fees & comm',
  columns: {
    qty: 'quantity',
    price: 'price',
    amount: 'amount',
    fee: 'fees & comm',
    symbol: 'symbol',
    executed_at: 'date',
  },
  isHeader: (columns) => has(columns, 'date', 'action', 'symbol', 'quantity', 'price', 'fees & comm', 'amount'),
  reader: (columns) => {
    const at = cellsOf(columns);
    return (row) => {
      const cells = at(row);
      if (cells('date') === 'Transactions Total') return { skipped: 'is the total of the file' };
      // "01/31/2026 as of 01/30/2026": booked on the first, took effect on the second.
      const [booked = '', effective] = cells('date').split(/\s+as of\s+/);
      const executed_at = americanDate(effective ?? booked);
      if (executed_at === null) return fault('date', `must be a date, MM/DD/YYYY, not ${cells('date')}`);
      const action = cells('action');
      const kind = KINDS.get(action);
      if (kind === undefined) return fault('action', `is not an action that is known: ${action}`);
      return readBrokerRow(
        {
          kind: typeof kind === 'object' && 'refuse' in kind ? { refuse: `${action} ${kind.refuse}` } : kind,
          executed_at,
          // Classes of shares: BRK/B.
          symbol: cells('symbol').toUpperCase().replace('/', '.'),
          id: null,
          marks: [executed_at, action],
          columns: { qty: 'quantity', price: 'price', amount: 'amount', fees: ['fees & comm'] },
          feeSign: 1,
        },
        cells,
      );
    };
  },
};
