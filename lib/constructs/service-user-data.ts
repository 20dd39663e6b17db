import { join } from 'node:path';
import { UserData } from 'aws-cdk-lib/aws-ec2';
import { SERVICE_HEALTH_PATH, SERVICE_PORT, type ServiceEnvironmentInput } from '../../contract/service';
import { type Region } from '../config';
import { DEPLOY } from './bundles';
import { instanceStart } from './instance-start';

/** How long a new instance may take from its start of the service until it is healthy. */
const HEALTHY_WITHIN_SECONDS = 300;

/** Of the metrics that the agent measures. */
export const AGENT_NAMESPACE = 'Signal9/Service';

export interface ServiceUserDataProps {
  readonly region: Region;
  /** Id of the stack, to be told how the start went. */
  readonly stack: string;
  /** Logical id of the Auto Scaling group in that stack. */
  readonly group: string;
  /** `<bucket>/<key>` of the bundle, whose key is its hash: another bundle is another launch template. */
  readonly asset: string;
  readonly logGroupName: string;
  readonly environment: ServiceEnvironmentInput;
}

/** What an instance runs when it starts: the variables, and service/deploy/user-data.sh, which says what it does. */
export function serviceUserData(props: ServiceUserDataProps): UserData {
  const { region, stack, group, asset, logGroupName, environment } = props;
  const variables = {
    AGENT: JSON.stringify(agent(logGroupName, environment.SIGNAL9_ENV)),
    STACK: stack,
    RESOURCE: group,
    REGION: region,
    ASSET: asset,
    HEALTH_URL: `http://127.0.0.1:${SERVICE_PORT}${SERVICE_HEALTH_PATH}`,
    HEALTHY_WITHIN: String(HEALTHY_WITHIN_SECONDS),
    ENVIRONMENT: Object.entries(environment)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n'),
  };
  const userData = UserData.forLinux();
  userData.addCommands(
    // The agent itself fills the instance's id in.
    '# shellcheck disable=SC2016',
    ...instanceStart(variables, join(DEPLOY, 'user-data.sh')),
  );
  return userData;
}

/** For the CloudWatch agent: two logs, and what EC2 cannot measure from outside. */
const agent = (logGroupName: string, env: string) => ({
  agent: { metrics_collection_interval: 60 },
  logs: {
    logs_collected: {
      files: {
        collect_list: ['/var/log/signal9/portfolio.log', '/var/log/cloud-init-output.log'].map((file_path) => ({
          file_path,
          log_group_name: logGroupName,
          log_stream_name: `{instance_id}/${file_path.split('/').at(-1) ?? ''}`,
        })),
      },
    },
  },
  metrics: {
    namespace: AGENT_NAMESPACE,
    // Not the name of the group: to learn it the agent would need to read the tags of every instance of the account.
    append_dimensions: { InstanceId: '${aws:InstanceId}' },
    aggregation_dimensions: [['Environment']],
    metrics_collected: {
      mem: { measurement: ['mem_used_percent'], append_dimensions: { Environment: env } },
      disk: {
        measurement: ['disk_used_percent'],
        resources: ['/'],
        drop_device: true,
        append_dimensions: { Environment: env },
      },
    },
  },
});
