import path from 'node:path';
import { parseSettings } from '../../../local/settings';

const KEYS = { APCA_API_KEY_ID: 'key', APCA_API_SECRET_KEY: 'secret', ALPHAVANTAGE_API_KEY: 'key' };

describe('the environment of npm start', () => {
  it('needs nothing: port 4000, .signal9, a sandbox of 250 companies at 600 calls a minute', () => {
    expect(parseSettings({})).toEqual({
      port: 4000,
      dataDir: path.resolve('.signal9'),
      providers: { mode: 'sandbox', universe: 250, market: 'open' },
      trading: { venue: 'internal', quoteMaxAgeSeconds: 900 },
      mfa: 'optional',
      plan: { rps: 20, rpm: 600, rpd: null, timeZone: 'America/New_York' },
    });
  });

  it('takes all keys as the wish for the real providers, on the free plan', () => {
    expect(parseSettings(KEYS)).toMatchObject({
      providers: {
        mode: 'live',
        alpaca: { baseUrl: 'https://paper-api.alpaca.markets', dataUrl: 'https://data.alpaca.markets' },
        alphaVantage: { baseUrl: 'https://www.alphavantage.co' },
      },
      plan: { rps: 1, rpm: null, rpd: 25 },
    });
  });

  it('takes another plan', () => {
    const plan = { ALPHAVANTAGE_RPS: '2.5', ALPHAVANTAGE_RPM: '75', ALPHAVANTAGE_RPD: 'none' };
    expect(parseSettings({ ...KEYS, ...plan }).plan).toMatchObject({ rps: 2.5, rpm: 75, rpd: null });
  });

  it('opens and closes the sandbox’s market', () => {
    expect(parseSettings({ SIGNAL9_SANDBOX_MARKET: 'calendar' })).toMatchObject({ providers: { market: 'calendar' } });
  });

  it('counts an empty variable as one that is not set', () => {
    expect(parseSettings({ PORT: '', APCA_API_KEY_ID: ' ' })).toMatchObject({ port: 4000 });
  });

  it.each([
    ['PORT', 'http', 'PORT must be a whole number from 0 to 65535, not "http"'],
    ['PORT', '70000', 'PORT must be a whole number from 0 to 65535, not "70000"'],
    ['SIGNAL9_MFA', 'yes', 'SIGNAL9_MFA must be optional or required, not "yes"'],
    ['SIGNAL9_UNIVERSE', '24', 'SIGNAL9_UNIVERSE must be a whole number from 25 to 12000, not "24"'],
    ['SIGNAL9_UNIVERSE', '1e3', 'SIGNAL9_UNIVERSE must be a whole number from 25 to 12000, not "1e3"'],
    ['SIGNAL9_SANDBOX_MARKET', 'ajar', 'SIGNAL9_SANDBOX_MARKET must be one of open, closed, calendar, not "ajar"'],
    ['ALPHAVANTAGE_RPS', '0', 'ALPHAVANTAGE_RPS must be a number above 0, not "0"'],
    ['ALPHAVANTAGE_RPD', '0', 'ALPHAVANTAGE_RPD must be a whole number of at least 1, or "none", not "0"'],
    ['APCA_API_BASE_URL', 'alpaca', 'APCA_API_BASE_URL must be an http or https URL, not "alpaca"'],
    ['ALPHAVANTAGE_BASE_URL', 'file:///x', 'ALPHAVANTAGE_BASE_URL must be an http or https URL, not "file:///x"'],
  ])('refuses %s=%s in one line', (name, value, line) => {
    expect(() => parseSettings({ [name]: value })).toThrow(line);
  });

  it.each([['APCA_API_KEY_ID'], ['APCA_API_SECRET_KEY'], ['ALPHAVANTAGE_API_KEY']] as const)(
    'refuses %s alone: real symbols are never scored with fictional figures',
    (name) => {
      expect(() => parseSettings({ [name]: 'key' })).toThrow(new RegExp(`^${name} set, but .+ missing: set all of`));
    },
  );

  it('repeats no key in what it says', () => {
    expect(() => parseSettings({ ...KEYS, APCA_API_SECRET_KEY: '', APCA_API_KEY_ID: 'PKSECRET' })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('PKSECRET') }),
    );
  });
});
