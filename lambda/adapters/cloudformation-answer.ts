import type { Sleep } from './ports';

/** What CloudFormation waits for after it called a custom resource's function. */
export interface CloudFormationAnswer {
  readonly Status: 'SUCCESS' | 'FAILED';
  /** Shown to whoever deploys; needed where it failed. */
  readonly Reason?: string;
  /** The same for good: another one would be a replacement, and the old one deleted. */
  readonly PhysicalResourceId: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
}

export type AnswerCloudFormation = (url: string, answer: CloudFormationAnswer) => Promise<void>;

const ATTEMPTS = 3;
const TIMEOUT_MS = 5000;
/** CloudFormation takes 4,096 bytes in all. */
const REASON_CHARACTERS = 1000;

/**
 * Puts the answer where CloudFormation looks for it: a pre-signed URL of S3, which takes no content type.
 * @throws Error when three attempts failed; Lambda then runs the function again
 */
export const answerCloudFormation =
  ({ fetch, sleep }: { readonly fetch: typeof globalThis.fetch; readonly sleep: Sleep }): AnswerCloudFormation =>
  async (url, answer) => {
    const body = Buffer.from(JSON.stringify({ ...answer, Reason: answer.Reason?.slice(0, REASON_CHARACTERS) }));
    for (let attempt = 1; ; attempt += 1) {
      try {
        const headers = { 'content-type': '' };
        const signal = AbortSignal.timeout(TIMEOUT_MS);
        const { ok, status } = await fetch(url, { method: 'PUT', headers, body, signal });
        if (ok) return;
        throw new Error(`CloudFormation's answer was refused with ${status}`);
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
        await sleep(attempt * 1000);
      }
    }
  };
