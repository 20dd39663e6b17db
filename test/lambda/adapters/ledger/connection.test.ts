import { sql as statement } from 'kysely';
import { connectMysql } from '../../../../lambda/adapters/ledger/connect-mysql';
import { type LedgerDb, startSql, type TestSql } from '../../../sql';
import { booked, filledAt, keyOf, ledgerOn, NOW, order, sleeping } from './orders';

let sql: TestSql;
let db: LedgerDb;
beforeAll(async () => {
  sql = await startSql();
  db = await sql.database();
});
afterAll(() => sql.stop());

it('outlives connections that the server ends, also in the middle of a booking', async () => {
  let pauses = 0;
  const ledger = ledgerOn(sql, db, {
    sleep: (milliseconds) => {
      pauses++;
      return sleeping(milliseconds);
    },
  });
  const portfolio_id = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
  await booked(ledger, order({ portfolio_id }), filledAt('1'), null, NOW);
  const asked = order({ portfolio_id });
  let booking: ReturnType<typeof ledger.book> | undefined;
  await db.transaction().execute(async (tx) => {
    await tx.selectFrom('streams').select('stream_id').where('portfolio_id', '=', portfolio_id).forUpdate().execute();
    booking = ledger.book(asked, filledAt('1'), keyOf('interrupted'), NOW);
    await sql.waiting(db, 1);
    await sql.endWaiting(db);
  });
  expect(await booking).toMatchObject({ result: 'booked', order: { trade_id: asked.trade_id } });
  expect(pauses).toBeGreaterThan(0);
  expect(await ledger.owedBy(asked.trade_id)).toHaveLength(1);
});

it("tells its own lost answer from another's key", async () => {
  // The commit of the first attempt takes effect, and its answer is lost.
  let commits = 0;
  const forgetful = {
    selectFrom: db.selectFrom.bind(db),
    deleteFrom: db.deleteFrom.bind(db),
    transaction: () => ({
      execute: async (work: Parameters<ReturnType<LedgerDb['transaction']>['execute']>[0]) => {
        const done = await db.transaction().execute(work);
        if (commits++ === 0) throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
        return done;
      },
    }),
  };
  const ledger = ledgerOn(sql, forgetful as unknown as LedgerDb);
  const keyed = order();
  expect(await ledger.book(keyed, filledAt('1'), keyOf('lost'), NOW)).toMatchObject({
    result: 'booked',
    order: { trade_id: keyed.trade_id },
  });
  commits = 0;
  const plain = order();
  expect(await ledger.book(plain, filledAt('1'), null, NOW)).toMatchObject({
    result: 'booked',
    order: { trade_id: plain.trade_id },
  });
  expect(await ledger.owedBy(plain.trade_id)).toHaveLength(1);
  expect(await ledger.book(order(), filledAt('1'), keyOf('lost'), NOW)).toMatchObject({ result: 'repeated' });

  // All that a portfolio holds: the second attempt finds the position empty by its own doing.
  const portfolio_id = '01ARZ3NDEKTSV4RRFFQ69G5FAZ';
  commits = 1;
  await booked(ledger, order({ portfolio_id }), filledAt('1'), null, NOW);
  commits = 0;
  const all = order({ portfolio_id, side: 'sell' });
  expect(await ledger.book(all, filledAt('1'), null, NOW)).toMatchObject({
    result: 'booked',
    order: { trade_id: all.trade_id, status: 'filled' },
  });
  expect(await ledger.owedBy(all.trade_id)).toHaveLength(1);
});

it('knows what a session must be', async () => {
  if (sql.dialect.name === 'postgres') {
    const { rows } = await statement`
      select current_setting('TimeZone') as zone, current_setting('transaction_isolation') as isolation`.execute(db);
    expect(rows).toEqual([{ zone: 'UTC', isolation: 'read committed' }]);
  } else {
    const { rows } = await statement<Record<string, string>>`show session variables where variable_name in
      ('time_zone', 'sql_mode', 'tx_isolation', 'transaction_isolation')`.execute(db);
    const values = rows.map((row) => row.Value);
    expect(values).toEqual(expect.arrayContaining(['+00:00', 'READ-COMMITTED']));
    expect(values.join()).toContain('STRICT_ALL_TABLES');
  }
});

/** Without a server of MySQL's kind there is nobody to refuse a password; npm run test:engines has one. */
const onMysql = process.env.LEDGER_ENGINE === 'mysql' ? describe : () => undefined;

onMysql('connectMysql', () => {
  const mysqlServer = () => {
    if (!sql.mysqlServer) throw new Error('LEDGER_ENGINE=mysql without a server');
    return sql.mysqlServer;
  };

  it('gives a statement up in time, and its transaction with it, while the server still works on it', async () => {
    const portfolio_id = '01ARZ3NDEKTSV4RRFFQ69G5FAW';
    await booked(ledgerOn(sql, db), order({ portfolio_id }), filledAt('1'), null, NOW);
    const { rows } = await statement<{ name: string }>`select database() as name`.execute(db);
    const impatient = connectMysql({
      at: mysqlServer(),
      database: rows[0]!.name,
      credentials: async () => ({ user: 'root', password: '' }),
      queryTimeoutMs: 200,
    });
    const locked = (on: LedgerDb) =>
      on.selectFrom('streams').select('stream_id').where('portfolio_id', '=', portfolio_id).forUpdate().execute();
    await db.transaction().execute(async (tx) => {
      await locked(tx);
      // Rejects although the lock is held until this transaction ends.
      await expect(impatient.transaction().execute((waiting) => locked(waiting))).rejects.toThrow();
    });
    expect(await locked(impatient)).toHaveLength(1);
    await impatient.destroy();
  });

  it('asks for a new password where the old one is refused, once, and fails where that is refused too', async () => {
    const server = mysqlServer();
    await statement.raw("create user 'rotating'@'%' identified by 'second'").execute(db);
    const asked: boolean[] = [];
    const passwords = ['first', 'second', 'third'];
    const connect = (given: string[]) =>
      connectMysql({
        at: server,
        database: 'information_schema',
        credentials: async ({ fresh }) => {
          asked.push(fresh);
          return { user: 'rotating', password: given.shift() ?? '' };
        },
      });
    const rotated = connect([...passwords]);
    const both = await Promise.all([1, 2].map((n) => statement`select ${statement.lit(n)} as n`.execute(rotated)));
    expect(both.map(({ rows }) => rows)).toEqual([[{ n: 1 }], [{ n: 2 }]]);
    expect(asked).toEqual([false, true]);
    await rotated.destroy();
    const refused = connect(['first', 'third']);
    await expect(statement`select 1`.execute(refused)).rejects.toThrow(/denied/);
    await refused.destroy();
    await statement.raw("drop user 'rotating'@'%'").execute(db);
  });
});
