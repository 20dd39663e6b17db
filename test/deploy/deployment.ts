import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import * as z from 'zod';
import { API_STAGE, names } from '../../lib/names';
import { STACKS } from '../../lib/platform';
import { ENDPOINT, GATEWAY_PORT, REGION } from './emulator';

export const ENV = 'dev';
export type Part = (typeof STACKS)[number];
export const stackName = (part: Part): string => names.stack(ENV, REGION, part);

/** What the stacks' outputs tell a person, and where that is reached on the emulator. */
export interface Deployment {
  /** By name, of all seven stacks; exports are left out. */
  readonly outputs: Readonly<Record<string, string>>;
  /** With the stage. */
  readonly restUrl: string;
  readonly liveUrl: string;
  readonly userPoolId: string;
  readonly consoleClientId: string;
  readonly machineClientId: string;
}

const apis = z.object({
  RestUrl: z.url(),
  WebSocketUrl: z.url(),
  UserPoolId: z.string(),
  ConsoleClientId: z.string(),
  MachineClientId: z.string(),
});

const idOf = (url: string): string => new URL(url).hostname.split('.')[0] ?? '';

/** @throws Error where a stack or an output is missing */
export async function findDeployment(): Promise<Deployment> {
  const cloudFormation = new CloudFormationClient({});
  const outputs: Record<string, string> = {};
  for (const part of STACKS) {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackName(part) }));
    for (const { OutputKey = '', OutputValue = '' } of Stacks?.[0]?.Outputs ?? [])
      if (!OutputKey.startsWith('ExportsOutput')) outputs[OutputKey] = OutputValue;
  }
  const { RestUrl, WebSocketUrl, UserPoolId, ConsoleClientId, MachineClientId } = apis.parse(outputs);
  return {
    outputs,
    restUrl: `${ENDPOINT}/restapis/${idOf(RestUrl)}/${API_STAGE}/_user_request_`,
    liveUrl: `ws://127.0.0.1:${GATEWAY_PORT}/_aws/execute-api/${idOf(WebSocketUrl)}/${API_STAGE}`,
    userPoolId: UserPoolId,
    consoleClientId: ConsoleClientId,
    machineClientId: MachineClientId,
  };
}

export interface DeployedResource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
}

/** What CloudFormation says that it made of a stack. @param types of these only; all where none is named */
export async function resourcesOf(part: Part, ...types: readonly string[]): Promise<readonly DeployedResource[]> {
  const client = new CloudFormationClient({});
  const found: DeployedResource[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources(
    { client },
    { StackName: stackName(part) },
  ))
    for (const { LogicalResourceId = '', PhysicalResourceId = '', ResourceType = '' } of StackResourceSummaries)
      found.push({ logicalId: LogicalResourceId, physicalId: PhysicalResourceId, type: ResourceType });
  return types.length === 0 ? found : found.filter(({ type }) => types.includes(type));
}
