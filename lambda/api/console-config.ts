import * as z from 'zod/mini';
import { onFirstCall } from '../adapters/aws';
import { answerCloudFormation, type AnswerCloudFormation } from '../adapters/cloudformation-answer';
import { errorFields } from '../adapters/log-fields';
import { type ObjectStore, s3ObjectStore } from '../adapters/object-store';
import type { Log } from '../adapters/ports';
import { customResourceHandler } from '../custom-resource';

export interface ConsoleConfigServices {
  /** The console's files. */
  readonly files: ObjectStore;
  readonly answer: AnswerCloudFormation;
  readonly log: Log;
}

const FILE = 'config.json';
const properties = z.object({ Content: z.string() });

/** Writes what the deployment says into the console's `config.json`, and tells CloudFormation how that went. */
export const makeHandler = ({ files, answer, log }: ConsoleConfigServices) =>
  customResourceHandler({
    physicalId: FILE,
    answer,
    outcome: async (given) => {
      try {
        const { Content } = properties.parse(given);
        await files.put(FILE, Buffer.from(Content), 'application/json');
        return { Status: 'SUCCESS' };
      } catch (error) {
        log.error(`${FILE} could not be written`, { operation: 'write', ...errorFields(error) });
        const words = error instanceof Error ? error.message : String(error);
        return { Status: 'FAILED', Reason: `The console's ${FILE} could not be written: ${words}` };
      }
    },
  });

export const handler = onFirstCall('console-config', ({ CONSOLE_BUCKET }, aws) =>
  makeHandler({
    ...aws,
    files: s3ObjectStore(CONSOLE_BUCKET, 'max-age=60'),
    answer: answerCloudFormation({ fetch: globalThis.fetch, sleep: aws.sleep }),
  }),
);
