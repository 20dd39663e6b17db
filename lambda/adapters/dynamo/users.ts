import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { type Preferences, preferences, type User, user } from '../../../contract/schemas/users';
import { tableName } from '../../../contract/tables';
import { parseRow } from '../stored-row';

/** A stored thing with the stamp of its last write, by which a later one tells whether it is still the same. */
export interface Stamped<T> {
  readonly value: T;
  readonly stamp: string;
}

const stamped = z.object({ stamp: z.string() });

/** Runs a conditional write. @returns false where its condition does not hold */
export async function wasWritten(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** The condition that a row is there, and where a stamp is given, that nobody has written it since. */
export const stillThere = (partitionKey: string, stamp: string | undefined) => ({
  ConditionExpression: `attribute_exists(${partitionKey})${stamp === undefined ? '' : ' AND stamp = :stamp'}`,
  ...(stamp !== undefined && { ExpressionAttributeValues: { ':stamp': stamp } }),
});

/** Profiles, by Cognito sub. */
export function userStore(documents: DynamoDBDocumentClient, env: string) {
  const TableName = tableName(env, 'users');
  return {
    async get(userId: string): Promise<Stamped<User> | null> {
      const { Item } = await documents.send(
        new GetCommand({ TableName, Key: { user_id: userId }, ConsistentRead: true }),
      );
      if (!Item) return null;
      return { value: parseRow(user, TableName, Item), stamp: parseRow(stamped, TableName, Item).stamp };
    },

    /** @returns false where there is one already, which stays as it is */
    async create(value: User, stamp: string): Promise<boolean> {
      const ConditionExpression = 'attribute_not_exists(user_id)';
      return wasWritten(documents.send(new PutCommand({ TableName, Item: { ...value, stamp }, ConditionExpression })));
    },

    /** @param seen replaces only what has this stamp. @returns false where it is gone, or was written since */
    async replace(value: User, stamp: string, seen: string | undefined): Promise<boolean> {
      const Item = { ...value, stamp };
      return wasWritten(documents.send(new PutCommand({ TableName, Item, ...stillThere('user_id', seen) })));
    },

    /** @returns how many rows went */
    async remove(userId: string): Promise<number> {
      const { Attributes } = await documents.send(
        new DeleteCommand({ TableName, Key: { user_id: userId }, ReturnValues: 'ALL_OLD' }),
      );
      return Attributes ? 1 : 0;
    },
  };
}

/** Preferences: one row a user. */
export function preferenceStore(documents: DynamoDBDocumentClient, env: string) {
  const TableName = tableName(env, 'userPreferences');
  const keyOf = (userId: string) => ({ preference_id: userId, user_id: userId });
  return {
    /** null while the user has set none. */
    async get(userId: string): Promise<Stamped<Preferences> | null> {
      const { Item } = await documents.send(new GetCommand({ TableName, Key: keyOf(userId), ConsistentRead: true }));
      if (!Item) return null;
      return { value: parseRow(preferences, TableName, Item), stamp: parseRow(stamped, TableName, Item).stamp };
    },

    /**
     * @param seen writes only over what has this stamp, null: only where there is nothing yet, undefined: over anything
     * @returns false where it was written since
     */
    async replace(
      userId: string,
      value: Preferences,
      stamp: string,
      seen: string | null | undefined,
    ): Promise<boolean> {
      const Item = { ...keyOf(userId), ...value, stamp };
      const condition =
        seen === undefined
          ? {}
          : seen === null
            ? { ConditionExpression: 'attribute_not_exists(preference_id)' }
            : stillThere('preference_id', seen);
      return wasWritten(documents.send(new PutCommand({ TableName, Item, ...condition })));
    },

    /** @returns how many rows went */
    async remove(userId: string): Promise<number> {
      const { Attributes } = await documents.send(
        new DeleteCommand({ TableName, Key: keyOf(userId), ReturnValues: 'ALL_OLD' }),
      );
      return Attributes ? 1 : 0;
    },
  };
}
