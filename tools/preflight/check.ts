import type { Config, Region } from '../../lib/config';
import type { TemplateStack } from '../templates';
import type { Aws } from './aws';

/**
 * ok: as it has to be. problem: a deployment would fail, or what is deployed would not work. note: it deploys, and
 * somebody should know. unknown: AWS would not say.
 */
export type Status = 'ok' | 'problem' | 'note' | 'unknown';

/** What a check found. */
export interface Finding {
  readonly status: Status;
  /** What is, in one sentence. */
  readonly message: string;
  /** The command that fixes it. @default nothing is to be done */
  readonly fix?: string;
}

/** What is asked of one region of the account. */
export interface Subject {
  readonly config: Config;
  readonly region: Region;
  /** Of twelve digits. */
  readonly account: string;
  /** The seven stacks as they would be deployed. */
  readonly stacks: readonly TemplateStack[];
  /** Bootstrap's qualifier. */
  readonly qualifier: string;
}

/** One question about the account. */
export interface Check {
  /** Kebab-case; unique. */
  readonly id: string;
  /** What is asked, as a noun: `service-linked roles`. */
  readonly title: string;
  /** account: asked once, in the first region. region: in each. */
  readonly scope: 'account' | 'region';
  /** @throws AwsRefusal, AwsUnreachable, ZodError: the finding is unknown then */
  readonly run: (aws: Aws, subject: Subject) => Promise<readonly Finding[]>;
}

export const ok = (message: string): Finding => ({ status: 'ok', message });
export const problem = (message: string, fix: string): Finding => ({ status: 'problem', message, fix });
export const note = (message: string, fix?: string): Finding => ({ status: 'note', message, ...(fix && { fix }) });
export const unknown = (message: string): Finding => ({ status: 'unknown', message });

/** Every resource of a type in the subject's stacks. */
export const ofType = ({ stacks }: Pick<Subject, 'stacks'>, type: string) =>
  stacks.flatMap(({ part, resources }) =>
    resources.filter((resource) => resource.type === type).map((resource) => ({ ...resource, part })),
  );
