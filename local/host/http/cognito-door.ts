import type { FastifyInstance } from 'fastify';
import { cognitoCall, type CognitoServices } from '../identity/cognito-calls';
import { POOL_ID } from '../identity/pool';
import type { SigningKey } from '../identity/signing-key';
import { CognitoError } from '../identity/users';

/** Cognito's JSON endpoint at /cognito, and the pool's public keys where a verifier looks for them. */
export function cognitoDoor(services: CognitoServices, key: SigningKey) {
  return (server: FastifyInstance): void => {
    server.get(`/${POOL_ID}/.well-known/jwks.json`, () => ({ keys: [key.jwk] }));

    server.post('/cognito', async (request, reply) => {
      reply.type('application/x-amz-json-1.1').header('cache-control', 'no-store');
      try {
        const target = String(request.headers['x-amz-target'] ?? '');
        return JSON.stringify(await cognitoCall(target, jsonOf(request.body), services));
      } catch (error) {
        if (!(error instanceof CognitoError)) throw error;
        reply.code(400).header('x-amzn-errortype', error.name);
        return JSON.stringify({ __type: error.name, message: error.message });
      }
    });
  };
}

function jsonOf(body: unknown): unknown {
  try {
    return JSON.parse(String(body));
  } catch {
    throw new CognitoError('SerializationException', 'The body is not JSON');
  }
}
