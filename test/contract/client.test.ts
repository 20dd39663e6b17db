import { type AnswerTo, ContractError, createClient } from '../../contract/client';
import { examples } from '../../contract/examples';

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

/** A server of one answer, which keeps what it was asked. */
function answering(status: number, body: unknown, headers: Record<string, string> = {}) {
  const sent: Sent[] = [];
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    sent.push({ url: url as string, init });
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return new Response(status === 204 || status === 304 ? null : text, { status, headers });
  };
  return { sent, client: createClient({ baseUrl: 'https://api.example/v1', token: 'secret', fetch }) };
}

test('asks at the route’s address, with parameters and query as the URL spells them', async () => {
  const { sent, client } = answering(200, examples.getFinancials);
  await client.call('getFinancials', {
    parameters: { assetId: 'BRK/B', statement: 'earnings' },
    query: { limit: 3, period: 'annual', cursor: undefined },
    headers: { 'if-none-match': '"x"' },
  });
  expect(sent[0]).toEqual({
    url: 'https://api.example/v1/assets/BRK%2FB/financials/earnings?limit=3&period=annual',
    init: {
      method: 'GET',
      headers: { accept: 'application/json', authorization: 'Bearer secret', 'if-none-match': '"x"' },
    },
  });
});

test('sends a body as JSON, and asks for the token each time where it is told how', async () => {
  const sent: Sent[] = [];
  let asked = 0;
  const client = createClient({
    baseUrl: 'https://api.example',
    token: async () => `token-${(asked += 1)}`,
    fetch: async (url, init = {}) => {
      sent.push({ url: url as string, init });
      return new Response(JSON.stringify(examples.createWatchlist), { status: 201 });
    },
  });
  for (const name of ['A', 'B']) await client.call('createWatchlist', { body: { name } });
  expect(
    sent.map(({ init }) => [init.method, init.body, (init.headers as Record<string, string>).authorization]),
  ).toEqual([
    ['POST', '{"name":"A"}', 'Bearer token-1'],
    ['POST', '{"name":"B"}', 'Bearer token-2'],
  ]);
});

test('answers a success as its schema parses it', async () => {
  const { client } = answering(200, { ...(examples.getUser as object), later: 'a new field' }, { etag: '"t"' });
  const answer = await client.call('getUser', { parameters: { userId: 'me' } });
  expect(answer).toMatchObject({ kind: 'success', status: 200, body: examples.getUser });
  expect(answer.kind === 'success' && answer.body).not.toHaveProperty('later');
  expect(answer.headers.get('etag')).toBe('"t"');
});

test('answers text of another media type as it is, and nothing where there is none', async () => {
  expect(await answering(200, '<html>').client.call('getDocs', {})).toMatchObject({ body: '<html>' });
  const parameters = { watchlistId: 'x' };
  const gone = await answering(204, '').client.call('deleteWatchlist', { parameters });
  expect(gone).toMatchObject({ kind: 'success', status: 204, body: undefined });
});

test('tells what is as it was, and what was refused', async () => {
  expect((await answering(304, '').client.call('getHealth', {})).kind).toBe('unchanged');
  const error = { code: 'not_found', message: 'No', request_id: 'r' };
  expect(await answering(404, { error }).client.call('getHealth', {})).toMatchObject({
    kind: 'refusal',
    status: 404,
    error,
  });
});

test.each([
  ['what is no JSON', 200, 'oops', 'getHealth answered 200 with no JSON'],
  ['another shape', 200, { status: 'fine' }, 'getHealth answered 200 with what breaks the contract at status: '],
  [
    'an error of another shape',
    500,
    { message: 'oops' },
    'getHealth answered 500 with what breaks the contract at error: ',
  ],
])('refuses %s', async (_, status, body, message) => {
  const promise = answering(status, body).client.call('getHealth', {});
  await expect(promise).rejects.toThrow(ContractError);
  await expect(answering(status, body).client.call('getHealth', {})).rejects.toThrow(message);
});

test('needs no token for what is public', async () => {
  const sent: Sent[] = [];
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    sent.push({ url: url as string, init });
    return new Response(JSON.stringify(examples.getHealth));
  };
  await createClient({ baseUrl: '', fetch }).call('getHealth', {});
  expect(sent[0]!.init.headers).toEqual({ accept: 'application/json' });
});

/** Compiled, not run: what the types refuse. */
export async function refusedByTheCompiler(): Promise<unknown> {
  const client = createClient({ baseUrl: '' });
  // @ts-expect-error -- no such route
  await client.call('getNothing', {});
  // @ts-expect-error -- the path needs its parameter
  await client.call('getAsset', {});
  // @ts-expect-error -- no such statement
  await client.call('getFinancials', { parameters: { assetId: 'IBM', statement: 'gossip' } });
  // @ts-expect-error -- no such metric
  await client.call('listRankings', { query: { metric: 'luck' } });
  // @ts-expect-error -- a body is needed
  await client.call('createWatchlist', {});
  const answer: AnswerTo<'getWatchlist'> = await client.call('getWatchlist', { parameters: { watchlistId: 'x' } });
  // @ts-expect-error -- only a success has a body
  const early = answer.body as unknown;
  return [early, answer.kind === 'success' && answer.body.items[0]?.symbol.toUpperCase()];
}
