// A template is JSON without a type of its own.
/* eslint-disable @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return */
import { tableName, type TableDefinition, type TableId, tables } from '../../contract/tables';
import { ofType, stack } from './synthesised';

const definitions = Object.entries(tables) as [TableId, TableDefinition][];

describe('the tables', () => {
  const dev = stack('dev', 'Data');
  const prod = stack('prod', 'Data');
  const named = (of: typeof dev, name: string) =>
    ofType(of, 'AWS::DynamoDB::Table').find(({ properties }) => properties.TableName === name)!;

  test('are those of the contract and no others', () => {
    const names = ofType(dev, 'AWS::DynamoDB::Table').map(({ properties }) => properties.TableName);
    expect(names.sort()).toEqual(definitions.map(([id]) => tableName('dev', id)).sort());
  });

  describe.each(definitions)('%s', (id, definition) => {
    const { properties, raw } = named(dev, tableName('dev', id));
    const keySchema = (of: Pick<TableDefinition, 'partitionKey' | 'sortKey'>) => [
      { AttributeName: of.partitionKey.name, KeyType: 'HASH' },
      ...(of.sortKey ? [{ AttributeName: of.sortKey.name, KeyType: 'RANGE' }] : []),
    ];

    test('has the keys of the contract, with their types', () => {
      expect(properties.KeySchema).toEqual(keySchema(definition));
      const keys = [definition, ...definition.indexes].flatMap(({ partitionKey, sortKey }) => [
        partitionKey,
        ...(sortKey ? [sortKey] : []),
      ]);
      const types = Object.fromEntries(keys.map(({ name, type }) => [name, type]));
      const declared = properties.AttributeDefinitions as { AttributeName: string; AttributeType: string }[];
      expect(Object.fromEntries(declared.map((a) => [a.AttributeName, a.AttributeType]))).toEqual(types);
    });

    test('has the indexes of the contract, with their projections', () => {
      const declared = (properties.GlobalSecondaryIndexes ?? []) as {
        IndexName: string;
        KeySchema: unknown;
        Projection: unknown;
      }[];
      expect(declared.map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }))).toEqual(
        definition.indexes.map((index) => ({
          IndexName: index.name,
          KeySchema: keySchema(index),
          Projection:
            typeof index.projection === 'string'
              ? { ProjectionType: index.projection }
              : { ProjectionType: 'INCLUDE', NonKeyAttributes: index.projection.include },
        })),
      );
    });

    test('is on demand, restorable, under our key, and streams and expires as the contract says', () => {
      expect(properties.BillingMode).toBe('PAY_PER_REQUEST');
      expect(properties.PointInTimeRecoverySpecification).toMatchObject({ PointInTimeRecoveryEnabled: true });
      expect(properties.SSESpecification).toMatchObject({ SSEEnabled: true, SSEType: 'KMS' });
      expect(properties.StreamSpecification).toEqual(
        definition.stream ? { StreamViewType: 'NEW_AND_OLD_IMAGES' } : undefined,
      );
      expect(properties.TimeToLiveSpecification).toEqual(
        definition.ttlAttribute ? { AttributeName: definition.ttlAttribute, Enabled: true } : undefined,
      );
    });

    test('goes with dev, and stays and cannot be deleted in prod', () => {
      expect(raw.DeletionPolicy).toBe('Delete');
      const inProd = named(prod, tableName('prod', id));
      expect(inProd.raw.DeletionPolicy).toBe('Retain');
      expect(inProd.properties.DeletionProtectionEnabled).toBe(true);
    });
  });

  test('the backup plan of prod names every table', () => {
    const [selection] = ofType(prod, 'AWS::Backup::BackupSelection');
    const selected = selection!.properties.BackupSelection.Resources.map(
      (arn: { 'Fn::GetAtt': [string] }) => arn['Fn::GetAtt'][0],
    );
    expect(selected.sort()).toEqual(
      ofType(prod, 'AWS::DynamoDB::Table')
        .map(({ logicalId }) => logicalId)
        .sort(),
    );
    expect(selection!.properties.BackupSelection.ListOfTags).toBeUndefined();
  });

  test('dev has no vault, for one that holds recovery points cannot be deleted', () =>
    dev.template.resourceCountIs('AWS::Backup::BackupVault', 0));
});
