import { z } from 'zod';

/**
 * AWS takes 50 tags on a resource. Ten are left for the platform's two and for those that CDK writes itself, of which a
 * subnet has most.
 */
export const MOST_TAGS = 40;

/** What every service takes: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const RESERVED_KEY = /^(aws:|aws-cdk:|signal9:)/i;

/** Tags of an organisation, by key. */
export const tagsSchema = z
  .record(z.string(), z.string())
  .default({})
  .superRefine((tags, context) => {
    const refuse = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message });
    const keys = Object.keys(tags);
    if (keys.length > MOST_TAGS)
      context.addIssue({ code: 'custom', message: `must not be more than ${MOST_TAGS}, and are ${keys.length}` });
    const seen = new Map<string, string>();
    for (const [key, value] of Object.entries(tags)) {
      if (key === '' || key.length > 128) refuse(key, 'must have a key of 1 to 128 characters');
      if (value.length > 256) refuse(key, 'must not be longer than 256 characters');
      if (!CHARACTERS.test(key) || !CHARACTERS.test(value))
        refuse(key, 'must be of letters, digits, spaces and _ . : / = + - @');
      if (RESERVED_KEY.test(key)) refuse(key, 'must not begin with "aws:", "aws-cdk:" or "signal9:"');
      // IAM holds keys that differ in case only for the same one, and refuses them.
      const other = seen.get(key.toLowerCase());
      if (other !== undefined) refuse(key, `is ${other} in other letters: IAM takes only one of them`);
      seen.set(key.toLowerCase(), key);
    }
  });
