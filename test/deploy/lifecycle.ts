import { ok } from 'node:assert/strict';
import path from 'node:path';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { createClient } from '../../contract/client';
import { STACKS } from '../../lib/platform';
import { bodyIn } from '../conformance/cases';
import { cdk, type CdkProps } from './cdk';
import { changedCopy } from './changed-copy';
import { stackName } from './deployment';
import { ACCOUNT, REGION } from './emulator';
import { until } from './until';
import { OVERRIDES } from './platform';
import type { User } from './usage';

const CONTEXT = ['-c', `overrides=${JSON.stringify(OVERRIDES)}`];
type Log = CdkProps['log'];

export const bootstrap = (log: Log): Promise<string[]> => cdk(['bootstrap', `aws://${ACCOUNT}/${REGION}`], { log });

/** @param app another folder than this */
export const deploy = (out: string, log: Log, app?: string): Promise<string[]> =>
  cdk(['deploy', '--all', '--require-approval', 'never', '-o', out, ...CONTEXT], { log, ...(app && { app }) });

/**
 * Deploys what was synthesised before, from the folder alone: no sources, no configuration.
 * @param assembly a copy of it elsewhere
 */
export const deployAssembly = (assembly: string, log: Log): Promise<string[]> =>
  cdk(['deploy', '--all', '--require-approval', 'never', '--app', assembly], { log, app: path.dirname(assembly) });

/** @throws Error where a stack changed */
export async function deployUnchanged(out: string, log: Log): Promise<string> {
  const said = await deploy(out, log);
  const unchanged = STACKS.filter((part) => said.some((line) => line.includes(`${stackName(part)} (no changes)`)));
  const changed = STACKS.filter((part) => !unchanged.includes(part));
  ok(changed.length === 0, `a second deployment changed ${changed.join(', ')}`);
  return `no changes in ${unchanged.length} stacks`;
}

/** @throws Error where `cdk diff` finds a difference */
export async function diffNothing(out: string, log: Log): Promise<string> {
  const said = await cdk(['diff', '--all', '--fail', '-o', out, ...CONTEXT], { log });
  const found = said.find((line) => line.includes('Number of stacks with differences: 0'));
  ok(found, 'cdk diff does not say that no stack differs');
  return found;
}

const INDEX = 'by-verification';
const SECONDS = 901;
/** Where the sandbox lists some of its companies. */
const EXCHANGE = 'NYSE';

/** One more index on a table, and another value of a function's environment variable. */
export const UPDATE = [
  {
    file: 'contract/tables.ts',
    from: "        name: 'by-symbol',\n        serves: 'GET /assets/{symbol}',",
    to: `        name: '${INDEX}',
        serves: 'the verification of the deployment',
        partitionKey: text('exchange'),
        sortKey: text('asset_id'),
        projection: 'KEYS_ONLY',
      },
      {
        name: 'by-symbol',\n        serves: 'GET /assets/{symbol}',`,
  },
  { file: 'lib/config/presets.ts', from: 'quoteMaxAgeSeconds: 900', to: `quoteMaxAgeSeconds: ${SECONDS}` },
];

/** Changes the code, deploys, and looks whether the change is there and what was there before still is. */
export async function update(user: User, folder: string, log: Log): Promise<string> {
  const { outputs, restUrl } = user.deployment;
  const client = createClient({ baseUrl: restUrl, token: user.people.person });
  const listed = async () => bodyIn(await client.call('listAssets', { query: { limit: 100 } })).items.length;
  const before = await listed();
  await deploy(`${folder}/update`, log, changedCopy(folder, UPDATE));
  const TableName = z.string().parse(outputs.AssetsTableName);
  const index = await until(`index ${INDEX}`, async () => {
    const { Table } = await new DynamoDBClient({}).send(new DescribeTableCommand({ TableName }));
    return Table?.GlobalSecondaryIndexes?.find(
      ({ IndexName, IndexStatus }) => IndexName === INDEX && IndexStatus === 'ACTIVE',
    );
  });
  const { Count } = await DynamoDBDocumentClient.from(new DynamoDBClient({})).send(
    new QueryCommand({
      TableName,
      IndexName: INDEX,
      KeyConditionExpression: 'exchange = :exchange',
      ExpressionAttributeValues: { ':exchange': EXCHANGE },
      Select: 'COUNT',
    }),
  );
  ok(Count, `index ${INDEX} has none of the assets of ${EXCHANGE}`);
  const FunctionName = z.string().parse(outputs.ApiTradeFunctionName);
  const { Environment } = await new LambdaClient({}).send(new GetFunctionConfigurationCommand({ FunctionName }));
  const seconds = Environment?.Variables?.QUOTE_MAX_AGE_SECONDS;
  ok(seconds === String(SECONDS), `QUOTE_MAX_AGE_SECONDS is ${seconds ?? 'not there'}`);
  const after = await listed();
  ok(after === before, `${before} assets before, ${after} after`);
  return `index ${index.IndexName ?? ''} with ${Count} assets of ${EXCHANGE}, QUOTE_MAX_AGE_SECONDS ${seconds}, and ${after} assets as before`;
}

export const destroy = (out: string, log: Log): Promise<string[]> =>
  cdk(['destroy', '--all', '--force', '-o', out, ...CONTEXT], { log });
