import {
  byOrder,
  FIELD_RULES,
  parseTransaction,
  TRANSACTION_TYPES,
  type TransactionRow,
} from '../../../core/portfolio';
import { book } from './book';

const WHEN = { transaction_id: 'T', executed_at: '2025-01-31T14:30:00Z' };
const GOOD: Record<TransactionRow['type'], TransactionRow> = {
  buy: { ...WHEN, type: 'buy', symbol: 'ACME', qty: '0.000000001', price: '10', fee: '0' },
  sell: { ...WHEN, type: 'sell', symbol: 'ACME', qty: '1', price: '10', fee: '1.5' },
  dividend: { ...WHEN, type: 'dividend', symbol: 'ACME', amount: '1', fee: '0.15' },
  split: { ...WHEN, type: 'split', symbol: 'ACME', ratio: '3:2' },
  deposit: { ...WHEN, type: 'deposit', amount: '100' },
  withdrawal: { ...WHEN, type: 'withdrawal', amount: '100' },
  fee: { ...WHEN, type: 'fee', amount: '2', symbol: 'ACME' },
};
const errorsOf = (row: TransactionRow) => {
  const parsed = parseTransaction(row);
  return parsed.ok ? [] : parsed.errors.map(({ path, code, kind }) => `${path} ${code} ${kind}`);
};

describe('rules of a transaction', () => {
  it.each(TRANSACTION_TYPES)('lets in a %s that has what it needs, and its optional fields may be left out', (type) => {
    expect(errorsOf(GOOD[type])).toEqual([]);
    const bare = Object.fromEntries(
      Object.entries(GOOD[type]).map(([name, value]) => [
        name,
        FIELD_RULES[type][name as 'qty'] === 'optional' ? null : value,
      ]),
    );
    expect(errorsOf(bare as unknown as TransactionRow)).toEqual([]);
  });

  it.each(TRANSACTION_TYPES)('tells of every field that a %s lacks, and of every one that it must not have', (type) => {
    const all = { symbol: 'ACME', qty: '1', price: '1', amount: '1', fee: '1', ratio: '2:1' };
    const of = (presence: string, code: string) =>
      Object.entries(FIELD_RULES[type])
        .filter(([, rule]) => rule === presence)
        .map(([name]) => `${name} ${code} syntax`);
    expect(errorsOf({ ...WHEN, type }).sort()).toEqual(of('required', 'missing').sort());
    expect(errorsOf({ ...WHEN, type, ...all }).sort()).toEqual(of('absent', 'unexpected').sort());
    expect(of('required', '').length).toBeGreaterThan(0);
  });

  it.each<[keyof TransactionRow, string, string]>([
    ['symbol', '', 'symbol missing syntax'],
    ['qty', 'many', 'qty not_a_decimal syntax'],
    ['qty', '1e3', 'qty not_a_decimal syntax'],
    ['qty', '0', 'qty not_positive rule'],
    ['qty', '-1', 'qty not_positive rule'],
    ['qty', '1.0000000001', 'qty too_many_decimals rule'],
    ['qty', '1000000000000', 'qty too_large rule'],
    ['price', '0', 'price not_positive rule'],
    ['price', '1000000000', 'price too_large rule'],
    ['fee', '-0.01', 'fee negative rule'],
    ['executed_at', '2025-02-30T00:00:00Z', 'executed_at not_a_time syntax'],
    ['executed_at', '0000-01-01T00:00:00Z', 'executed_at too_early rule'],
    ['executed_at', '1899-12-31T23:59:59Z', 'executed_at too_early rule'],
    ['executed_at', '2025-01-31', 'executed_at not_a_time syntax'],
    ['executed_at', '2025-01-31T25:00:00Z', 'executed_at not_a_time syntax'],
    ['executed_at', '2025-01-31T12:00:00+02:00', 'executed_at not_a_time syntax'],
  ])('refuses a buy whose %s is "%s"', (name, value, expected) => {
    expect(errorsOf({ ...GOOD.buy, [name]: value })).toEqual([expected]);
  });

  it.each([
    ['2', 'not_a_ratio syntax'],
    ['2:1:1', 'not_a_ratio syntax'],
    ['2:one', 'not_a_decimal syntax'],
    ['0:1', 'not_positive rule'],
    ['1:0', 'not_positive rule'],
    [`2.${'0'.repeat(80)}:1`, 'too_large rule'],
  ])('refuses a split of "%s"', (ratio, expected) => {
    expect(errorsOf({ ...GOOD.split, ratio })).toEqual([`ratio ${expected}`]);
  });

  it('refuses a sequence that is no whole number', () => {
    expect(errorsOf({ ...GOOD.buy, sequence: 1.5 })).toEqual(['sequence not_a_sequence syntax']);
    expect(errorsOf({ ...GOOD.buy, sequence: -1 })).toEqual(['sequence not_a_sequence syntax']);
    expect(errorsOf({ ...GOOD.buy, sequence: 7 })).toEqual([]);
  });

  it('tells of all faults at once, in words', () => {
    const parsed = parseTransaction({ ...GOOD.buy, qty: '-1', price: 'cheap' });
    expect(parsed).toMatchObject({
      ok: false,
      errors: [
        { path: 'qty', message: 'must be above zero, not -1', transaction_id: 'T' },
        { path: 'price', message: 'must be a decimal, not cheap' },
      ],
    });
  });
});

describe('order of transactions', () => {
  it('is by instant, sequence, what comes in before what goes out, and id', () => {
    const { buy, sell, split, deposit, withdrawal, dividend, fee } = book();
    const day = '2025-01-02T00:00:00Z';
    const inOrder = [
      withdrawal('2025-01-01T23:59:59.999Z', '1'),
      split(day, '2:1'),
      deposit('2025-01-02T00:00:00.000Z', '1'),
      buy(day, '1', '1', { transaction_id: 'A' }),
      buy(day, '1', '1', { transaction_id: 'B' }),
      dividend(day, '1'),
      fee(day, '1'),
      sell(day, '1', '1'),
      withdrawal(day, '1'),
      sell(day, '1', '1', { sequence: 1 }),
      buy(day, '1', '1', { sequence: 2 }),
    ];
    expect([...inOrder].reverse().sort(byOrder)).toEqual(inOrder);
    expect(byOrder(inOrder[0]!, inOrder[0]!)).toBe(0);
  });
});
