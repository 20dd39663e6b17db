import { isDeepStrictEqual } from 'node:util';
import {
  type HoldingTotals,
  type HoldingView,
  parseTransaction,
  replay,
  type TransactionRow,
  valuate,
} from '../../../core/portfolio';
import { shortest } from '../../fault/verifier/amounts';
import type { Entry } from '../journal';
import { DAY } from '../pace';
import type { Check, Evidence, TransactionRecord } from './evidence';

const keyOf = ({ portfolio_id, external_id }: Pick<TransactionRecord, 'portfolio_id' | 'external_id'>) =>
  `${portfolio_id} ${external_id ?? ''}`;

function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

const isAs = ({ row, source }: Entry, stored: TransactionRecord): boolean =>
  stored.source === source &&
  row.type === stored.type &&
  row.symbol === stored.symbol &&
  (['qty', 'price', 'amount'] as const).every((name) => (row[name] && shortest(row[name])) === stored[name]) &&
  Date.parse(row.executed_at) === Date.parse(stored.executed_at);

/** What holds of the transactions, by SQL and the journal. */
export const transactionChecks: readonly Check[] = [
  {
    id: 'answered_all',
    says: 'every transaction that was asked for was answered in the end',
    breaches: ({ entries }) => entries.filter(({ outcome }) => outcome === 'unknown').map(keyOf),
  },
  {
    id: 'recorded_once',
    says: 'every acknowledged transaction is there exactly once, as it was asked for',
    breaches: ({ entries, transactions }) => {
      const stored = grouped(transactions, keyOf);
      return entries.flatMap((entry) => {
        if (entry.outcome !== 'recorded') return [];
        const [row, ...more] = stored.get(keyOf(entry)) ?? [];
        if (!row) return [`${keyOf(entry)} is lost`];
        if (more.length > 0) return [`${keyOf(entry)} is there ${more.length + 1} times`];
        return isAs(entry, row) ? [] : [`${keyOf(entry)} is ${JSON.stringify(row)}`];
      });
    },
  },
  {
    id: 'one_answer',
    says: 'asked again, a transaction was answered as the one that is there',
    breaches: ({ entries, transactions }) => {
      const ids = new Map(transactions.map((row) => [keyOf(row), row.transaction_id]));
      return entries
        .filter((entry) => entry.ids.some((id) => id !== ids.get(keyOf(entry))))
        .map((entry) => `${keyOf(entry)} was answered ${entry.ids.join(', ')}`);
    },
  },
  {
    id: 'trades_once',
    says: 'every booked trade is one transaction, in the portfolio that it names or the default one',
    breaches: ({ trades, transactions, portfolios }) => {
      const stored = grouped(transactions, ({ transaction_id }) => transaction_id);
      const defaults = new Map(
        portfolios.filter((one) => one.is_default).map((one) => [one.user_id, one.portfolio_id]),
      );
      return trades.flatMap((trade) => {
        const [row, ...more] = stored.get(trade.execution_id) ?? [];
        const isRight =
          row?.trade_id === trade.trade_id &&
          row.portfolio_id === (trade.portfolio_id ?? defaults.get(trade.user_id)) &&
          row.sequence === trade.sequence &&
          row.qty === shortest(trade.quantity) &&
          row.price === shortest(trade.price);
        return isRight && more.length === 0 ? [] : [`${trade.execution_id} is ${JSON.stringify(row ?? null)}`];
      });
    },
  },
  {
    id: 'none_more',
    says: 'there is no transaction that nobody asked for, and none that was refused',
    breaches: ({ entries, trades, transactions }) => {
      const asked = new Set(entries.filter(({ outcome }) => outcome !== 'refused').map(keyOf));
      const booked = new Set(trades.map(({ execution_id }) => execution_id));
      return transactions
        .filter((row) => (row.source === 'trade' ? !booked.has(row.transaction_id) : !asked.has(keyOf(row))))
        .map((row) => JSON.stringify(row));
    },
  },
  {
    id: 'sequences',
    says: 'every stream of trades arrived without a gap, each trade with one receipt',
    breaches: ({ trades, streams, receipts }) => {
      const sent = grouped(trades, ({ user_id, portfolio_id }) =>
        portfolio_id === null ? `user#${user_id}` : `portfolio#${portfolio_id}`,
      );
      const received = new Map(streams.map((one) => [one.stream_id, one]));
      const gaps = [...sent].flatMap(([id, { length }]) => {
        const stream = received.get(id);
        return stream?.received_to === length && stream.gap_since === null
          ? []
          : [`${id} of ${length}: ${JSON.stringify(stream)}`];
      });
      const known = receipts.map(({ execution_id }) => execution_id);
      const isSame = isDeepStrictEqual(known, trades.map(({ execution_id }) => execution_id).sort());
      return isSame ? gaps : [...gaps, `${known.length} receipts of ${trades.length} trades`];
    },
  },
  {
    id: 'holdings',
    says: 'holdings answered by each process are what core/portfolio makes of the rows',
    breaches: ({ holdings, portfolios, transactions, servers }) =>
      portfolios.flatMap(({ portfolio_id, cost_basis }) => {
        const expected = costs(valuate(ledgerOf(transactions, portfolio_id, cost_basis), new Map()));
        return servers.flatMap((process) => {
          const answer = holdings.find((one) => one.portfolio_id === portfolio_id && one.process === process);
          if (!answer) return [`${process} answered nothing of ${portfolio_id}`];
          const { items, totals } = answer.body;
          const isSame = isDeepStrictEqual(costs({ holdings: items, totals }), expected);
          return isSame ? [] : [`${process} answered of ${portfolio_id} ${JSON.stringify(items)}`];
        });
      }),
  },
  {
    id: 'snapshots',
    says: 'every watched portfolio has the day’s value, which is that of all its transactions',
    breaches: ({ watched, snapshots, portfolios, transactions }) =>
      watched.flatMap((portfolio_id) => {
        const kept = snapshots.filter((one) => one.portfolio_id === portfolio_id);
        const [day] = kept;
        const method = portfolios.find((one) => one.portfolio_id === portfolio_id)?.cost_basis ?? 'average';
        const { cost_basis } = valuate(ledgerOf(transactions, portfolio_id, method), new Map()).totals;
        const isRight = kept.length === 1 && day?.date === DAY && day.total_value !== null && !day.stale;
        return isRight && day.cost_basis === cost_basis
          ? []
          : [`${portfolio_id} of ${String(cost_basis)}: ${JSON.stringify(kept)}`];
      }),
  },
  {
    id: 'reports',
    says: 'the ledger was told every report, by its number, and is owed none',
    breaches: ({ portfolios, reports, owed }) => {
      const told = grouped(reports, ({ detail }) => detail.portfolio_id);
      const lost = portfolios.flatMap(({ portfolio_id, last_report }) => {
        const numbers = new Set((told.get(portfolio_id) ?? []).map(({ detail }) => detail.sequence));
        return numbers.size === last_report ? [] : [`${numbers.size} of ${last_report} reports of ${portfolio_id}`];
      });
      return [...lost, ...owed.map((one) => `owed: ${JSON.stringify(one)}`)];
    },
  },
];

function ledgerOf(rows: Evidence['transactions'], portfolioId: string, method: Parameters<typeof replay>[1]) {
  const parsed = rows
    .filter(({ portfolio_id }) => portfolio_id === portfolioId)
    .map((row: TransactionRow) => parseTransaction(row));
  return replay(
    parsed.map((one) => {
      if (!one.ok) throw new Error(`a row breaks the rules: ${JSON.stringify(one.errors)}`);
      return one.transaction;
    }),
    method,
  );
}

interface Costed {
  readonly holdings: readonly Pick<HoldingView, 'symbol' | 'qty' | 'avg_entry_price' | 'cost_basis' | 'realized_pl'>[];
  readonly totals: Pick<HoldingTotals, 'cash' | 'realized_pl' | 'cost_basis'>;
}

/** What does not depend on a price. */
const costs = ({ holdings, totals }: Costed) => ({
  items: holdings
    .filter(({ qty }) => qty !== '0')
    .map(({ symbol, qty, avg_entry_price, cost_basis, realized_pl }) => ({
      symbol,
      qty,
      avg_entry_price,
      cost_basis,
      realized_pl,
    })),
  totals: { cash: totals.cash, realized_pl: totals.realized_pl, cost_basis: totals.cost_basis },
});
