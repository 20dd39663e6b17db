import { parseTransaction } from '../../../core/portfolio';
import { takeRows } from '../../../service/portfolio/importing';
import { newTransaction } from '../../../service/portfolio/new-transaction';

const row = (id: number, type: 'buy' | 'sell', qty: string, executed_at: string) =>
  newTransaction({ type, symbol: 'AAPL', qty, executed_at }, String(id).padStart(6, '0'), 'import');

// Gone over again for each row that is left out, these take minutes.
test('leaves out the latest of twenty thousand sells that take a later one’s shares, and no more of them', () => {
  const before = [row(0, 'buy', '20000', '2026-01-01T00:00:00Z'), row(1, 'sell', '15000', '2026-03-01T00:00:00Z')];
  const parsed = before.map((one) => {
    const read = parseTransaction(one);
    if (!read.ok) throw new Error('a row of the test breaks the rules');
    return read.transaction;
  });
  const rows = Array.from({ length: 20_000 }, (_, at) => ({
    line: at + 2,
    row: row(at + 10, 'sell', '1', '2026-02-01T00:00:00Z'),
  }));
  const { add, rejected } = takeRows(rows, parsed, new Set(), 'fifo');
  expect([add.length, add.at(-1)?.line]).toEqual([5000, 5001]);
  expect([rejected.length, rejected[0]?.line]).toEqual([15_000, 5002]);
});
