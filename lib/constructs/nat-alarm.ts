import { Alarm, AlarmRule, AlarmState, CompositeAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type Config, type Region } from '../config';
import { names } from '../names';
import { NAT_STATUS } from './nat-instance';

export interface NatAlarmProps {
  readonly config: Config;
  readonly region: Region;
  readonly topic: ITopic;
}

/**
 * Tells of a NAT instance that fails, or is stopped or gone. A composite over an alarm of Network, named and not referred
 * to: the instance is replaced with its image, and a reference to its id would keep Network from being deployed.
 */
export class NatAlarm extends Construct {
  constructor(scope: Construct, id: string, props: NatAlarmProps) {
    super(scope, id);
    const { config, region, topic } = props;
    const status = Alarm.fromAlarmName(this, 'Status', names.alarm(config.env, region, NAT_STATUS));
    const alarm = new CompositeAlarm(this, 'Alarm', {
      compositeAlarmName: names.alarm(config.env, region, 'nat-instance'),
      alarmDescription:
        '[page] Trades, portfolios and live values fail: functions in the VPC reach neither the data providers nor AWS. What to do: docs/runbook.md#nat-instance',
      alarmRule: AlarmRule.anyOf(
        AlarmRule.fromAlarm(status, AlarmState.ALARM),
        AlarmRule.fromAlarm(status, AlarmState.INSUFFICIENT_DATA),
      ),
    });
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
  }
}
