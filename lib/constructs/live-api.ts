import { Duration, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  LogGroupLogDestination,
  WebSocketApi,
  type WebSocketRoute,
  WebSocketStage,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct, type IDependable } from 'constructs';
import { LIVE_ROUTES } from '../../contract/schemas/live';
import { acknowledge, wildcardFinding } from '../compliance/acknowledge';
import { constructId } from '../construct-id';
import { API_STAGE } from '../names';
import { declareAlarm } from './alarm-definition';
import { type HostProps } from './api-domain';
import { type FunctionGround } from './function-ground';
import { LiveDomain } from './live-domain';
import { EncryptedLogGroup } from './log-group';
import { PlatformFunction } from './platform-function';
import { portfolioEnvironment } from './portfolio-access';
import { QueueWorker } from './queue-worker';

export interface LiveApiProps {
  readonly ground: FunctionGround;
  readonly userPoolId: string;
  /** Lets API Gateway write logs. */
  readonly account: IDependable;
  /** The name it answers under. @default API Gateway's own name */
  readonly domain?: HostProps;
}

/** What is kept of a message. No token, which may stand in the query, and no body. */
const ACCESS_LOG = {
  request_id: '$context.requestId',
  time: '$context.requestTime',
  route: '$context.routeKey',
  event: '$context.eventType',
  connection_id: '$context.connectionId',
  status: '$context.status',
  integration_ms: '$context.integrationLatency',
  address: '$context.identity.sourceIp',
  user_id: '$context.authorizer.principalId',
  error: '$context.error.responseType',
};

/**
 * The WebSocket API: who connects is authorized by a function, what is said comes to another, and a third pushes what
 * happens. WAF cannot stand before such an API: throttling and the authorizer keep it.
 */
export class LiveApi extends Construct {
  /** `wss://…`, without a slash at the end. */
  readonly url: string;
  readonly functions: readonly PlatformFunction[];
  private readonly api: WebSocketApi;
  private readonly props: LiveApiProps;

  constructor(scope: Construct, id: string, props: LiveApiProps) {
    super(scope, id);
    this.props = props;
    const { ground, userPoolId, domain } = props;
    this.api = new WebSocketApi(this, 'Api', {
      apiName: `signal9-${ground.config.env}-live`,
      description: `Signal9 ${ground.config.env}, live`,
      // A message that is no JSON has no action either, and comes by $default as every other does.
      routeSelectionExpression: '$request.body.action',
    });
    const stage = this.stage();
    const host = `${this.api.apiId}.execute-api.${Stack.of(this).region}.amazonaws.com`;
    const posting = { LIVE_ENDPOINT: `https://${host}/${API_STAGE}` };

    const authorizer = new PlatformFunction<'live-authorizer'>(this, 'Authorizer', {
      function: 'live-authorizer',
      ground,
      environment: { USER_POOL_ID: userPoolId },
      suffering: 'Nobody can connect, and the console shows values that do not move.',
      failed: 'caller',
    });
    const live = new PlatformFunction<'live'>(this, 'Live', {
      function: 'live',
      ground,
      environment: { ...portfolioEnvironment(ground.portfolio.access), ...posting },
      suffering: 'Nobody can connect or choose what to watch.',
      failed: 'caller',
    });
    const { worker: push } = new QueueWorker(this, 'Push', {
      queue: 'live',
      ground,
      environment: posting,
      concurrency: 20,
      behindAfter: Duration.minutes(1),
      suffering: 'What is shown live is late, or not told at all.',
    });
    this.addRoutes(authorizer, live);
    for (const poster of [live, push]) this.allowPosting(poster);
    this.functions = [authorizer, live, push];
    if (domain) new LiveDomain(this, 'Domain', { ...domain, api: this.api, stage });
    this.url = domain ? `wss://${domain.host}` : `wss://${host}/${API_STAGE}`;
    this.watch(stage);
  }

  private stage(): WebSocketStage {
    const { config, key } = this.props.ground;
    const logGroup = new EncryptedLogGroup(this, 'AccessLogs', { config, key });
    const { ratePerSecond, burst } = config.api.throttle;
    const stage = new WebSocketStage(this, 'Stage', {
      webSocketApi: this.api,
      stageName: API_STAGE,
      autoDeploy: true,
      throttle: { rateLimit: ratePerSecond, burstLimit: burst },
      detailedMetricsEnabled: true,
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
    stage.node.addDependency(this.props.account);
    return stage;
  }

  private addRoutes(authorizer: PlatformFunction, live: PlatformFunction): void {
    // No identity source: API Gateway demands every one that is named, and a token comes by header or by query.
    const authorized = new WebSocketLambdaAuthorizer('ByToken', authorizer.function, { identitySource: [] });
    for (const route of LIVE_ROUTES) {
      const made = this.api.addRoute(route, {
        integration: new WebSocketLambdaIntegration(`${constructId(route.slice(1))}Integration`, live.function),
        ...(route === '$connect' && { authorizer: authorized }),
      });
      if (route !== '$connect') acknowledgeRoute(made);
    }
  }

  /** To send to connections, and to end them. */
  private allowPosting(poster: PlatformFunction): void {
    for (const method of ['POST', 'DELETE']) {
      const arn = Stack.of(this).formatArn({
        service: 'execute-api',
        resource: this.api.apiId,
        resourceName: `${API_STAGE}/${method}/@connections/*`,
      });
      poster.allow(['execute-api:ManageConnections'], [arn]);
      acknowledge(
        poster.role,
        wildcardFinding(this, arn),
        'The connections of this one API, which get their ids when people connect: no policy can name them before',
      );
    }
  }

  private watch(stage: WebSocketStage): void {
    for (const metricName of ['IntegrationError', 'ExecutionError'])
      declareAlarm(this, {
        id: metricName === 'IntegrationError' ? 'live-integration-errors' : 'live-execution-errors',
        metric: stage.metric(metricName, { statistic: 'Sum', period: Duration.minutes(5) }),
        threshold: 5,
        severity: 'ticket',
        suffering: 'Connections are refused, or what clients say is not heard.',
        runbook: 'live-errors',
      });
  }
}

function acknowledgeRoute(route: WebSocketRoute): void {
  acknowledge(
    route,
    'AwsSolutions-APIG4',
    'A WebSocket API authorizes when a connection is made, on $connect, and takes no authorizer on other routes: what comes by them comes from a connection whose token was valid',
  );
}
