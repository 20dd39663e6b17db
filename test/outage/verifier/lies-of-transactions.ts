import type { Evidence, TransactionRecord } from './evidence';
import { type Lie, lost, replaced } from './lie';

const manual = ({ transactions }: Evidence) =>
  transactions.find((one) => one.source === 'manual' && one.qty !== null) ?? lost();
const trade = ({ transactions }: Evidence) => transactions.find((one) => one.source === 'trade') ?? lost();
const anotherRow = (evidence: Evidence, old: TransactionRecord, by: Partial<TransactionRecord> | null) => ({
  transactions: replaced(evidence.transactions, old, ...(by ? [{ ...old, ...by }] : [])),
});

export const liesOfTransactions: readonly Lie[] = [
  {
    tells: 'a transaction was never answered',
    caughtBy: 'answered_all',
    change: ({ entries }) => ({
      entries: replaced(entries, entries[0], { ...(entries[0] ?? lost()), outcome: 'unknown' }),
    }),
  },
  {
    tells: 'an acknowledged transaction is lost',
    caughtBy: 'recorded_once',
    change: (e) => anotherRow(e, manual(e), null),
  },
  {
    tells: 'an acknowledged transaction is there twice',
    caughtBy: 'recorded_once',
    change: (e) => ({ transactions: [...e.transactions, { ...manual(e), transaction_id: 'another' }] }),
  },
  {
    tells: 'a transaction is of another quantity',
    caughtBy: 'recorded_once',
    change: (e) => anotherRow(e, manual(e), { qty: '0.000000001' }),
  },
  {
    tells: 'a transaction asked for again was answered as another one',
    caughtBy: 'one_answer',
    change: (e) => anotherRow(e, manual(e), { transaction_id: 'another' }),
  },
  { tells: 'a booked trade is lost', caughtBy: 'trades_once', change: (e) => anotherRow(e, trade(e), null) },
  {
    tells: 'a booked trade is in another portfolio',
    caughtBy: 'trades_once',
    change: (e) => anotherRow(e, trade(e), { portfolio_id: 'another' }),
  },
  {
    tells: 'there is a trade that nobody booked',
    caughtBy: 'none_more',
    change: (e) => ({ transactions: [...e.transactions, { ...trade(e), transaction_id: 'another' }] }),
  },
  {
    tells: 'what was refused is there',
    caughtBy: 'none_more',
    change: (e) => {
      const { portfolio_id, external_id } = e.entries.find(({ outcome }) => outcome === 'refused') ?? lost();
      return {
        transactions: [...e.transactions, { ...manual(e), transaction_id: 'another', portfolio_id, external_id }],
      };
    },
  },
  {
    tells: 'a number of a stream is missing',
    caughtBy: 'sequences',
    change: ({ streams }) => ({ streams: streams.map((one) => ({ ...one, gap_since: 'a while' })) }),
  },
  { tells: 'a receipt is missing', caughtBy: 'sequences', change: ({ receipts }) => ({ receipts: receipts.slice(1) }) },
  {
    tells: 'holdings are of a sum of which one row is not there',
    caughtBy: 'holdings',
    change: (e) => anotherRow(e, manual(e), null),
  },
  {
    tells: 'one process answered no holdings',
    caughtBy: 'holdings',
    change: ({ holdings }) => ({ holdings: holdings.slice(1) }),
  },
  {
    tells: 'a day’s value is not kept',
    caughtBy: 'snapshots',
    change: ({ snapshots }) => ({ snapshots: snapshots.slice(1) }),
  },
  {
    tells: 'a day’s value is an old one',
    caughtBy: 'snapshots',
    change: ({ snapshots }) => ({ snapshots: snapshots.map((one) => ({ ...one, cost_basis: '1' })) }),
  },
  {
    tells: 'a report was never told',
    caughtBy: 'reports',
    change: ({ reports }) => {
      const { detail } = reports[0] ?? lost();
      return {
        reports: reports.filter(
          (one) => one.detail.portfolio_id !== detail.portfolio_id || one.detail.sequence !== detail.sequence,
        ),
      };
    },
  },
  { tells: 'a report is owed', caughtBy: 'reports', change: () => ({ owed: [{ portfolio_id: 'one', sequence: 1 }] }) },
];
