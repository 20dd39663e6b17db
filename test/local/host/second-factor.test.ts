import { codeAt, freshSecret, stepOf, stepOfCode } from '../../../local/host/identity/totp';
import { openSignIn, PASSWORD } from './cognito';
import { type Json, temporaryFolder } from './temporary';

type Pool = Awaited<ReturnType<typeof openSignIn>>;
const folders = { optional: temporaryFolder(), required: temporaryFolder() };
let pool: Pool;
let strict: Pool;
beforeAll(async () => {
  pool = await openSignIn(folders.optional);
  strict = await openSignIn(folders.required, 'required');
});
afterAll(async () => {
  await pool.close();
  await strict.close();
});

const failed = (name: string) => ({ status: 400, body: { __type: name, message: expect.any(String) } });
const codeNow = ({ time }: Pool, secret: string, stepsAway = 0) =>
  codeAt(secret, stepOf(new Date(time.now)) + stepsAway);
const answerCode = ({ forClient }: Pool, Session: string, email: string, code: string) =>
  forClient('RespondToAuthChallenge', {
    ChallengeName: 'SOFTWARE_TOKEN_MFA',
    Session,
    ChallengeResponses: { USERNAME: email, SOFTWARE_TOKEN_MFA_CODE: code },
  });
const nextStep = ({ time }: Pool) => {
  time.now += 30_000;
};

/** Somebody with a second factor, by the calls of the console. */
async function withFactor(email: string) {
  const { AccessToken } = await pool.person(email);
  const { SecretCode } = (await pool.call('AssociateSoftwareToken', { AccessToken })).body;
  const verified = await pool.call('VerifySoftwareToken', { AccessToken, UserCode: codeNow(pool, SecretCode) });
  expect(verified.body).toEqual({ Status: 'SUCCESS' });
  const SoftwareTokenMfaSettings = { Enabled: true, PreferredMfa: true };
  expect((await pool.call('SetUserMFAPreference', { AccessToken, SoftwareTokenMfaSettings })).status).toBe(200);
  nextStep(pool);
  return { AccessToken, secret: SecretCode as string };
}

describe('a time-based code', () => {
  // RFC 6238, appendix B, the SHA-1 rows; six digits are the last six of its eight.
  it.each([
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ])('at %d s is %s', (seconds, code) => {
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    expect(codeAt(secret, Math.floor(seconds / 30))).toBe(code);
    expect(stepOfCode(secret, code, new Date(seconds * 1000))).toBe(Math.floor(seconds / 30));
  });

  it('may be a step early or late, and no more', () => {
    const secret = freshSecret();
    const now = new Date('2026-05-17T12:00:00Z');
    const taken = [-2, -1, 0, 1, 2].map((away) => stepOfCode(secret, codeAt(secret, stepOf(now) + away), now));
    expect(taken.map((step) => step !== undefined)).toEqual([false, true, true, true, false]);
  });
});

