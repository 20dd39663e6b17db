import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type FunctionDefinition, type FunctionId, functions } from '../../../contract/functions';
import { tableName, type TableId } from '../../../contract/tables';

/**
 * A client that notes which action is done on which table, so that a test can hold it against what the contract lets the
 * function do: dynalite has no IAM.
 */
export function noting(documents: DynamoDBDocumentClient) {
  const done = new Set<string>();
  const client = Object.assign(Object.create(documents) as DynamoDBDocumentClient, {
    send: (command: { constructor: { name: string }; input: { TableName?: string; RequestItems?: object } }) => {
      const { TableName, RequestItems = {} } = command.input;
      for (const table of TableName === undefined ? Object.keys(RequestItems) : [TableName]) {
        done.add(`${actionOf(command.constructor.name)} ${table}`);
      }
      return documents.send(command as never);
    },
  });
  return { documents: client, done };
}

/** `BatchWriteCommand` is BatchWriteItem, `QueryCommand` is Query. */
const actionOf = (command: string): string => {
  const name = command.replace(/Command$/, '');
  return name === 'Query' || name === 'Scan' ? name : `${name}Item`;
};

/** What a function is granted, in the same words. */
export const grantsOf = (id: FunctionId, env: string): string[] =>
  Object.entries((functions[id] as FunctionDefinition).tables).flatMap(([table, actions]) =>
    actions.map((action) => `${action} ${tableName(env, table as TableId)}`),
  );
