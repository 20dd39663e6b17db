import { startSql } from '../test/sql';
import { booked, filledAt, keyOf, ledgerOn, NOW, order, ulid } from '../test/lambda/adapters/ledger/orders';

/** Bookings a second, each with a key, a portfolio and a fill, by 16 callers at once. LEDGER_ENGINE as in test/sql.ts. */
async function main(): Promise<void> {
  const sql = await startSql();
  const ledger = ledgerOn(sql, await sql.database());
  const portfolios = Array.from({ length: 50 }, ulid);
  const callers = 16;
  for (const each of [20, 150]) {
    const began = performance.now();
    await Promise.all(
      Array.from({ length: callers }, async (_, caller) => {
        for (let index = 0; index < each; index++) {
          const portfolio_id = portfolios[(caller + index * callers) % portfolios.length] ?? null;
          await booked(ledger, order({ portfolio_id }), filledAt('10'), keyOf(ulid()), NOW);
        }
      }),
    );
    const seconds = (performance.now() - began) / 1000;
    // The first round warms up.
    if (each > 20) console.log(`${sql.dialect.name}: ${Math.round((callers * each) / seconds)} bookings/s`);
  }
  await sql.stop();
}

void main();
