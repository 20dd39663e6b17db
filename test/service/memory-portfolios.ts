import { ulid } from 'ulid';
import { MAX_PORTFOLIOS, MAX_TRANSACTIONS } from '../../contract/schemas/portfolios';
import { byOrder, qtyOf, replay, type Transaction } from '../../core/portfolio';
import {
  type ClosesKnown,
  type LeadProps,
  type OwedReport,
  type PortfolioRow,
  type PortfolioState,
  type PortfolioStore,
  type Snapshot,
  type StoredClose,
  type StoredTransaction,
  StoreUnavailable,
} from '../../lambda/adapters/portfolio/portfolios';
import { parsedTransactions } from '../../lambda/adapters/portfolio/parsed';

interface Kept {
  row: PortfolioRow;
  transactions: StoredTransaction[];
  missing: PortfolioState['missing'];
}

/** A store in memory, as its interface says, with switches for what a test wants to happen to it. */
export interface MemoryPortfolios extends PortfolioStore {
  /** Whether the database can be reached. */
  isAway: boolean;
  readonly calls: Map<string, number>;
  readonly days: Map<string, Snapshot>;
  readonly reports: OwedReport[];
  /** How many transactions portfolios say that they have, where it is not as many as they have. */
  readonly sizesSaid: Map<string, number>;
  /** A booked trade, as the recorder would have written it. */
  book(portfolioId: string, trade: Partial<StoredTransaction>): StoredTransaction;
  miss(portfolioId: string, from: number, to: number): void;
  /** The one that leads loses its connection; the next in the queue has the lead. */
  loseLeader(): void;
}

/** Rows never change: each is parsed once, however often it is looked at. */
const parsed = new WeakMap<StoredTransaction, Transaction>();
const parsedOf = (rows: readonly StoredTransaction[]): readonly Transaction[] =>
  rows.map((row) => {
    const transaction = parsed.get(row) ?? parsedTransactions([row])[0]!;
    parsed.set(row, transaction);
    return transaction;
  });

