import { Duration } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  AuthorizationType,
  CognitoUserPoolsAuthorizer,
  EndpointType,
  JsonSchemaType,
  LambdaIntegration,
  LogGroupLogDestination,
  type Method,
  Model,
  RequestValidator,
  RestApi,
  type Stage,
} from 'aws-cdk-lib/aws-apigateway';
import { type IUserPool } from 'aws-cdk-lib/aws-cognito';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { FunctionId } from '../../contract/functions';
import { type Route, scopesOf } from '../../contract/route';
import { routes } from '../../contract/routes';
import { acknowledge, acknowledgeRule } from '../compliance/acknowledge';
import { type Config } from '../config';
import { API_STAGE } from '../names';
import { declareAlarm } from './alarm-definition';
import { ApiAccount } from './api-account';
import { ApiDomain, type HostProps } from './api-domain';
import { GatewayResponses } from './gateway-responses';
import { EncryptedLogGroup } from './log-group';
import { methodOptions } from './method-options';
import { addPreflights } from './preflights';
import { parametersOf } from './route-parameters';
import { ServiceLink, type ServiceLinkProps } from './service-link';

type ContractRoute = (typeof routes)[keyof typeof routes];
/** The functions behind the contract's routes. */
export type RouteFunctions = Readonly<Record<Extract<ContractRoute, { function: FunctionId }>['function'], IFunction>>;

export interface ContractApiProps {
  readonly config: Config;
  /** Encrypts the logs. */
  readonly key: IKey;
  readonly userPool: IUserPool;
  readonly functions: RouteFunctions;
  /** The way to the portfolio service. */
  readonly service: ServiceLinkProps;
  /** The only origin that CORS lets in. */
  readonly corsOrigin: string;
  /** The name it answers under, and then no more under API Gateway's. @default API Gateway's own name */
  readonly domain?: HostProps;
}

const ALL: readonly Route[] = Object.values(routes);

/** What is kept of a request. No token, no query, no body. */
const ACCESS_LOG = {
  request_id: '$context.requestId',
  time: '$context.requestTime',
  method: '$context.httpMethod',
  route: '$context.resourcePath',
  status: '$context.status',
  latency_ms: '$context.responseLatency',
  integration_ms: '$context.integrationLatency',
  bytes: '$context.responseLength',
  address: '$context.identity.sourceIp',
  user_id: '$context.authorizer.claims.sub',
  client_id: '$context.authorizer.claims.client_id',
  error: '$context.error.responseType',
  trace: '$context.xrayTraceId',
};

/** The REST API, made of the contract's routes: authorizer and scopes, validation, throttling, CORS, logs and cache. */
export class ContractApi extends Construct {
  /** Of the stage, which is what a firewall stands before. */
  readonly stageArn: string;
  /** Without a slash at the end. */
  readonly url: string;
  /** Lets API Gateway write logs, of other APIs too. */
  readonly account: ApiAccount;
  private readonly api: RestApi;
  private readonly props: ContractApiProps;

  constructor(scope: Construct, id: string, props: ContractApiProps) {
    super(scope, id);
    this.props = props;
    const { config, key, corsOrigin } = props;
    this.account = new ApiAccount(this, 'Account');
    const logGroup = new EncryptedLogGroup(this, 'AccessLogs', { config, key });
    this.api = new RestApi(this, 'Api', {
      restApiName: `signal9-${config.env}`,
      description: `Signal9 ${config.env}`,
      endpointTypes: [EndpointType.REGIONAL],
      // Ours is above: CDK's role comes with a managed policy of AWS's.
      cloudWatchRole: false,
      disableExecuteApiEndpoint: props.domain !== undefined,
      // A browser asks for an image with these types first, and only then are base64 answers turned into bytes.
      binaryMediaTypes: ['image/png', 'image/avif', 'image/webp'],
      deployOptions: {
        stageName: API_STAGE,
        accessLogDestination: new LogGroupLogDestination(logGroup),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
        tracingEnabled: true,
        cacheClusterEnabled: config.api.cache !== null,
        cacheClusterSize: config.api.cache?.sizeGb,
        methodOptions: methodOptions(config),
      },
    });
    this.api.deploymentStage.node.addDependency(this.account, this.executionLogs());
    acknowledgeStage(this.api.deploymentStage, config);
    this.addRoutes();
    new GatewayResponses(this, 'GatewayResponses', { api: this.api, corsOrigin });
    if (props.domain) new ApiDomain(this, 'Domain', { ...props.domain, api: this.api });
    this.stageArn = this.api.deploymentStage.stageArn;
    this.url = props.domain ? `https://${props.domain.host}` : this.api.url.replace(/\/$/, '');
    this.watch();
  }

