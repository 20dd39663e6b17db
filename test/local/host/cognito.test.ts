import { readFileSync, statSync } from 'node:fs';
import { cognitoCallNames } from '../../../local/host/identity/cognito-calls';
import { openSignIn, PASSWORD } from './cognito';
import { temporaryFolder } from './temporary';

let pool: Awaited<ReturnType<typeof openSignIn>>;
const folder = temporaryFolder();
beforeAll(async () => {
  pool = await openSignIn(folder);
});
afterAll(() => pool.close());

const refused = (name: string, message?: string) => ({
  status: 400,
  body: { __type: name, message: message ?? expect.any(String) },
});
const DELIVERED = { AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: 'a***@e***' };

describe('signing up', () => {
  const account = { Username: 'Ada@Example.com', Password: PASSWORD };

  it('takes an address and a password, and the code that would be mailed', async () => {
    const { status, body } = await pool.forClient('SignUp', account);
    expect([status, body]).toEqual([
      200,
      {
        UserConfirmed: false,
        UserSub: expect.any(String),
        CodeDeliveryDetails: { ...DELIVERED, Destination: 'A***@E***' },
      },
    ]);
    expect(await pool.signIn('ada@example.com')).toEqual(refused('UserNotConfirmedException'));
    const wrong = { Username: 'ada@example.com', ConfirmationCode: 'wrong' };
    expect(await pool.forClient('ConfirmSignUp', wrong)).toEqual(refused('CodeMismatchException'));

    const first = pool.codeOf('ada@example.com');
    const resent = await pool.forClient('ResendConfirmationCode', { Username: 'ada@example.com' });
    expect(resent.body).toEqual({ CodeDeliveryDetails: DELIVERED });
    const second = pool.codeOf('ada@example.com');
    expect(await pool.forClient('ConfirmSignUp', { ...wrong, ConfirmationCode: second })).toEqual({
      status: 200,
      body: {},
    });
    expect(await pool.forClient('ConfirmSignUp', { ...wrong, ConfirmationCode: first })).toEqual(
      refused('CodeMismatchException'),
    );
    expect((await pool.signIn('ADA@example.com')).body.AuthenticationResult).toEqual({
      AccessToken: expect.any(String),
      IdToken: expect.any(String),
      RefreshToken: expect.any(String),
      ExpiresIn: 3600,
      TokenType: 'Bearer',
    });
  });

  it('takes a code for a day', async () => {
    await pool.forClient('SignUp', { Username: 'late@example.com', Password: PASSWORD });
    pool.time.now += 24 * 3600_000;
    const code = { Username: 'late@example.com', ConfirmationCode: pool.codeOf('late@example.com') };
    expect(await pool.forClient('ConfirmSignUp', code)).toEqual(refused('ExpiredCodeException'));
  });

  it.each<readonly [string, Record<string, unknown>, string]>([
    ['a name that is taken', account, 'UsernameExistsException'],
    ['a name that is no address', { ...account, Username: 'ada' }, 'InvalidParameterException'],
    ['another client', { ...account, ClientId: 'x' }, 'ResourceNotFoundException'],
    ...['Short-1815a', 'LOVELACE-1815', 'lovelace-1815', 'Lovelace-Ada!', 'Lovelace18150'].map(
      (Password) => [`the password ${Password}`, { ...account, Password }, 'InvalidPasswordException'] as const,
    ),
  ])('refuses %s', async (_what, body, name) => {
    expect(await pool.forClient('SignUp', body)).toEqual(refused(name));
  });
});

