import { type Kind, readBrokerRow } from './broker';
import { americanDate, cellsOf } from './cells';
import { fault } from './draft';
import { has, type Preset } from './preset';

const SHORT: Kind = { refuse: 'is a short sale or an option; portfolios hold neither' };
const SWEEP: Kind = { skip: 'moves cash into or out of the core position, which is cash here' };
const NO_RATIO: Kind = {
  refuse: 'tells the shares that came and not the ratio: record it as a split, like 2:1',
};

/**
 * How the text of an action begins; the first that fits. The security's name and the kind of account follow it:
 * "YOU BOUGHT VANGUARD S&P 500 ETF (VOO) (Cash)".
 */
const KINDS: readonly (readonly [string, Kind])[] = [
  ...['YOU BOUGHT', 'YOU SOLD'].flatMap((verb) =>
    ['SHORT', 'OPENING TRANSACTION', 'CLOSING TRANSACTION', 'ASSIGNED'].map(
      (more) => [`${verb} ${more}`, SHORT] as const,
    ),
  ),
  ['YOU BOUGHT', 'buy'],
  ['YOU SOLD', 'sell'],
  ['REINVESTMENT', 'buy'],
  ['PURCHASE INTO CORE ACCOUNT', SWEEP],
  ['REDEMPTION FROM CORE ACCOUNT', SWEEP],
  ['DIVIDEND RECEIVED', 'income'],
  ['LONG-TERM CAP GAIN', 'income'],
  ['SHORT-TERM CAP GAIN', 'income'],
  ['IN LIEU OF FRX SHARE', 'income'],
  ['INTEREST', 'income'],
  ['FOREIGN TAX PAID', 'income'],
  ['FEE CHARGED', 'income'],
  ['ADVISOR FEE', 'income'],
  ['ELECTRONIC FUNDS TRANSFER', 'transfer'],
  ['DIRECT DEPOSIT', 'transfer'],
  ['CONTRIBUTION', 'transfer'],
  ['DISTRIBUTION', 'transfer'],
  ['TRANSFERRED FROM', 'transfer'],
  ['TRANSFERRED TO', 'transfer'],
  ['JOURNALED', 'transfer'],
  ['STOCK SPLIT', NO_RATIO],
  ['REVERSE SPLIT', NO_RATIO],
];

/** Funds that Fidelity keeps uninvested cash in; their shares cost one dollar, always. */
const CORE_POSITIONS: ReadonlySet<string> = new Set(['SPAXX', 'FDRXX', 'FZFXX', 'FCASH']);

/**
 * Fidelity, Activity & Orders → Download (`History_for_Account_….csv`, `Accounts_History.csv`). Days only, the newest
 * first, blank lines above the header, a disclaimer in one column below the rows.
 */
export const fidelity: Preset = {
  format: 'fidelity',
  newestFirst: true,
  mark: 'run date',
  columns: {
    qty: 'quantity',
    price: 'price',
    amount: 'amount',
    fee: 'commission',
    symbol: 'symbol',
    executed_at: 'run date',
  },
  isHeader: (columns) => has(columns, 'run date', 'action', 'symbol', 'quantity', 'amount'),
  reader: (columns) => {
    const at = cellsOf(columns);
    return (row) => {
      if (row.slice(1).every((cell) => cell === '')) return { skipped: 'is a note' };
      const cells = at(row);
      const executed_at = americanDate(cells('run date'));
      if (executed_at === null) return fault('run date', `must be a date, MM/DD/YYYY, not ${cells('run date')}`);
      const foreign = [cells('currency'), cells('exchange currency')].find((code) => code !== '' && code !== 'USD');
      if (foreign !== undefined) return fault('currency', `must be USD, not ${foreign}`);

      const action = cells('action').replace(/\s+/g, ' ');
      const found = KINDS.find(([begins]) => action.toUpperCase().startsWith(begins));
      if (found === undefined) return fault('action', `is not an action that is known: ${action}`);
      const [begins, kind] = found;
      const symbol = cells('symbol').replaceAll('*', '').toUpperCase();
      return readBrokerRow(
        {
          kind: kindOf(begins, kind, symbol),
          executed_at,
          symbol,
          id: null,
          marks: [executed_at, action.toUpperCase()],
          columns: { qty: 'quantity', price: 'price', amount: 'amount', fees: ['commission', 'fees'] },
          feeSign: 1,
        },
        cells,
      );
    };
  },
};

function kindOf(begins: string, kind: Kind, symbol: string): Kind {
  if ((kind === 'buy' || kind === 'sell') && CORE_POSITIONS.has(symbol)) return SWEEP;
  return typeof kind === 'object' && 'refuse' in kind ? { refuse: `${begins} ${kind.refuse}` } : kind;
}
