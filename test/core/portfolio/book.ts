import { parseTransaction, type Transaction, type TransactionRow } from '../../../core/portfolio';

type Extra = Partial<TransactionRow>;

/** A row as parsed; throws with its errors where it breaks a rule. */
export function transaction(row: TransactionRow): Transaction {
  const parsed = parseTransaction(row);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.transaction;
}

/** A day stands for noon of it, unless the test says when. */
const at = (when: string): string => (when.includes('T') ? when : `${when}T12:00:00.000Z`);

/** Builders of one portfolio's transactions; ids count up in the order of writing: T01, T02… */
export function book() {
  let count = 0;
  const write = (type: TransactionRow['type'], when: string, fields: Extra): Transaction =>
    transaction({
      transaction_id: `T${String(++count).padStart(2, '0')}`,
      type,
      executed_at: at(when),
      ...fields,
    });
  return {
    buy: (when: string, qty: string, price: string | null, extra: Extra = {}) =>
      write('buy', when, { symbol: 'ACME', qty, price, ...extra }),
    sell: (when: string, qty: string, price: string | null, extra: Extra = {}) =>
      write('sell', when, { symbol: 'ACME', qty, price, ...extra }),
    split: (when: string, ratio: string, extra: Extra = {}) =>
      write('split', when, { symbol: 'ACME', ratio, ...extra }),
    dividend: (when: string, amount: string, extra: Extra = {}) =>
      write('dividend', when, { symbol: 'ACME', amount, ...extra }),
    deposit: (when: string, amount: string, extra: Extra = {}) => write('deposit', when, { amount, ...extra }),
    withdrawal: (when: string, amount: string, extra: Extra = {}) => write('withdrawal', when, { amount, ...extra }),
    fee: (when: string, amount: string, extra: Extra = {}) => write('fee', when, { amount, ...extra }),
  };
}

/** Closes of ACME, "2025-01-02 10.50" a day. */
export const acme = (...days: string[]) =>
  new Map([
    [
      'ACME',
      days.map((day) => {
        const [date, close] = day.split(' ');
        return { date: date!, close: close! };
      }),
    ],
  ]);
