import type { ServerMessage } from '../../../contract/schemas/live';
import type { Connections, Posts } from '../../adapters/live/connections';

/** Says things to connections, and forgets those that are gone. */
export interface Speaker {
  say(connectionId: string, message: ServerMessage): Promise<void>;
  /** Says that the token has expired, then ends the connection. */
  dismiss(connectionId: string): Promise<void>;
}

export function createSpeaker(services: {
  readonly connections: Pick<Connections, 'close'>;
  readonly posts: Posts;
}): Speaker {
  const { connections, posts } = services;
  async function say(connectionId: string, message: ServerMessage): Promise<void> {
    const outcome = await posts.post(connectionId, JSON.stringify(message));
    if (outcome === 'gone') await connections.close(connectionId);
  }
  return {
    say,
    async dismiss(connectionId) {
      const message = 'the access token has expired: connect again with a new one';
      try {
        await say(connectionId, { type: 'error', code: 'token_expired', message });
      } finally {
        await Promise.all([posts.end(connectionId), connections.close(connectionId)]);
      }
    },
  };
}