describe('who is signed in', () => {
  it('is who GetUser says, and refreshes without the password', async () => {
    const { AccessToken, RefreshToken } = await pool.person('bob@example.com');
    const claims = await pool.tokens.verify(AccessToken);
    expect((await pool.call('GetUser', { AccessToken })).body).toEqual({
      Username: claims.sub,
      UserAttributes: [
        { Name: 'email', Value: 'bob@example.com' },
        { Name: 'email_verified', Value: 'true' },
        { Name: 'sub', Value: claims.sub },
      ],
    });
    const { AuthenticationResult } = (await pool.refresh(RefreshToken)).body;
    expect(AuthenticationResult).not.toHaveProperty('RefreshToken');
    expect(await pool.tokens.verify(AuthenticationResult.AccessToken)).toMatchObject({
      sub: claims.sub,
      origin_jti: claims.origin_jti,
      auth_time: claims.auth_time,
    });
    pool.time.now += 7 * 86_400_000;
    expect(await pool.refresh(RefreshToken)).toEqual(refused('NotAuthorizedException', 'Invalid Refresh Token'));
  });

  it('changes the password, knowing the one before', async () => {
    const { AccessToken } = await pool.person('change@example.com');
    const ProposedPassword = 'Byron-1816-Ada';
    const change = (PreviousPassword: string) =>
      pool.call('ChangePassword', { AccessToken, PreviousPassword, ProposedPassword });
    expect(await change('Lovelace-1816')).toEqual(refused('NotAuthorizedException'));
    expect(await change(PASSWORD)).toEqual({ status: 200, body: {} });
    expect(await pool.signIn('change@example.com')).toEqual(refused('NotAuthorizedException'));
    expect((await pool.signIn('change@example.com', ProposedPassword)).status).toBe(200);
  });

  it('ends one sign-in by RevokeToken, and all by GlobalSignOut', async () => {
    const one = await pool.person('out@example.com');
    const { AuthenticationResult: two } = (await pool.signIn('out@example.com')).body;
    const revoke = { Token: one.RefreshToken };
    expect(await pool.forClient('RevokeToken', { Token: one.AccessToken })).toEqual(
      refused('UnsupportedTokenTypeException'),
    );
    expect(await pool.forClient('RevokeToken', revoke)).toEqual({ status: 200, body: {} });
    expect((await pool.forClient('RevokeToken', revoke)).status).toBe(200);
    expect(await pool.refresh(one.RefreshToken)).toEqual(refused('NotAuthorizedException'));
    expect(await pool.call('GetUser', { AccessToken: one.AccessToken })).toEqual(
      refused('NotAuthorizedException', 'Access Token has been revoked'),
    );
    expect((await pool.call('GetUser', { AccessToken: two.AccessToken })).status).toBe(200);
    expect((await pool.call('GlobalSignOut', { AccessToken: two.AccessToken })).status).toBe(200);
    expect(await pool.refresh(two.RefreshToken)).toEqual(refused('NotAuthorizedException'));
    expect(await pool.call('GetUser', { AccessToken: two.AccessToken })).toEqual(refused('NotAuthorizedException'));
  });

  it('is gone after DeleteUser, and the address is free again', async () => {
    const { AccessToken, RefreshToken } = await pool.person('gone@example.com');
    expect((await pool.call('DeleteUser', { AccessToken })).status).toBe(200);
    expect(await pool.call('GetUser', { AccessToken })).toEqual(refused('NotAuthorizedException'));
    expect(await pool.refresh(RefreshToken)).toEqual(refused('NotAuthorizedException'));
    expect(await pool.signIn('gone@example.com')).toEqual(refused('NotAuthorizedException'));
    await pool.person('gone@example.com');
  });

  it('is no machine, and nobody by an id token', async () => {
    const { IdToken } = await pool.person('id@example.com');
    for (const AccessToken of [IdToken, await pool.tokens.machineToken(60), 'x', '']) {
      expect(await pool.call('GetUser', { AccessToken })).toEqual(refused('NotAuthorizedException'));
    }
  });
});

describe('a forgotten password', () => {
  it('is replaced by the code that would be mailed, and everyone who was in is out', async () => {
    const { RefreshToken } = await pool.person('forgot@example.com');
    const Username = 'forgot@example.com';
    expect((await pool.forClient('ForgotPassword', { Username })).body).toEqual({
      CodeDeliveryDetails: { ...DELIVERED, Destination: 'f***@e***' },
    });
    const reset = { Username, ConfirmationCode: pool.codeOf(Username), Password: 'Byron-1816-Ada' };
    expect(await pool.forClient('ConfirmForgotPassword', { ...reset, ConfirmationCode: '1' })).toEqual(
      refused('CodeMismatchException'),
    );
    expect(await pool.forClient('ConfirmForgotPassword', { ...reset, Password: 'short' })).toEqual(
      refused('InvalidPasswordException'),
    );
    expect(await pool.forClient('ConfirmForgotPassword', reset)).toEqual({ status: 200, body: {} });
    expect(await pool.forClient('ConfirmForgotPassword', reset)).toEqual(refused('CodeMismatchException'));
    expect(await pool.refresh(RefreshToken)).toEqual(refused('NotAuthorizedException'));
    expect((await pool.signIn(Username, reset.Password)).status).toBe(200);
  });

  it('is not replaced by a code an hour old', async () => {
    const Username = 'slow@example.com';
    await pool.person(Username);
    await pool.forClient('ForgotPassword', { Username });
    pool.time.now += 3600_000;
    const reset = { Username, ConfirmationCode: pool.codeOf(Username), Password: 'Byron-1816-Ada' };
    expect(await pool.forClient('ConfirmForgotPassword', reset)).toEqual(refused('ExpiredCodeException'));
  });
});