export function memoryPortfolios(): MemoryPortfolios {
  const kept = new Map<string, Kept>();
  const closes = new Map<string, StoredClose>();
  const known = new Map<string, ClosesKnown>();
  const candidates: LeadProps[] = [];
  const owed: OwedReport[] = [];
  const calls = new Map<string, number>();
  const days = new Map<string, Snapshot>();
  const sizes = new Map<string, number>();
  let sequence = 0;

  const reached = (name: string) => {
    calls.set(name, (calls.get(name) ?? 0) + 1);
    if (store.isAway) throw new StoreUnavailable('the database is away');
  };
  const own = (userId: string, portfolioId: string) => {
    const found = kept.get(portfolioId);
    return found?.row.user_id === userId ? found : undefined;
  };
  const ordered = (transactions: readonly StoredTransaction[]) => {
    const rows = new Map(transactions.map((row) => [row.transaction_id, row]));
    return [...parsedOf(transactions)].sort(byOrder).map(({ transaction_id }) => rows.get(transaction_id)!);
  };
  const stateOf = ({ row, transactions, missing }: Kept): PortfolioState => ({
    portfolio: row,
    transactions: ordered(transactions),
    missing,
  });
  const tell = (portfolioId: string) => candidates[0]?.onPortfolioChanged(portfolioId);
  const quantities = ({ row, transactions }: Kept) =>
    new Map(
      [...replay(parsedOf(transactions), row.cost_basis).holdings].map(([symbol, holding]) => [
        symbol,
        qtyOf(holding).toFixed(),
      ]),
    );
  const touch = (one: Kept, now: string, fields: Partial<PortfolioRow> = {}) => {
    one.row = {
      ...one.row,
      ...fields,
      revision: one.row.revision + 1,
      updated_at: fields.name ? now : one.row.updated_at,
    };
    tell(one.row.portfolio_id);
  };
  const closeKey = (adjustment: string, symbol: string, date: string) => `${adjustment} ${symbol} ${date}`;

  const store: MemoryPortfolios = {
    isAway: false,
    calls,
    days,
    reports: owed,
    sizesSaid: sizes,
    async ping() {
      reached('ping');
    },
    async create(userId, fields, now) {
      reached('create');
      if ([...kept.values()].filter(({ row }) => row.user_id === userId).length >= MAX_PORTFOLIOS) return 'too_many';
      const row: PortfolioRow = {
        ...fields,
        portfolio_id: ulid(Date.parse(now) + kept.size),
        user_id: userId,
        is_default: false,
        revision: 1,
        created_at: now,
        updated_at: now,
      };
      kept.set(row.portfolio_id, { row, transactions: [], missing: [] });
      return row;
    },
    async list(userId, { limit, after = '' }) {
      reached('list');
      return [...kept.values()]
        .map(({ row }) => row)
        .filter((row) => row.user_id === userId && row.portfolio_id > after)
        .sort((a, b) => (a.portfolio_id < b.portfolio_id ? -1 : 1))
        .slice(0, limit);
    },
    async find(userId, portfolioId) {
      reached('find');
      return own(userId, portfolioId)?.row ?? null;
    },
    async replace(userId, portfolioId, fields, now, revision) {
      reached('replace');
      const found = own(userId, portfolioId);
      if (!found) return null;
      if (revision !== undefined && revision !== found.row.revision) return 'changed';
      touch(found, now, fields);
      return found.row;
    },
    async remove(userId, portfolioId) {
      reached('remove');
      return own(userId, portfolioId) !== undefined && kept.delete(portfolioId);
    },
    async removeUser() {
      throw new Error('not used by the service');
    },
    async state(userId, portfolioId) {
      reached('state');
      const found = own(userId, portfolioId);
      return found ? stateOf(found) : null;
    },
    async transactions(userId, portfolioId, { symbol, type, from = '', to }, { limit, before }) {
      reached('transactions');
      const place = (row: Pick<StoredTransaction, 'executed_at' | 'transaction_id'>) =>
        `${row.executed_at} ${row.transaction_id}`;
      return (
        own(userId, portfolioId)
          ?.transactions.filter((row) => symbol === undefined || row.symbol === symbol)
          .filter((row) => type === undefined || row.type === type)
          .filter(({ executed_at }) => executed_at >= from && (to === undefined || executed_at < to))
          .filter((row) => before === undefined || place(row) < place(before))
          .sort((a, b) => (place(a) > place(b) ? -1 : 1))
          .slice(0, limit) ?? null
      );
    },
    async change(userId, portfolioId, now, decide) {
      reached('change');
      const found = own(userId, portfolioId);
      if (!found) return { result: 'no_portfolio' };
      const decision = decide(stateOf(found));
      if ('refusal' in decision) return { result: 'refused', refusal: decision.refusal };
      if (found.transactions.length + (decision.add?.length ?? 0) > MAX_TRANSACTIONS) return { result: 'too_many' };
      const before = quantities(found);
      const added = (decision.add ?? []).map((row) => ({
        ...row,
        portfolio_id: portfolioId,
        currency: found.row.base_currency,
        created_at: now,
      }));
      const removed = new Set(decision.remove ?? []);
      found.transactions = [...found.transactions, ...added].filter((row) => !removed.has(row.transaction_id));
      const after = quantities(found);
      for (const symbol of new Set([...before.keys(), ...after.keys()])) {
        const qty = after.get(symbol) ?? '0';
        if (qty === (before.get(symbol) ?? '0')) continue;
        sequence += 1;
        const detail = { portfolio_id: portfolioId, user_id: userId, symbol, qty, sequence, trade_sequence: 0 };
        owed.push({ report_id: String(sequence), detail });
      }
      touch(found, now);
      return { result: 'changed', added, revision: found.row.revision };
    },
    async record() {
      throw new Error('not used by the service');
    },
    async gaps() {
      throw new Error('not used by the service');
    },
    async owed(limit) {
      reached('owed');
      return owed.slice(0, limit);
    },
    async told(ids) {
      reached('told');
      for (const id of ids) {
        const index = owed.findIndex(({ report_id }) => report_id === id);
        if (index >= 0) owed.splice(index, 1);
      }
    },
    async snapshot(snapshots) {
      reached('snapshot');
      for (const one of snapshots) {
        const key = `${one.portfolio_id} ${one.date}`;
        if (one.final || !days.get(key)?.final) days.set(key, one);
      }
    },
    async snapshots(portfolioId, from, to) {
      reached('snapshots');
      return [...days.values()].filter((one) => one.portfolio_id === portfolioId && one.date >= from && one.date <= to);
    },
    async sizes({ limit, after = '', among, countTo }) {
      reached('sizes');
      return [...kept.values()]
        .filter(({ row }) => row.portfolio_id > after && (among?.includes(row.portfolio_id) ?? true))
        .sort((a, b) => (a.row.portfolio_id < b.row.portfolio_id ? -1 : 1))
        .slice(0, limit)
        .map(({ row, transactions }) => ({
          portfolio_id: row.portfolio_id,
          transactions: Math.min(sizes.get(row.portfolio_id) ?? transactions.length, countTo),
        }));
    },
    async states({ limit, after = '', among }) {
      reached('states');
      return [...kept.values()]
        .filter(({ row }) => row.portfolio_id > after && (among?.includes(row.portfolio_id) ?? true))
        .sort((a, b) => (a.row.portfolio_id < b.row.portfolio_id ? -1 : 1))
        .slice(0, limit)
        .map(stateOf);
    },
    async closes(symbols, adjustment, from, to) {
      reached('closes');
      return [...closes]
        .filter(([key]) => key.startsWith(`${adjustment} `))
        .map(([, close]) => close)
        .filter(({ symbol, date }) => symbols.includes(symbol) && date >= from && date <= to)
        .sort((a, b) => (`${a.symbol} ${a.date}` < `${b.symbol} ${b.date}` ? -1 : 1));
    },
    async closesKnown(symbols, adjustment) {
      reached('closesKnown');
      return symbols.flatMap((symbol) => known.get(`${adjustment} ${symbol}`) ?? []);
    },
    async keepCloses(adjustment, kept_, known_) {
      reached('keepCloses');
      for (const close of kept_) closes.set(closeKey(adjustment, close.symbol, close.date), close);
      for (const one of known_) known.set(`${adjustment} ${one.symbol}`, one);
    },
    async touch({ portfolios, symbols }) {
      reached('touch');
      for (const id of portfolios) candidates[0]?.onPortfolioWatched(id);
      if (symbols.length > 0) candidates[0]?.onSymbolsWatched(symbols);
    },
    lead(props) {
      candidates.push(props);
      if (candidates.length === 1) props.onChange(true);
      return {
        isLeader: () => candidates[0] === props,
        async stop() {
          const wasLeader = candidates[0] === props;
          const index = candidates.indexOf(props);
          if (index < 0) return;
          candidates.splice(index, 1);
          if (!wasLeader) return;
          props.onChange(false);
          candidates[0]?.onChange(true);
        },
      };
    },
    book(portfolioId, trade) {
      const one = kept.get(portfolioId)!;
      const row: StoredTransaction = {
        transaction_id: ulid(),
        portfolio_id: portfolioId,
        type: 'buy',
        symbol: 'AAPL',
        qty: '1',
        price: '100',
        amount: null,
        fee: '0',
        ratio: null,
        executed_at: '2026-05-01T15:00:00.000Z',
        sequence: one.transactions.length + 1,
        external_id: null,
        currency: 'USD',
        source: 'trade',
        trade_id: `TRADE-${ulid()}`,
        named_portfolio_id: null,
        created_at: '2026-05-01T15:00:00.000Z',
        ...trade,
      };
      one.transactions.push(row);
      touch(one, row.created_at);
      return row;
    },
    miss(portfolioId, from, to) {
      kept.get(portfolioId)!.missing = [{ from, to }];
    },
    loseLeader() {
      const leader = candidates.shift();
      leader?.onChange(false);
      candidates[0]?.onChange(true);
      if (leader) candidates.push(leader);
    },
  };
  return store;
}
