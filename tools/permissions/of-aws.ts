import { type Properties, type Resource } from '../templates';

/** AWSLambdaBasicExecutionRole, as AWS documents it. */
export const BASIC_EXECUTION = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

/** What the policies of AWS's own allow that a role here has; CDK gives them to its functions for custom resources. */
const OF_AWS: Readonly<Record<string, readonly Properties[]>> = {
  'service-role/AWSLambdaBasicExecutionRole': [{ Effect: 'Allow', Action: BASIC_EXECUTION, Resource: '*' }],
};

/**
 * The statements of AWS's policies that a role has by their names.
 * @throws Error naming a policy of which it is not known what it allows
 */
export function statementsOfAws({ logicalId, properties }: Resource): readonly Properties[] {
  return ((properties.ManagedPolicyArns ?? []) as unknown[]).flatMap((arn) => {
    const text = JSON.stringify(arn);
    const statements = OF_AWS[/:policy\/([\w/-]+)/.exec(text)?.[1] ?? ''];
    if (!statements) throw new Error(`${logicalId}: what ${text} allows is not known to tools/permissions/of-aws.ts`);
    return statements;
  });
}
