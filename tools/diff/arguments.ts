import { parseArgs } from 'node:util';
import { ENVIRONMENT_NAME } from '../../lib/config/schema';
import { DiffFailure, oneLine } from './failure';

export const USAGE = 'usage: npm run diff -- <base-ref> [--env dev,staging,prod] [--markdown]';

/** What `npm run diff` was asked for. */
export interface Request {
  /** Commit, branch or tag that the working tree is compared with. */
  readonly base: string;
  /** @default dev, staging and prod */
  readonly environments: readonly string[];
  /** Prints what a pull request's comment takes. @default false, for a terminal */
  readonly markdown: boolean;
}

/** @throws DiffFailure naming the argument that is wrong */
export function parseRequest(argv: readonly string[]): Request {
  const { values, positionals } = parsed(argv);
  const [base, ...more] = positionals;
  if (base === undefined || base === '') throw new DiffFailure(`the base ref is missing; ${USAGE}`);
  if (more.length > 0) throw new DiffFailure(`one base ref, not also ${more.join(' ')}; ${USAGE}`);
  const environments = [...new Set(values.env.split(',').map((name) => name.trim()))];
  const wrong = environments.find((name) => !ENVIRONMENT_NAME.test(name));
  if (wrong !== undefined)
    throw new DiffFailure(`--env ${JSON.stringify(wrong)} is not the name of an environment; ${USAGE}`);
  return { base, environments, markdown: values.markdown };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        env: { type: 'string', default: 'dev,staging,prod' },
        markdown: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new DiffFailure(`${oneLine(error)}; ${USAGE}`);
  }
}