describe('whether a name exists', () => {
  const ask = (Username: string): [string, Record<string, unknown>][] => [
    ['InitiateAuth', { AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: Username, PASSWORD: 'wrong' } }],
    ['ConfirmSignUp', { Username, ConfirmationCode: '000000x' }],
    ['ResendConfirmationCode', { Username }],
    ['ForgotPassword', { Username }],
    ['ConfirmForgotPassword', { Username, ConfirmationCode: '000000x', Password: PASSWORD }],
  ];

  it('is told by no call that needs no token', async () => {
    await pool.person('known@example.com');
    await pool.forClient('SignUp', { Username: 'kept@example.com', Password: PASSWORD });
    const answers = async (Username: string) =>
      Promise.all(ask(Username).map(([name, body]) => pool.forClient(name, body)));
    const unknown = await answers('kxxxx@example.com');
    expect(await answers('known@example.com')).toEqual(unknown);
    expect(await answers('kept@example.com')).toEqual(unknown);
    // The demo user has no password at all.
    const demo = await answers('demo@signal9.localhost');
    expect(demo).toEqual(await answers('dxxx@signal9.localhost'));
  });

  it.each(['guess@example.com', 'nobody@example.com'])('%s: guesses are slowed down, even at once', async (name) => {
    if (name.startsWith('guess')) await pool.person(name);
    const attempts = await Promise.all(Array.from({ length: 12 }, () => pool.signIn(name, 'wrong')));
    const messages = attempts.map(({ body }) => String(body.message)).sort();
    expect(messages.slice(0, 5)).toEqual(Array(5).fill('Incorrect username or password.'));
    expect(messages.slice(5)).toEqual(Array(7).fill('Password attempts exceeded'));
    // Locked means locked: the right one has to wait too.
    expect((await pool.signIn(name)).body.message).toBe('Password attempts exceeded');
    pool.time.now += 1000;
    expect((await pool.signIn(name)).status).toBe(name.startsWith('guess') ? 200 : 400);
  });

  it('codes are guessed as slowly, and mailed no oftener', async () => {
    const Username = 'coded@example.com';
    await pool.forClient('SignUp', { Username, Password: PASSWORD });
    for (const [name, body] of [
      ['ConfirmSignUp', { Username, ConfirmationCode: 'x' }],
      ['ResendConfirmationCode', { Username }],
    ] as const) {
      for (let attempt = 0; attempt < 5; attempt++) await pool.forClient(name, body);
      expect(await pool.forClient(name, body)).toEqual(refused('LimitExceededException'));
    }
  });
});

describe('the wire', () => {
  it('speaks these calls', () => {
    expect([...cognitoCallNames].sort()).toEqual([
      'AssociateSoftwareToken',
      'ChangePassword',
      'ConfirmForgotPassword',
      'ConfirmSignUp',
      'DeleteUser',
      'ForgotPassword',
      'GetUser',
      'GlobalSignOut',
      'InitiateAuth',
      'ResendConfirmationCode',
      'RespondToAuthChallenge',
      'RevokeToken',
      'SetUserMFAPreference',
      'SignUp',
      'VerifySoftwareToken',
    ]);
  });

  it.each(['AdminDeleteUser', 'constructor', '__proto__', ''])('refuses the call %j', async (name) => {
    expect(await pool.call(name, {})).toEqual(refused('UnknownOperationException'));
  });

  it.each(['', '{', 'null', '[]', '"x"', '7', '{"__proto__":{"ClientId":1}}'])('refuses the body %j', async (body) => {
    const response = await fetch(`${pool.url}/cognito`, {
      method: 'POST',
      headers: { 'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth' },
      body,
    });
    expect(response.status).toBe(400);
    expect(response.headers.get('x-amzn-errortype')).toMatch(/^(SerializationException|InvalidParameterException)$/);
    expect(response.headers.get('content-type')).toContain('application/x-amz-json-1.1');
  });

  it('keeps passwords, keys and refresh tokens from everyone but the owner, and none of them in plain', async () => {
    const { RefreshToken } = await pool.person('plain@example.com');
    for (const file of Object.values(pool.files)) expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(pool.files.usersFile, 'utf8');
    for (const secret of ['Lovelace', RefreshToken]) expect(text).not.toContain(secret);
  });
});
