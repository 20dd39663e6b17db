import { AlarmStatusWidget, Dashboard, GraphWidget, type IWidget, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { type Config, type Region } from '../config';
import { names } from '../names';
import { type AlarmDefinition } from './alarm-definition';
import { type MadeAlarm } from './alarms';

export interface OperationsDashboardProps {
  readonly config: Config;
  readonly region: Region;
  /** Everything that the stacks declared: all of it is graphed. */
  readonly definitions: readonly AlarmDefinition[];
  /** The alarms that are made of it. */
  readonly alarms: readonly MadeAlarm[];
}

const WIDTH = 24;

/**
 * "The array can have 1-100 ARNs": the alarm widget in
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
const ALARMS_PER_WIDGET = 100;

/** The state of every alarm, and a graph for each article of the runbook with all that it is about. */
export class OperationsDashboard extends Construct {
  readonly dashboardName: string;

  constructor(scope: Construct, id: string, props: OperationsDashboardProps) {
    super(scope, id);
    const { config, region, definitions, alarms } = props;
    this.dashboardName = names.dashboard(config.env, region);
    new Dashboard(this, 'Dashboard', {
      dashboardName: this.dashboardName,
      widgets: [
        [
          new TextWidget({
            markdown: `# Signal9 ${config.env}, ${region}\nGraphs bear the name of their article in docs/runbook.md.`,
            width: WIDTH,
            height: 2,
          }),
        ],
        statesOf(alarms),
        graphsOf(definitions),
      ],
    });
  }
}

/** All pages first, then the tickets of each subject. */
function statesOf(alarms: readonly MadeAlarm[]): IWidget[] {
  const groups = grouped(alarms, ({ definition: { severity, runbook } }) =>
    severity === 'page' ? 'Pages' : `Tickets: ${subjectOf(runbook)}`,
  );
  const pagesFirst = [...groups].sort(([a], [b]) => Number(b === 'Pages') - Number(a === 'Pages'));
  return pagesFirst.flatMap(([title, group]) =>
    chunks(group, ALARMS_PER_WIDGET).map(
      (chunk) =>
        new AlarmStatusWidget({
          title,
          alarms: chunk.map(({ alarm }) => alarm),
          width: WIDTH / 2,
          height: 2 + Math.ceil(chunk.length / 4),
        }),
    ),
  );
}

function graphsOf(definitions: readonly AlarmDefinition[]): IWidget[] {
  const articles = grouped(definitions, ({ runbook }) => runbook);
  return [...articles].map(
    ([title, group]) => new GraphWidget({ title, left: group.map(({ metric }) => metric), width: WIDTH / 3 }),
  );
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** What an article is about: its name begins with it. */
const subjectOf = (runbook: AlarmDefinition['runbook']): string => runbook.replace(/-.*/, '');

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
