import { type Config } from '../config';
import { type OwnEnvironment } from './platform-function';
import { type ProviderSecrets } from './provider-secrets';

/** What a function is told of the data providers: where they are, what the plan allows, and where the keys lie. */
export interface ProviderEnvironment {
  readonly alpaca: OwnEnvironment<'asset-sync'>;
  /** The plan alone, for those who spend its calls without making any. */
  readonly alphaVantagePlan: OwnEnvironment<'regular-pollination'>;
  readonly alphaVantage: OwnEnvironment<'earnings-sync'>;
}

export function providerEnvironment({ providers, timeZone }: Config, secrets: ProviderSecrets): ProviderEnvironment {
  const { alpaca, alphaVantage } = providers;
  const limit = (value: number | null): string => (value === null ? 'none' : String(value));
  const alphaVantagePlan = {
    ALPHAVANTAGE_RPS: String(alphaVantage.requestsPerSecond),
    ALPHAVANTAGE_RPM: limit(alphaVantage.requestsPerMinute),
    ALPHAVANTAGE_RPD: limit(alphaVantage.requestsPerDay),
    SIGNAL9_TIME_ZONE: timeZone,
  };
  return {
    alpaca: {
      APCA_SECRET_ARN: secrets.alpaca.secretArn,
      APCA_API_BASE_URL: alpaca.baseUrl,
      APCA_API_DATA_URL: alpaca.dataUrl,
    },
    alphaVantagePlan,
    alphaVantage: {
      ALPHAVANTAGE_SECRET_ARN: secrets.alphaVantage.secretArn,
      ALPHAVANTAGE_BASE_URL: alphaVantage.baseUrl,
      ...alphaVantagePlan,
    },
  };
}
