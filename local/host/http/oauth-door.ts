import type { FastifyInstance } from 'fastify';
import { MARKET_SCOPE } from '../../../contract/route';
import type { MachineCredentials } from '../identity/machine-client';
import { isSame } from '../identity/password';
import { ACCESS_SECONDS } from '../identity/pool';
import type { Tokens } from '../identity/tokens';

type Fault = 'invalid_request' | 'invalid_client' | 'unsupported_grant_type' | 'invalid_scope';

/** The token endpoint of the pool's domain, for machines: RFC 6749 §4.4 with the client in HTTP Basic (§2.3.1). */
export function oauthDoor(client: MachineCredentials, tokens: Pick<Tokens, 'machineToken'>) {
  return (server: FastifyInstance): void => {
    server.post('/oauth2/token', async (request, reply) => {
      reply.type('application/json; charset=utf-8').headers({ 'cache-control': 'no-store', pragma: 'no-cache' });
      const fault = faultOf(request.headers.authorization, request.headers['content-type'], request.body, client);
      // 400 for a wrong client too: so Cognito answers, where RFC 6749 §5.2 has 401.
      if (fault) return reply.code(400).send(JSON.stringify({ error: fault }));
      const access_token = await tokens.machineToken(ACCESS_SECONDS);
      return JSON.stringify({ access_token, expires_in: ACCESS_SECONDS, token_type: 'Bearer' });
    });
  };
}

function faultOf(
  authorization: string | undefined,
  mediaType: string | undefined,
  body: unknown,
  client: MachineCredentials,
): Fault | undefined {
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(mediaType ?? '')) return 'invalid_request';
  const form = new URLSearchParams(typeof body === 'string' ? body : '');
  // §3.2: no parameter more than once.
  if (new Set(form.keys()).size !== form.size || !form.has('grant_type')) return 'invalid_request';
  const [, encoded = ''] = /^Basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(authorization ?? '') ?? [];
  const given = Buffer.from(encoded, 'base64').toString('utf8');
  if (!isSame(given, `${client.client_id}:${client.client_secret}`)) return 'invalid_client';
  if (form.get('grant_type') !== 'client_credentials') return 'unsupported_grant_type';
  const scopes = (form.get('scope') ?? MARKET_SCOPE).split(' ').filter((scope) => scope !== '');
  return scopes.every((scope) => scope === MARKET_SCOPE) ? undefined : 'invalid_scope';
}
