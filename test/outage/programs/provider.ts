import { createAlpacaProvider } from '../../../local/sandbox/alpaca-provider';
import { createMarket } from '../../../local/sandbox/market';
import { createMisbehaviourQueue } from '../../../local/sandbox/misbehaviour';
import { startProvider } from '../../../local/sandbox/provider-server';
import { createUniverse } from '../../../local/sandbox/universe';
import { SEED, UNIVERSE } from '../market';
import { pacedClock } from '../pace';
import { ready, settingsOf } from './settings';

/** The sandbox's Alpaca, without a limit that a hurrying minute could meet. */
const settings = settingsOf();
const now = pacedClock(settings.began);

async function main(): Promise<void> {
  await startProvider({
    ...createAlpacaProvider({
      universe: createUniverse(UNIVERSE, SEED),
      market: createMarket('open', now),
      now,
      plan: { rpm: 1_000_000 },
    }),
    ...{ provider: 'alpaca', port: settings.port, now, misbehaviours: createMisbehaviourQueue(), log: [] },
  });
  ready();
}

void main();
