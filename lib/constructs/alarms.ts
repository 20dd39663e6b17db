import { Alarm, type AlarmProps, ComparisonOperator, type IAlarm, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { constructId } from '../construct-id';
import { type Config, type Region } from '../config';
import { names } from '../names';
import { type AlarmDefinition } from './alarm-definition';

export interface AlarmsProps {
  readonly config: Config;
  readonly region: Region;
  /** Everything that the stacks to the left declared. */
  readonly definitions: readonly AlarmDefinition[];
  /** Told of every alarm. */
  readonly topic: ITopic;
}

/** An alarm that is made, with what was declared of it. */
export interface MadeAlarm {
  readonly definition: AlarmDefinition;
  readonly alarm: IAlarm;
}

/** The articles, in the repository. */
const RUNBOOK = 'docs/runbook.md';

/**
 * The one place where alarms are made: name, description, action and missing data are the same for all. Those of a
 * severity that the environment leaves out are not made (ADR 35).
 */
export class Alarms extends Construct {
  readonly alarms: readonly MadeAlarm[];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { config, region, definitions, topic } = props;
    const action = new SnsAction(topic);
    const wanted = definitions.filter(({ severity }) => config.alarms.severities.includes(severity));
    this.alarms = wanted.map((definition) => {
      const alarm = new Alarm(this, constructId(definition.id), {
        ...measure(definition),
        alarmName: names.alarm(config.env, region, definition.id),
        alarmDescription: `[${definition.severity}] ${definition.suffering} What to do: ${RUNBOOK}#${definition.runbook}`,
      });
      alarm.addAlarmAction(action);
      // Who got up for it wants to know when he may go back to bed.
      if (definition.severity === 'page') alarm.addOkAction(action);
      return { definition, alarm };
    });
  }
}

const measure = (definition: AlarmDefinition): AlarmProps => ({
  metric: definition.metric,
  threshold: definition.threshold,
  comparisonOperator: definition.comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  evaluationPeriods: definition.periods ?? 1,
  treatMissingData: definition.missingData ?? TreatMissingData.NOT_BREACHING,
});
