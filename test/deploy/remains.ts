import { CloudFormationClient, paginateListStacks } from '@aws-sdk/client-cloudformation';
import { CognitoIdentityProviderClient, ListUserPoolsCommand } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, ListEventBusesCommand } from '@aws-sdk/client-eventbridge';
import { LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { paginateListSchedules, SchedulerClient } from '@aws-sdk/client-scheduler';
import { paginateListSecrets, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { paginateListQueues, SQSClient } from '@aws-sdk/client-sqs';

/** What there is in the account, by kind, of what would cost money or keep data; the bootstrap's is left out. */
export async function remains(): Promise<Readonly<Record<string, readonly string[]>>> {
  const all: Record<string, readonly (string | undefined)[]> = {
    stacks: await listed(paginateListStacks({ client: new CloudFormationClient({}) }, {}), ({ StackSummaries }) =>
      StackSummaries?.filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE').map((one) => one.StackName),
    ),
    tables: await listed(paginateListTables({ client: new DynamoDBClient({}) }, {}), ({ TableNames }) => TableNames),
    functions: await listed(paginateListFunctions({ client: new LambdaClient({}) }, {}), ({ Functions }) =>
      Functions?.map((one) => one.FunctionName),
    ),
    queues: await listed(paginateListQueues({ client: new SQSClient({}) }, {}), ({ QueueUrls }) => QueueUrls),
    schedules: await listed(paginateListSchedules({ client: new SchedulerClient({}) }, {}), ({ Schedules }) =>
      Schedules?.map((one) => one.Name),
    ),
    secrets: await listed(paginateListSecrets({ client: new SecretsManagerClient({}) }, {}), ({ SecretList }) =>
      SecretList?.map((one) => one.Name),
    ),
    buckets:
      (await new S3Client({ forcePathStyle: true }).send(new ListBucketsCommand({}))).Buckets?.map(
        ({ Name }) => Name,
      ) ?? [],
    buses:
      (await new EventBridgeClient({}).send(new ListEventBusesCommand({}))).EventBuses?.map(({ Name }) => Name) ?? [],
    'user pools':
      (await new CognitoIdentityProviderClient({}).send(new ListUserPoolsCommand({ MaxResults: 60 }))).UserPools?.map(
        ({ Id }) => Id,
      ) ?? [],
  };
  const isOurs = (name: string) => name !== 'default' && !name.startsWith('cdk-') && name !== 'CDKToolkit';
  return Object.fromEntries(
    Object.entries(all).map(([kind, names]) => [kind, names.filter((name) => name !== undefined).filter(isOurs)]),
  );
}

async function listed<Page>(
  pages: AsyncIterable<Page>,
  names: (page: Page) => readonly (string | undefined)[] | undefined,
): Promise<readonly (string | undefined)[]> {
  const found: (string | undefined)[] = [];
  for await (const page of pages) found.push(...(names(page) ?? []));
  return found;
}
