import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import type { Aws } from '../aws';
import { apiGatewayPosts } from './api-gateway-posts';
import type { Connections, Posts } from './connections';
import { dynamoConnections } from './dynamo-connections';

/** What functions of the WebSocket API speak with: its stage, and the table of its connections. */
export const liveOf = (
  { LIVE_ENDPOINT }: { readonly LIVE_ENDPOINT: string },
  { documents, env }: Pick<Aws, 'documents' | 'env'>,
): { readonly posts: Posts; readonly connections: Connections } => ({
  connections: dynamoConnections(documents, env),
  posts: apiGatewayPosts(
    new ApiGatewayManagementApiClient({
      endpoint: LIVE_ENDPOINT,
      // Pushed late it would be wrong.
      maxAttempts: 2,
      requestHandler: { connectionTimeout: 1000, requestTimeout: 2000 },
    }),
  ),
});
