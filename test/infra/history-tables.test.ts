import { history, HISTORY_PARTITION, type HistoryDataset } from '../../contract/history';
import { historyFiles } from '../../lambda/adapters/history/history-files';
import { ofType, type Properties, referredTo, stack, strings } from './synthesised';

const DAY = '2026-05-19';

/** The key of the first file that a day of the dataset is written to. */
async function keyOf(dataset: HistoryDataset): Promise<string> {
  const keys: string[] = [];
  const put = (key: string) => Promise.resolve(void keys.push(key));
  await historyFiles({ put }, dataset, DAY).end();
  return keys[0]!;
}

describe.each(['dev', 'staging', 'prod', 'pr3522'] as const)('the tables of the history in %s', (env) => {
  const storage = stack(env, 'Storage');
  const [database, ...otherDatabases] = ofType(storage, 'AWS::Glue::Database');
  const tables = ofType(storage, 'AWS::Glue::Table');
  const inputOf = (dataset: string): Properties =>
    tables.map(({ properties }) => properties.TableInput as Properties).find(({ Name }) => Name === dataset)!;
  const datasets = Object.keys(history) as HistoryDataset[];

  test('are one of each dataset, in one database with a name that needs no quotes', () => {
    expect(otherDatabases).toEqual([]);
    expect(database!.properties.DatabaseInput.Name).toBe(`signal9_${env}_history`);
    expect(storage.outputs.HistoryDatabaseName.Value).toBe(`signal9_${env}_history`);
    expect(tables.map(({ properties }) => properties.TableInput.Name as string).sort()).toEqual([...datasets].sort());
    for (const { properties } of tables) expect(referredTo(properties.DatabaseName)).toBe(database!.logicalId);
  });

  test.each(datasets)('%s has the columns of the contract, and its partition beside them', (dataset) => {
    const { StorageDescriptor, PartitionKeys } = inputOf(dataset);
    expect(StorageDescriptor.Columns).toEqual(
      history[dataset].map(({ name, type, comment }) => ({ Name: name, Type: type, Comment: comment })),
    );
    expect(PartitionKeys).toEqual([{ Name: HISTORY_PARTITION.name, Type: HISTORY_PARTITION.type }]);
  });

  test.each(datasets)('%s lies where its files are written, in the encrypted history bucket', async (dataset) => {
    const [separator, parts] = inputOf(dataset).StorageDescriptor.Location['Fn::Join'] as [string, unknown[]];
    const [scheme, bucket, prefix] = parts as [string, unknown, string];
    expect([separator, parts.length, scheme]).toEqual(['', 3, 's3://']);
    const made = storage.resources.find(({ logicalId }) => logicalId === referredTo(bucket))!;
    expect(made.logicalId).toMatch(/^BucketsHistoryBucket/);
    expect(strings(made.properties.BucketEncryption)).toContain('aws:kms');
    // Without a template of its own a projection looks at <location><name>=<value>/.
    expect(`/${await keyOf(dataset)}`).toBe(`${prefix}${HISTORY_PARTITION.name}=${DAY}/part-00000.parquet`);
    expect(inputOf(dataset).Parameters).not.toHaveProperty('storage.location.template');
  });

  test.each(datasets)('%s finds each day without a crawler, and reads Parquet', (dataset) => {
    const { Parameters, StorageDescriptor, TableType } = inputOf(dataset);
    expect(Parameters).toMatchObject({
      'projection.enabled': 'true',
      'projection.date.type': 'date',
      'projection.date.format': 'yyyy-MM-dd',
      'projection.date.range': '2026-01-01,NOW',
    });
    expect(TableType).toBe('EXTERNAL_TABLE');
    expect(StorageDescriptor.SerdeInfo.SerializationLibrary).toBe(
      'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
    );
    expect(ofType(storage, 'AWS::Glue::Crawler')).toEqual([]);
  });
});
