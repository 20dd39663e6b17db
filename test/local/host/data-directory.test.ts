import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { TableDefinition } from '../../../contract/tables';
import { openDataDirectory, refuseSecondHost } from '../../../local/host/data-directory';
import { type Engine, startEngine } from '../../../local/host/engine/dynalite';
import { ensureTables } from '../../../local/host/engine/tables';
import { openLogFile } from '../../../local/host/log-file';
import { temporaryFolder } from './temporary';

const folder = temporaryFolder();
const clock = () => new Date('2026-05-18T12:00:00Z');

describe('the data directory', () => {
  it('keeps what is fictional and what is real apart', () => {
    const sandbox = openDataDirectory(path.join(folder, 'data'), 'sandbox');
    const live = openDataDirectory(path.join(folder, 'data'), 'live');
    expect(sandbox.database).not.toBe(live.database);
    expect(sandbox.bootstrap).not.toBe(live.bootstrap);
    expect(sandbox.identity).toBe(live.identity);
  });

  it('is refused to a second host, and is free again after the first', async () => {
    const directory = openDataDirectory(path.join(folder, 'shared'), 'sandbox');
    const engine = await startEngine(directory.database, directory.socket);
    await expect(refuseSecondHost(directory)).rejects.toThrow(/^Another Signal9 host is running on /);
    await engine.stop();
    await expect(refuseSecondHost(directory)).resolves.toBeUndefined();
  });

  it('that cannot be made is named in one line', () => {
    expect(() => openDataDirectory('/dev/null/data', 'sandbox')).toThrow(/^SIGNAL9_DATA_DIR cannot be used: /);
  });

  it('has a socket whose path the system takes, however deep it lies', () => {
    const deep = openDataDirectory(path.join(folder, 'd'.repeat(90)), 'sandbox');
    expect(deep.socket.length).toBeLessThan(104);
  });
});

describe('the tables', () => {
  let engine: Engine;
  afterAll(() => engine.stop());

  const made: TableDefinition = {
    name: 't',
    holds: 'things',
    partitionKey: { name: 'id', type: 'S' },
    indexes: [],
    stream: false,
  };
  const withIndex: TableDefinition = {
    ...made,
    indexes: [
      { name: 'by-kind', serves: 'a test', partitionKey: { name: 'kind', type: 'S' }, projection: 'KEYS_ONLY' },
    ],
  };

  it('are made anew for a new index while empty, and refused in one line when rows are in them', async () => {
    engine = await startEngine(path.join(folder, 'tables'), path.join(folder, 'tables.sock'));
    await ensureTables(engine.client, { things: made }, folder);
    await ensureTables(engine.client, { things: withIndex }, folder);
    await ensureTables(engine.client, { things: withIndex }, folder);
    await engine.documents.send(new PutCommand({ TableName: 'things', Item: { id: '1', kind: 'a' } }));
    await ensureTables(engine.client, { things: withIndex }, folder);
    await expect(ensureTables(engine.client, { things: made }, folder)).rejects.toThrow(
      `The table things was made by another version of Signal9, with other keys or indexes: move ${folder} away to begin anew`,
    );
  });
});

describe('the log', () => {
  it('holds JSON lines with allowed fields only, for the owner only', () => {
    const file = path.join(folder, 'a.log');
    const logFile = openLogFile(file, clock);
    logFile.log.info('said', { symbol: 'IBM', ...{ token: 'secret' } });
    logFile.close();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      time: '2026-05-18T12:00:00.000Z',
      level: 'INFO',
      message: 'said',
      symbol: 'IBM',
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('never grows beyond its bound, keeping the file before', () => {
    const file = path.join(folder, 'b.log');
    const logFile = openLogFile(file, clock, 1000);
    for (let line = 0; line < 100; line += 1) logFile.log.info('x'.repeat(50));
    logFile.close();
    expect(statSync(file).size).toBeLessThanOrEqual(1000);
    expect(statSync(`${file}.1`).size).toBeLessThanOrEqual(1000);
    expect(existsSync(`${file}.2`)).toBe(false);
  });
});
