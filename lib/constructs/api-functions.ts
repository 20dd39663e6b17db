import { Construct } from 'constructs';
import { version } from '../../package.json';
import { constructId } from '../construct-id';
import { type RouteFunctions } from './contract-api';
import { type FunctionGround } from './function-ground';
import { type OwnEnvironment, PlatformFunction } from './platform-function';
import { providerEnvironment } from './provider-environment';
import { tradingEnvironment } from './trading-environment';

export interface ApiFunctionsProps {
  readonly ground: FunctionGround;
  /** The origin that answers name in Access-Control-Allow-Origin: with a proxy integration only the handler can. */
  readonly consoleOrigin: string;
}

type RouteFunction = keyof RouteFunctions;

/** The functions behind the routes, each for a family of them. */
export class ApiFunctions extends Construct {
  readonly byId: RouteFunctions;
  /** Output ids and physical names. */
  readonly names: readonly (readonly [string, string])[];

  constructor(scope: Construct, id: string, props: ApiFunctionsProps) {
    super(scope, id);
    const { ground, consoleOrigin } = props;
    const { alpaca, alphaVantagePlan } = providerEnvironment(ground.config, ground.secrets);
    const { ledger, filling } = tradingEnvironment(ground);
    const make = <F extends RouteFunction>(id: F, environment: NoInfer<OwnEnvironment<F>>, suffering: string) =>
      new PlatformFunction<F>(this, constructId(id), { function: id, ground, environment, suffering, failed: 'caller' })
        .function;
    const common = { CONSOLE_ORIGIN: consoleOrigin };
    const versioned = { ...common, SIGNAL9_VERSION: version };

    this.byId = {
      'api-health': make(
        'api-health',
        { ...versioned, ...alphaVantagePlan, LEDGER_PAUSES: ledger.LEDGER_PAUSES },
        'Whoever watches the platform takes it for dead.',
      ),
      'api-docs': make('api-docs', versioned, 'The documentation of the API cannot be read.'),
      'api-assets': make('api-assets', { ...common, ...alpaca }, 'Assets, analyses and financials cannot be read.'),
      'api-market': make('api-market', common, 'News and the earnings calendar cannot be read.'),
      'api-users': make('api-users', common, 'Nobody can see or change their profile and preferences, or leave.'),
      'api-watchlists': make('api-watchlists', common, 'Nobody can see or change their watchlists.'),
      'api-trade': make('api-trade', { ...common, ...filling }, 'Nobody can trade: orders are answered with an error.'),
      'api-trades': make('api-trades', { ...common, ...ledger }, 'Nobody can see the trades that they made.'),
    };
    this.names = Object.entries(this.byId).map(([name, fn]) => [constructId(name), fn.functionName]);
  }
}
