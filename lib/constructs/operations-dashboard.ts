import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { type Config, type Region } from '../config';
import { names } from '../names';
import { type AlarmDefinition } from './alarm-definition';

export interface OperationsDashboardProps {
  readonly config: Config;
  readonly region: Region;
  readonly definitions: readonly AlarmDefinition[];
  readonly alarms: readonly IAlarm[];
}

const WIDTH = 24;

/** The state of every alarm, and a graph for each article of the runbook with all that can ring for it. */
export class OperationsDashboard extends Construct {
  readonly dashboardName: string;

  constructor(scope: Construct, id: string, props: OperationsDashboardProps) {
    super(scope, id);
    const { config, region, definitions, alarms } = props;
    this.dashboardName = names.dashboard(config.env, region);
    const articles = [...new Set(definitions.map(({ runbook }) => runbook))];
    const graphs = articles.map(
      (article): IWidget =>
        new GraphWidget({
          title: article,
          left: definitions.filter(({ runbook }) => runbook === article).map(({ metric }) => metric),
          width: WIDTH / 3,
        }),
    );
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
        [
          new AlarmStatusWidget({
            title: 'Alarms',
            alarms: [...alarms],
            width: WIDTH,
            height: Math.ceil(alarms.length / 8),
          }),
        ],
        graphs,
      ],
    });
  }
}