  /** API Gateway would make this group itself, without retention and without our key. */
  private executionLogs(): EncryptedLogGroup {
    const { config, key } = this.props;
    const name = `API-Gateway-Execution-Logs_${this.api.restApiId}/${API_STAGE}`;
    return new EncryptedLogGroup(this, 'ExecutionLogs', { config, key, name });
  }

  private addRoutes(): void {
    const { api, props } = this;
    const link = new ServiceLink(this, 'Service', props.service);
    const authorizer = new CognitoUserPoolsAuthorizer(this, 'Authorizer', { cognitoUserPools: [props.userPool] });
    const validator = new RequestValidator(this, 'Validator', {
      restApi: api,
      validateRequestParameters: true,
      validateRequestBody: true,
    });
    const anObject = new Model(this, 'AnObject', {
      restApi: api,
      contentType: 'application/json',
      description: 'Any JSON object; the handler checks its fields and names what is wrong',
      schema: { type: JsonSchemaType.OBJECT },
    });
    for (const route of ALL) {
      const parameters = parametersOf(route);
      const method = api.root
        .resourceForPath(route.path)
        .addMethod(
          route.method,
          route.service === undefined ? this.lambda(route, parameters) : link.integration(route),
          {
            operationName: route.id,
            requestParameters: parameters,
            requestValidator: validator,
            // A file is no object: the service reads it line by line, and names the line that is wrong.
            ...(route.body && route.bodyMediaType === undefined && { requestModels: { 'application/json': anObject } }),
            ...(route.access === 'public'
              ? { authorizationType: AuthorizationType.NONE }
              : {
                  authorizationType: AuthorizationType.COGNITO,
                  authorizer,
                  authorizationScopes: [...scopesOf(route.access)],
                }),
          },
        );
      if (route.service !== undefined) link.attach(method);
      if (route.access === 'public') acknowledgePublic(method, route);
    }
    addPreflights(api, props.corsOrigin);
  }

  private lambda(route: Route, parameters: Record<string, boolean>): LambdaIntegration {
    return new LambdaIntegration(this.props.functions[route.function as keyof RouteFunctions], {
      // One permission a function and API, where the default makes two a method.
      scopePermissionToMethod: false,
      // What is not a key of the cache does not tell one answer from another.
      ...(route.cache === 'shared' && { cacheKeyParameters: Object.keys(parameters) }),
    });
  }

  private watch(): void {
    const period = Duration.minutes(5);
    declareAlarm(this, {
      id: 'api-errors',
      metric: this.api.metricServerError({ period, statistic: 'Sum' }),
      threshold: 5,
      severity: 'page',
      suffering: 'The console shows errors, and callers of the API get 500.',
      runbook: 'api-errors',
    });
    declareAlarm(this, {
      id: 'api-slow',
      metric: this.api.metricLatency({ period, statistic: 'p95' }),
      threshold: 2000,
      periods: 3,
      severity: 'ticket',
      suffering: 'One answer in twenty takes longer than two seconds.',
      runbook: 'api-slow',
    });
  }
}

function acknowledgeStage(stage: Stage, { api }: Config): void {
  if (!api.firewall)
    acknowledge(
      stage,
      'AwsSolutions-APIG3',
      'An environment that only its makers use, with nothing of value in it, goes without WAF by its configuration, which prod is refused: every route but the documentation and the health check wants a token, and the stage throttles all methods (api.throttle)',
    );
  acknowledgeRule(
    stage,
    'APIGWCacheEnabledAndEncrypted',
    'The rule asks for a cache on every method, which would show the answer to one caller to the next. The methods that answer everybody alike are cached, encrypted; the contract says which',
  );
  if (api.cache === null)
    acknowledge(
      stage,
      'Checkov-CKV_AWS_120',
      'A cache is paid for by the hour, whether somebody calls or not, and saves nothing where few do. Without one every answer is fresh; in prod the configuration has one, for the methods that answer everybody alike',
    );
  acknowledgeRule(
    stage,
    'APIGWSSLEnabled',
    'Methods end at functions, which API Gateway calls over the signed API of Lambda and never with a client certificate, or by its VPC link at the load balancer of the service, which serves over TLS; a certificate shown there would be checked by nobody, and the service verifies the token of the caller itself',
  );
}

function acknowledgePublic(method: Method, route: Route): void {
  const reason = `${route.method} ${route.path} is public by the contract and speaks of no person: ${route.summary}`;
  acknowledge(method, 'AwsSolutions-APIG4', reason);
  acknowledge(method, 'AwsSolutions-COG4', reason);
  acknowledge(method, 'Checkov-CKV_AWS_59', reason);
}
