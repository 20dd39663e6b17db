import {
  type ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import type { Posts } from './connections';

/**
 * Posts over API Gateway's management API. A connection that takes no more for now makes `post` throw a
 * LimitExceededException.
 */
export function apiGatewayPosts(client: ApiGatewayManagementApiClient): Posts {
  return {
    async post(ConnectionId, Data) {
      try {
        await client.send(new PostToConnectionCommand({ ConnectionId, Data }));
        return 'sent';
      } catch (error) {
        if (error instanceof GoneException) return 'gone';
        throw error;
      }
    },
    async end(ConnectionId) {
      try {
        await client.send(new DeleteConnectionCommand({ ConnectionId }));
      } catch (error) {
        if (!(error instanceof GoneException)) throw error;
      }
    },
  };
}
