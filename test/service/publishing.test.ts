import type { PublishedEvent } from '../../lambda/adapters/ports';
import { publishPassing } from '../../service/loop/publishing';
import { recordingLog } from '../lambda/api/call';

const eventsOf = (count: number): PublishedEvent[] =>
  Array.from({ length: count }, (_, n) => ({
    event: 'tokenExpired',
    detail: { connection_id: String(n) },
  }));
const isStill = () => true;

test('says the others of a call that has one which the bus refuses', async () => {
  const events = eventsOf(10);
  const said: PublishedEvent[] = [];
  const bus = {
    publish: async (some: readonly PublishedEvent[]) => {
      if (some.includes(events[4]!)) throw new Error('no');
      said.push(...some);
    },
  };
  expect(await publishPassing({ bus, log: recordingLog() }, events, { isStill })).toBe(9);
  expect(said).toEqual(events.filter((one) => one !== events[4]));
});

test('gives a call up where the bus refuses whatever it is told', async () => {
  let calls = 0;
  const bus = {
    publish: async () => {
      calls += 1;
      throw new Error('no');
    },
  };
  expect(await publishPassing({ bus, log: recordingLog() }, eventsOf(20), { isStill })).toBe(0);
  expect(calls).toBe(6);
});

test('leaves out what is no news any more when its call begins', async () => {
  const events = eventsOf(60);
  const said: PublishedEvent[] = [];
  let isOld = false;
  const bus = {
    publish: async (some: readonly PublishedEvent[]) => {
      await Promise.resolve();
      isOld = true;
      said.push(...some);
    },
  };
  await publishPassing({ bus, log: recordingLog() }, events, {
    isStill,
    isNews: (one) => !isOld || one === events[59],
  });
  expect(said).toEqual([...events.slice(0, 40), events[59]]);
});
