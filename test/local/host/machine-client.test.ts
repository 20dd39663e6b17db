import { machineCredentials } from '../../../local/host/identity/machine-client';
import { openSignIn } from './cognito';
import { temporaryFolder } from './temporary';

let pool: Awaited<ReturnType<typeof openSignIn>>;
const folder = temporaryFolder();
beforeAll(async () => {
  pool = await openSignIn(folder);
});
afterAll(() => pool.close());

const FORM = 'application/x-www-form-urlencoded';
const GRANT = 'grant_type=client_credentials';

async function token(change: { body?: string; type?: string; id?: string; secret?: string; authorization?: string }) {
  const { client_id, client_secret } = pool.machine;
  const basic = Buffer.from(`${change.id ?? client_id}:${change.secret ?? client_secret}`).toString('base64');
  const response = await fetch(`${pool.url}/oauth2/token`, {
    method: 'POST',
    headers: { 'content-type': change.type ?? FORM, authorization: change.authorization ?? `Basic ${basic}` },
    body: change.body ?? GRANT,
  });
  const body: unknown = await response.json();
  return { status: response.status, body, headers: response.headers };
}

describe('a machine', () => {
  it.each([GRANT, `${GRANT}&scope=signal9%2Fmarket.read`])('gets a token of the market by %s', async (body) => {
    const answer = await token({ body });
    expect([answer.status, answer.body]).toEqual([
      200,
      { access_token: expect.any(String), expires_in: 3600, token_type: 'Bearer' },
    ]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { access_token } = answer.body as { access_token: string };
    const claims = await pool.tokens.verify(access_token);
    expect(claims).toMatchObject({ sub: pool.machine.client_id, scope: 'signal9/market.read' });
    expect(claims).not.toHaveProperty('username');
  });

  it.each([
    ['another secret', { secret: 'x' }, 'invalid_client'],
    ['an empty secret', { secret: '' }, 'invalid_client'],
    ['another client', { id: 'signal9-local-person' }, 'invalid_client'],
    ['no Basic', { authorization: 'Bearer x' }, 'invalid_client'],
    ['another grant', { body: 'grant_type=password' }, 'unsupported_grant_type'],
    ['a person’s scope', { body: `${GRANT}&scope=aws.cognito.signin.user.admin` }, 'invalid_scope'],
    ['one scope too many', { body: `${GRANT}&scope=signal9/market.read+openid` }, 'invalid_scope'],
    ['a parameter given twice', { body: `${GRANT}&${GRANT}` }, 'invalid_request'],
    ['no grant', { body: '' }, 'invalid_request'],
    ['JSON', { type: 'application/json', body: '{}' }, 'invalid_request'],
  ])('gets none with %s', async (_what, change, error) => {
    const answer = await token(change);
    expect([answer.status, answer.body]).toEqual([400, { error }]);
  });

  it('has a secret of this installation’s own, which stays', () => {
    expect(machineCredentials(pool.files.machineFile)).toEqual(pool.machine);
    expect(machineCredentials(`${pool.files.machineFile}.other`).client_secret).not.toBe(pool.machine.client_secret);
  });
});
