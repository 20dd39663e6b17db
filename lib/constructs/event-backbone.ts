import { Aws, Duration } from 'aws-cdk-lib';
import { Archive, EventBus, type IEventBus, Match } from 'aws-cdk-lib/aws-events';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { busName, type EventId, events, isPassing } from '../../contract/events';
import { type Config } from '../config';

export interface EventBackboneProps {
  readonly config: Config;
  /** Encrypts events at rest, on the bus and in the archive. */
  readonly key: IKey;
}

/** Detail types that are worthless a minute later, and so many that they would be most of the archive. */
const PASSING = (Object.keys(events) as EventId[]).filter(isPassing).map((event) => events[event].detailType);

/** The bus that the platform's systems tell each other on, and an archive from which a day can be replayed. */
export class EventBackbone extends Construct {
  readonly bus: IEventBus;

  constructor(scope: Construct, id: string, props: EventBackboneProps) {
    super(scope, id);
    const { config, key } = props;
    this.bus = new EventBus(this, 'Bus', {
      eventBusName: busName(config.env),
      description: `What Signal9 ${config.env} tells itself`,
      kmsKey: key,
    });
    new Archive(this, 'Archive', {
      sourceEventBus: this.bus,
      description: 'Everything on the bus that is still true later, for replays',
      eventPattern: { account: [Aws.ACCOUNT_ID], detailType: Match.anythingBut(...PASSING) },
      retention: Duration.days(config.events.archiveDays),
      kmsKey: key,
    });
  }
}
