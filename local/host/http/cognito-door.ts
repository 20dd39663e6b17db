import type { FastifyInstance } from 'fastify';
import { errorFields } from '../../../lambda/adapters/log-fields';
import type { Log } from '../../../lambda/adapters/ports';
import { cognitoCall, type CognitoServices } from '../identity/cognito-calls';
import { POOL_ID } from '../identity/pool';
import type { SigningKey } from '../identity/signing-key';
import { CognitoError } from '../identity/cognito-error';

/** Cognito's JSON endpoint at /cognito, and the pool's public keys where a verifier looks for them. */
export function cognitoDoor(services: CognitoServices, key: SigningKey, log: Log) {
  return (server: FastifyInstance): void => {
    server.get(`/${POOL_ID}/.well-known/jwks.json`, () => ({ keys: [key.jwk] }));

    server.post('/cognito', async (request, reply) => {
      reply.type('application/x-amz-json-1.1').header('cache-control', 'no-store');
      try {
        const target = String(request.headers['x-amz-target'] ?? '');
        return JSON.stringify(await cognitoCall(target, jsonOf(request.body), services));
      } catch (error) {
        const isKnown = error instanceof CognitoError;
        if (!isKnown) log.error('a sign-in call failed', { request_id: request.id, ...errorFields(error) });
        const { name, message } = isKnown ? error : unexpected();
        reply.code(isKnown ? 400 : 500).header('x-amzn-errortype', name);
        return JSON.stringify({ __type: name, message });
      }
    });
  };
}

const unexpected = () => new CognitoError('InternalErrorException', 'Something went wrong on our side');

function jsonOf(body: unknown): unknown {
  try {
    return JSON.parse(String(body));
  } catch {
    throw new CognitoError('SerializationException', 'The body is not JSON');
  }
}
