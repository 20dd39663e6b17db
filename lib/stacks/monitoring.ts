import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type Construct } from 'constructs';
import { hasNatInstance, offers } from '../config';
import { type AlarmDefinition } from '../constructs/alarm-definition';
import { AlarmTopic } from '../constructs/alarm-topic';
import { Alarms } from '../constructs/alarms';
import { MonthlyBudget } from '../constructs/monthly-budget';
import { NatAlarm } from '../constructs/nat-alarm';
import { OperationsDashboard } from '../constructs/operations-dashboard';
import { PlatformStack, type PlatformStackProps } from '../platform-stack';

export interface MonitoringStackProps extends PlatformStackProps {
  /** The platform's key. */
  readonly key: IKey;
  /** What the stacks to the left declared. */
  readonly definitions: readonly AlarmDefinition[];
}

/** Who hears of what: alarms, the topic, the dashboard and the budget. */
export class MonitoringStack extends PlatformStack {
  constructor(scope: Construct, props: MonitoringStackProps) {
    super(scope, 'Monitoring', 'alarms, the dashboard and the budget', props);
    const { config, region, key } = props;

    const { topic } = new AlarmTopic(this, 'Topic', { config, region, key });
    // The topic itself may fail to tell somebody.
    const definitions = [...props.definitions, ...this.alarms];
    const { alarms } = new Alarms(this, 'Alarms', { config, region, definitions, topic });
    if (hasNatInstance(config, region)) new NatAlarm(this, 'NatAlarm', { config, region, topic });
    const dashboard = new OperationsDashboard(this, 'Dashboard', { config, region, definitions, alarms });
    if (region === config.regions[0] && offers(region, 'budgets')) new MonthlyBudget(this, 'Budget', { config, topic });

    this.state('AlarmTopicArn', topic.topicArn, 'Where alarms are told');
    this.state('DashboardName', dashboard.dashboardName, 'The dashboard of operations');
  }
}
