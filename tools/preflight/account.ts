import * as z from 'zod';
import { partitionOf } from '../../lib/config';
import { names } from '../../lib/names';
import { type Aws, AwsRefusal } from './aws';
import { type Check, note, ofType, ok, problem, type Subject } from './check';

const FREETIER_REGION = 'us-east-1';
/** Its accounts have neither plans nor a Cost Explorer: a standard account pays for each. */
export const isGovCloud = (region: string): boolean => partitionOf(region) === 'aws-us-gov';

/**
 * An account on AWS's free plan may not make what dev stands on.
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/free-tier-plans.html; what RDS answers then:
 * https://github.com/yc-software/qm/issues/352
 */
export const accountPlan: Check = {
  id: 'account-plan',
  title: "the account's plan",
  scope: 'account',
  async run(aws, { region, stacks }) {
    if (isGovCloud(region)) return [ok('GovCloud has no free plan')];
    const plan = await answered(
      aws({ service: 'freetier', operation: 'get-account-plan-state', region: FREETIER_REGION }),
      z.object({ accountPlanType: z.string() }),
      // Accounts that are older than the plans have none.
      ['ResourceNotFoundException'],
    );
    if (plan?.accountPlanType !== 'FREE')
      return [ok(plan ? 'the account is on the paid plan' : 'the account has no plan of the free tier')];
    const refused = ofType({ stacks }, 'AWS::RDS::DBCluster').length > 0 ? 'Aurora clusters and ' : '';
    return [
      problem(
        `the account is on AWS's free plan, which refuses ${refused}backups of more than a day`,
        `aws freetier upgrade-account-plan --region ${FREETIER_REGION} --account-plan-type PAID`,
      ),
    ];
  },
};

/** Of CDK's own bootstrap stack. */
export const DEFAULT_QUALIFIER = 'hnb659fds';
/** The version that CDK's default synthesizer asks for when a stack looks nothing up. */
const BOOTSTRAP_VERSION = 6;

export const bootstrap: Check = {
  id: 'bootstrap',
  title: 'the bootstrap stack of CDK',
  scope: 'region',
  async run(aws, { region, account, qualifier }) {
    const own =
      qualifier === DEFAULT_QUALIFIER ? '' : ` --qualifier ${qualifier} --toolkit-stack-name CDKToolkit-${qualifier}`;
    const fix = `npx cdk bootstrap aws://${account}/${region} --termination-protection${own}`;
    const parameter = await answered(
      aws({
        service: 'ssm',
        operation: 'get-parameter',
        input: { Name: `/cdk-bootstrap/${qualifier}/version` },
        region,
      }),
      z.object({ Parameter: z.object({ Value: z.string() }) }),
      ['ParameterNotFound'],
    );
    if (!parameter) return [problem(`${region} is not bootstrapped`, fix)];
    const version = Number(parameter.Parameter.Value);
    return [
      version >= BOOTSTRAP_VERSION
        ? ok(`bootstrapped, version ${version}`)
        : problem(`the bootstrap stack is of version ${version}, and ${BOOTSTRAP_VERSION} is the least`, fix),
    ];
  },
};

/** In these states CloudFormation takes no update; REVIEW_IN_PROGRESS is a stack of which nothing was made yet. */
const STUCK = /^(?:ROLLBACK_|.*ROLLBACK_FAILED$|DELETE_|(?!REVIEW_).*_IN_PROGRESS$)/;
/** Of a deployment that failed under --no-rollback, which goes on where it stopped. */
const HALTED = ['CREATE_FAILED', 'UPDATE_FAILED'];

/** Of a stack that CloudFormation knows, and that has nothing of its own. */
const EMPTY = ['ROLLBACK_COMPLETE', 'REVIEW_IN_PROGRESS'];

const stackDescription = z.object({ Stacks: z.tuple([z.object({ StackStatus: z.string() })]) });

type Part = Subject['stacks'][number]['part'];

/** Of each subject that was asked about: most checks need them, and a call takes half a second. */
const known = new WeakMap<Subject, Promise<ReadonlyMap<Part, string>>>();

/** @returns the status of each of the subject's stacks that exists, by its part */
function stackStatuses(aws: Aws, subject: Subject): Promise<ReadonlyMap<Part, string>> {
  const statuses = known.get(subject) ?? askForStatuses(aws, subject);
  known.set(subject, statuses);
  return statuses;
}

async function askForStatuses(aws: Aws, { config, region, stacks }: Subject): Promise<ReadonlyMap<Part, string>> {
  const found = await Promise.all(
    stacks.map(async ({ part }) => {
      const input = { StackName: names.stack(config.env, region, part) };
      const described = await answered(
        aws({ service: 'cloudformation', operation: 'describe-stacks', input, region }),
        stackDescription,
        // CloudFormation says "Stack with id … does not exist" by it.
        ['ValidationError'],
      );
      return described ? ([part, described.Stacks[0].StackStatus] as const) : undefined;
    }),
  );
  return new Map(found.filter((one) => one !== undefined));
}