describe('a second factor', () => {
  it('is asked for after the password, once it is proven and preferred', async () => {
    const { AccessToken, secret } = await withFactor('ada@example.com');
    expect((await pool.call('GetUser', { AccessToken })).body).toMatchObject({
      PreferredMfaSetting: 'SOFTWARE_TOKEN_MFA',
      UserMFASettingList: ['SOFTWARE_TOKEN_MFA'],
    });
    const { body } = await pool.signIn('ada@example.com');
    expect(body).toMatchObject({ ChallengeName: 'SOFTWARE_TOKEN_MFA', Session: expect.any(String) });
    expect(body).not.toHaveProperty('AuthenticationResult');
    expect(await answerCode(pool, body.Session, 'ada@example.com', '000000x')).toEqual(failed('CodeMismatchException'));
    const done = await answerCode(pool, body.Session, 'ada@example.com', codeNow(pool, secret));
    expect(done.body.AuthenticationResult).toMatchObject({ RefreshToken: expect.any(String) });
    // A Session signs in once.
    nextStep(pool);
    const again = await answerCode(pool, body.Session, 'ada@example.com', codeNow(pool, secret));
    expect(again).toEqual(failed('NotAuthorizedException'));
  });

  it('takes no code twice, not even the one that proved it', async () => {
    const { secret } = await withFactor('bob@example.com');
    const proof = codeNow(pool, secret, -1);
    const open = async () => (await pool.signIn('bob@example.com')).body.Session as string;
    expect(await answerCode(pool, await open(), 'bob@example.com', proof)).toEqual(failed('ExpiredCodeException'));
    const code = codeNow(pool, secret);
    const [first, second] = [await open(), await open()];
    const both = await Promise.all([
      answerCode(pool, first, 'bob@example.com', code),
      answerCode(pool, second, 'bob@example.com', code),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
  });

  it('slows the guessing of codes down, over all Sessions', async () => {
    const { secret } = await withFactor('guess@example.com');
    for (let attempt = 0; attempt < 5; attempt++) {
      const { Session } = (await pool.signIn('guess@example.com')).body;
      expect((await answerCode(pool, Session, 'guess@example.com', 'x')).body.__type).toBe('CodeMismatchException');
    }
    const { Session } = (await pool.signIn('guess@example.com')).body;
    const right = await answerCode(pool, Session, 'guess@example.com', codeNow(pool, secret));
    expect(right).toEqual(failed('LimitExceededException'));
  });

  it('belongs to one person and three minutes', async () => {
    const { secret } = await withFactor('cara@example.com');
    const other = await withFactor('dan@example.com');
    const { Session } = (await pool.signIn('cara@example.com')).body;
    const asOther = await answerCode(pool, Session, 'dan@example.com', codeNow(pool, other.secret));
    expect(asOther).toEqual(failed('NotAuthorizedException'));
    pool.time.now += 180_000;
    const late = await answerCode(pool, Session, 'cara@example.com', codeNow(pool, secret));
    expect(late).toEqual(failed('NotAuthorizedException'));
  });

  it('stays when a new one is begun and not proven, and when the password is reset', async () => {
    const Username = 'eve@example.com';
    const { AccessToken, secret } = await withFactor(Username);
    await pool.call('AssociateSoftwareToken', { AccessToken });
    const wrong = await pool.call('VerifySoftwareToken', { AccessToken, UserCode: 'x' });
    expect(wrong).toEqual(failed('EnableSoftwareTokenMFAException'));
    await pool.forClient('ForgotPassword', { Username });
    const reset = { Username, ConfirmationCode: pool.codeOf(Username), Password: 'Byron-1816-Ada' };
    expect((await pool.forClient('ConfirmForgotPassword', reset)).status).toBe(200);
    const { body } = await pool.signIn(Username, reset.Password);
    expect(body.ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
    expect((await answerCode(pool, body.Session, Username, codeNow(pool, secret))).status).toBe(200);
  });

  it('can be preferred only when it is proven, and given up where it is optional', async () => {
    const { AccessToken } = await pool.person('fay@example.com');
    const prefer = (token: string, Enabled: boolean) =>
      pool.call('SetUserMFAPreference', {
        AccessToken: token,
        SoftwareTokenMfaSettings: { Enabled, PreferredMfa: Enabled },
      });
    expect(await prefer(AccessToken, true)).toEqual(failed('InvalidParameterException'));
    const { AccessToken: token } = await withFactor('gus@example.com');
    expect((await prefer(token, false)).status).toBe(200);
    expect((await pool.signIn('gus@example.com')).body.AuthenticationResult).toBeDefined();
  });
});

describe('where a second factor is required, as in prod', () => {
  const Username = 'ada@example.com';
  const setUp = async (): Promise<Json> => (await strict.signIn(Username)).body as unknown;
  const finish = (Session: string) =>
    strict.forClient('RespondToAuthChallenge', {
      ChallengeName: 'MFA_SETUP',
      Session,
      ChallengeResponses: { USERNAME: Username },
    });

  it('the password alone leads to setting one up, and nowhere else', async () => {
    await strict.forClient('SignUp', { Username, Password: PASSWORD });
    await strict.forClient('ConfirmSignUp', { Username, ConfirmationCode: strict.codeOf(Username) });
    const begun = await setUp();
    const rival = await setUp();
    expect(begun).toMatchObject({ ChallengeName: 'MFA_SETUP' });
    expect(begun).not.toHaveProperty('AuthenticationResult');
    expect(await finish(begun.Session)).toEqual(failed('NotAuthorizedException'));

    const { SecretCode, Session } = (await strict.call('AssociateSoftwareToken', { Session: begun.Session })).body;
    expect(await finish(Session)).toEqual(failed('NotAuthorizedException'));
    const UserCode = codeNow(strict, SecretCode);
    const verified = await strict.call('VerifySoftwareToken', { Session, UserCode });
    expect(verified.body).toMatchObject({ Status: 'SUCCESS' });
    const { AuthenticationResult } = (await finish(verified.body.Session)).body;
    expect(AuthenticationResult).toMatchObject({ AccessToken: expect.any(String), RefreshToken: expect.any(String) });

    // A Session of the password alone, begun before, must not replace the factor.
    expect(await strict.call('AssociateSoftwareToken', { Session: rival.Session })).toEqual(
      failed('NotAuthorizedException'),
    );
    expect(await setUp()).toMatchObject({ ChallengeName: 'SOFTWARE_TOKEN_MFA' });
    const { AccessToken } = AuthenticationResult;
    const off = { AccessToken, SoftwareTokenMfaSettings: { Enabled: false } };
    expect(await strict.call('SetUserMFAPreference', off)).toEqual(failed('InvalidParameterException'));
  });
});
