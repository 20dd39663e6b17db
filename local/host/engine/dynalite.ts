import { once } from 'node:events';
import http from 'node:http';
import { createRequire } from 'node:module';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

// dynalite is published without types.
const dynalite = createRequire(__filename)('dynalite') as (options: {
  readonly path: string;
  readonly createTableMs: number;
  readonly deleteTableMs: number;
}) => http.Server;

export interface Engine {
  readonly client: DynamoDBClient;
  readonly documents: DynamoDBDocumentClient;
  /** To be called when nobody asks anything any more: dynalite throws out of a request that outlives its database. */
  stop(): Promise<void>;
}

/**
 * DynamoDB in this process, its data in a LevelDB folder: written through to the system at each request, so that a
 * kill -9 loses nothing that was acknowledged.
 *
 * It listens on a socket in the data directory and not on a port: dynalite checks no signature and answers every
 * web page's origin, so that on a port any page in the owner's browser could read the tables.
 */
export async function startEngine(folder: string, socket: string): Promise<Engine> {
  const server = dynalite({ path: folder, createTableMs: 0, deleteTableMs: 0 });
  server.listen(socket);
  await once(server, 'listening');
  const httpAgent = new http.Agent({ keepAlive: true, maxSockets: 64, ...{ socketPath: socket } });
  const client = new DynamoDBClient({
    region: 'local',
    endpoint: 'http://engine.signal9.local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: { httpAgent },
  });
  return {
    client,
    documents: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
    async stop() {
      client.destroy();
      httpAgent.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
