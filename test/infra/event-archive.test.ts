import { type EventId, events, isPassing } from '../../contract/events';
import { ENVIRONMENTS, ofType, stack } from './synthesised';

test.each(ENVIRONMENTS.filter((name) => name !== 'pr3522'))(
  'the archive of %s keeps every event but those that are wrong a minute later',
  (name) => {
    const [archive, ...more] = ofType(stack(name, 'Compute'), 'AWS::Events::Archive');
    expect(more).toEqual([]);
    const passing = (Object.keys(events) as EventId[]).filter(isPassing).map((event) => events[event].detailType);
    expect(passing).toEqual(['valuationUpdated', 'quotesUpdated', 'tokenExpired']);
    expect(archive!.properties.EventPattern).toEqual({
      account: [{ Ref: 'AWS::AccountId' }],
      'detail-type': [{ 'anything-but': passing }],
    });
  },
);
