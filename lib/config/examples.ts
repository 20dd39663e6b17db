import { ConfigError } from './error';
import { CONFIG_FILE } from './file';
import { type Config } from './schema';

/** A domain that nobody can own (RFC 2606), AWS's account of examples, and the zone of the preset. */
const EXAMPLE = /\bexample\.(?:com|org|net)$|:111111111111:|^Z0123456789EXAMPLE$/;

/** Every value of prod's preset that only stands for one, by its path. */
export const examplesOf = (config: Config): string[] => [...examples('', config)];

/**
 * Refuses values that stand for the owner's own: CloudFormation would find them wrong one by one, in the third stack and
 * later, in each region.
 *
 * @throws ConfigError naming each
 */
export function refuseExamples(config: Config): void {
  const found = examplesOf(config);
  if (found.length === 0) return;
  throw new ConfigError(
    `${config.env}: ${found.join(', ')} ${found.length === 1 ? 'is an example' : 'are examples'}: put your own into ${CONFIG_FILE} (docs/cdk.md), or look at templates that cannot be deployed with -c example=true`,
  );
}

function* examples(path: string, value: unknown): Generator<string> {
  if (typeof value === 'string' && EXAMPLE.test(value)) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* examples(path === '' ? key : `${path}.${key}`, inner);
}
