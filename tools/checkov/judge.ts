import { CHECKOV } from '../../lib/compliance/acknowledge';
import { type Acknowledged, covers, isOfCheckov } from '../compliance/findings';
import { type CheckovOutput } from './run';

/** A failed check of one resource. */
export interface FailedCheck {
  readonly environment: string;
  /** As it has to be acknowledged: `Checkov-CKV_AWS_18`. */
  readonly id: string;
  /** What the check asks for, in Checkov's words. */
  readonly asks: string;
  /** The resource's construct path. */
  readonly path: string;
}

export interface Judgement {
  readonly environment: string;
  readonly passed: number;
  readonly acknowledged: number;
  /** Failed checks that nobody acknowledged. */
  readonly open: readonly FailedCheck[];
  /** Acknowledgements of Checkov's checks that are not of exactly one failed check. */
  readonly misplaced: readonly Acknowledged[];
}

/** The environment and the stack of a template: `/dev/Signal9-dev-us-east-1-Data.template.json`. */
export function placeOf(file: string): { readonly environment: string; readonly stack: string } {
  const [, environment, stack] = /^\/([^/]+)\/([^/]+)\.template\.json$/.exec(file) ?? [];
  if (environment === undefined || stack === undefined) throw new Error(`${file} is no template of an environment`);
  return { environment, stack };
}

/** Templates of which Checkov says nothing, neither good nor bad: it did not look at them. */
export function unseen(files: readonly string[], { results }: Pick<CheckovOutput, 'results'>): string[] {
  const seen = new Set([...results.passed_checks, ...results.failed_checks].map(({ file_path }) => file_path));
  return files.filter((file) => !seen.has(file));
}

/**
 * What Checkov says of one environment, beside what its constructs acknowledge.
 *
 * @param pathOf the construct path of a resource
 */
export function judge(
  environment: string,
  { results }: Pick<CheckovOutput, 'results'>,
  acknowledged: readonly Acknowledged[],
  pathOf: (stack: string, logicalId: string) => string,
): Judgement {
  const own = ({ file_path }: { file_path: string }) => placeOf(file_path).environment === environment;
  const failed = results.failed_checks.filter(own).map(({ check_id, check_name, file_path, resource }): FailedCheck => {
    const logicalId = resource.slice(resource.indexOf('.') + 1);
    return {
      environment,
      id: `${CHECKOV}-${check_id}`,
      asks: check_name,
      path: pathOf(placeOf(file_path).stack, logicalId),
    };
  });
  const ofCheckov = acknowledged.filter(isOfCheckov);
  const open = failed.filter((finding) => !ofCheckov.some((one) => covers(one, finding)));
  return {
    environment,
    passed: results.passed_checks.filter(own).length,
    acknowledged: failed.length - open.length,
    open: open.sort((a, b) => compare(`${a.id} ${a.path}`, `${b.id} ${b.path}`)),
    misplaced: ofCheckov.filter((one) => failed.filter((finding) => covers(one, finding)).length !== 1),
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** One line for each thing that is not as it should be. */
export const complaintsOf = ({ environment, open, misplaced }: Judgement): string[] => [
  ...open.map(({ id, path, asks }) => `${environment}: ${id} ${path}: ${asks}`),
  ...misplaced.map(
    ({ id, path }) => `${environment}: ${id} is acknowledged on ${path}, which does not fail it exactly once`,
  ),
];
