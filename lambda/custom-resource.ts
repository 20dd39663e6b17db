import * as z from 'zod/mini';
import type { AnswerCloudFormation, CloudFormationAnswer } from './adapters/cloudformation-answer';

/** What CloudFormation sends to a custom resource, as far as it matters here. */
const customResourceRequest = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.url(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  ResourceProperties: z.optional(z.record(z.string(), z.unknown())),
});

export interface CustomResource {
  /** The same for good: another one would be a replacement, and the old one deleted. */
  readonly physicalId: string;
  /** Creates or updates by the resource's properties, and says how that went; never throws. */
  readonly outcome: (properties: unknown) => Promise<Pick<CloudFormationAnswer, 'Status' | 'Reason'>>;
  readonly answer: AnswerCloudFormation;
}

/** Serves a custom resource that stays when its stack goes: a deletion is answered and does nothing. */
export const customResourceHandler =
  ({ physicalId, outcome, answer }: CustomResource) =>
  async (event: unknown): Promise<void> => {
    const { RequestType, ResponseURL, ResourceProperties, ...request } = customResourceRequest.parse(event);
    const said = RequestType === 'Delete' ? ({ Status: 'SUCCESS' } as const) : await outcome(ResourceProperties);
    await answer(ResponseURL, { ...request, ...said, PhysicalResourceId: physicalId });
  };