/** @returns the parts whose stacks have resources of their own */
export async function deployedParts(aws: Aws, subject: Subject): Promise<ReadonlySet<Part>> {
  const statuses = [...(await stackStatuses(aws, subject))];
  return new Set(statuses.filter(([, status]) => !EMPTY.includes(status)).map(([part]) => part));
}

export const stackStates: Check = {
  id: 'stacks',
  title: 'the stacks that exist',
  scope: 'region',
  async run(aws, subject) {
    const { config, region } = subject;
    const statuses = await stackStatuses(aws, subject);
    const found = [...statuses].flatMap(([part, status]) => {
      const name = names.stack(config.env, region, part);
      if (STUCK.test(status)) return [problem(`${name} is in ${status}`, fixOf(name, status, region))];
      if (!HALTED.includes(status)) return [];
      const goOn = `npx cdk deploy --no-rollback -c env=${config.env} ${name}`;
      return [note(`${name} is in ${status}: its last deployment stopped half way`, goOn)];
    });
    if (found.length > 0) return found;
    const made = (await deployedParts(aws, subject)).size;
    return [ok(made === 0 ? 'none is deployed' : `${made} are deployed`)];
  },
};

function fixOf(name: string, status: string, region: string): string {
  const of = `--region ${region} --stack-name ${name}`;
  if (status === 'UPDATE_ROLLBACK_FAILED') return `aws cloudformation continue-update-rollback ${of}`;
  if (status.endsWith('_IN_PROGRESS')) return `aws cloudformation describe-stack-events ${of} --max-items 5`;
  return `aws cloudformation delete-stack ${of}`;
}

/**
 * The budget counts what bears the environment's tag. Of a tag that is not active in Cost Explorer it counts nothing, so
 * it would never warn. Only the payer's account can activate it, a day after the tag was first seen.
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html
 */
export const costTag: Check = {
  id: 'cost-allocation-tag',
  title: 'the tag that the budget counts by',
  scope: 'account',
  async run(aws, { region, stacks }) {
    const tags = [...JSON.stringify(ofType({ stacks }, 'AWS::Budgets::Budget')).matchAll(/user:([\w:.-]+?)\$/g)].map(
      ([, tag]) => tag,
    );
    const [tag] = tags;
    if (tag === undefined) return [ok('the budget counts the whole account')];
    const activate = `aws ce update-cost-allocation-tags-status --cost-allocation-tags-status TagKey=${tag},Status=Active`;
    const listed = isGovCloud(region)
      ? undefined
      : await answered(
          aws({
            service: 'ce',
            operation: 'list-cost-allocation-tags',
            input: { TagKeys: [tag] },
            region: 'us-east-1',
          }),
          z.object({ CostAllocationTags: z.array(z.object({ TagKey: z.string(), Status: z.string() })) }),
          // What a member of an organisation is told.
          ['AccessDeniedException'],
        );
    if (!listed)
      return [
        note(
          `only the account that pays can tell whether ${tag} is active; until it is, the budget counts nothing`,
          activate,
        ),
      ];
    const [known] = listed.CostAllocationTags;
    if (known?.Status === 'Active') return [ok(`${tag} is active`)];
    return [
      note(
        known
          ? `${tag} is not active, so the budget counts nothing`
          : `Cost Explorer does not know ${tag} yet: a day after the first deployment it can be activated, by the account that pays. Until then the budget counts nothing`,
        activate,
      ),
    ];
  },
};

/** What AWS Backup covers is a setting of the region that somebody may have switched off. */
export const backupSettings: Check = {
  id: 'backup-settings',
  title: 'what AWS Backup covers',
  scope: 'region',
  async run(aws, subject) {
    const { region } = subject;
    if (ofType(subject, 'AWS::Backup::BackupSelection').length === 0)
      return [ok('this environment has no backup plan')];
    const { ResourceTypeOptInPreference: covered } = z
      .object({ ResourceTypeOptInPreference: z.record(z.string(), z.boolean()) })
      .parse(await aws({ service: 'backup', operation: 'describe-region-settings', region }));
    const off = ['Aurora', 'DynamoDB', 'RDS'].filter((type) => covered[type] === false);
    if (off.length === 0) return [ok('tables and databases are covered')];
    const on = off.map((type) => `${type}=true`).join(',');
    return [
      problem(
        `AWS Backup does not cover ${off.join(', ')} in ${region}`,
        `aws backup update-region-settings --region ${region} --resource-type-opt-in-preference ${on}`,
      ),
    ];
  },
};

/** @returns undefined where AWS refuses with one of `absent` */
export async function answered<T>(
  answer: Promise<unknown>,
  schema: z.ZodType<T>,
  absent: readonly string[],
): Promise<T | undefined> {
  try {
    return schema.parse(await answer);
  } catch (error) {
    if (error instanceof AwsRefusal && absent.includes(error.code)) return undefined;
    throw error;
  }
}
