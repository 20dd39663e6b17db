import { functions } from '../../contract/functions';
import { LIVE_ROUTES } from '../../contract/schemas/live';
import { ofType, referredTo, stack, strings, type SynthesisedStack } from './synthesised';

const dev = stack('dev', 'Api');
const prod = stack('prod', 'Api');
const made = (of: SynthesisedStack, id: keyof typeof functions) =>
  ofType(of, 'AWS::Lambda::Function').find(({ properties }) => properties.Description === functions[id].description)!;
const isMade = (of: SynthesisedStack, id: keyof typeof functions) =>
  ofType(of, 'AWS::Lambda::Function').some(({ properties }) => properties.Description === functions[id].description);
const statementsOf = (of: SynthesisedStack, id: keyof typeof functions) =>
  ofType(of, 'AWS::IAM::ManagedPolicy').find(({ properties }) =>
    strings(properties.Roles).includes(referredTo(made(of, id).properties.Role)!),
  )!.properties.PolicyDocument.Statement as { Action: string | string[]; Resource: unknown }[];

describe('the WebSocket API', () => {
  test('has the routes of the contract and no others, all answered by one function', () => {
    const routes = ofType(dev, 'AWS::ApiGatewayV2::Route').map(({ properties }) => properties.RouteKey as string);
    expect(routes.sort()).toEqual([...LIVE_ROUTES].sort());
    const integrations = ofType(dev, 'AWS::ApiGatewayV2::Integration');
    expect(integrations).toHaveLength(LIVE_ROUTES.length);
    for (const { properties } of integrations) {
      expect(properties.IntegrationType).toBe('AWS_PROXY');
      expect(strings(properties.IntegrationUri)).toContain(made(dev, 'live').logicalId);
    }
  });

  test('lets connect whom the authorizer admits, whether the token comes by header or by query', () => {
    const routes = ofType(dev, 'AWS::ApiGatewayV2::Route');
    const connect = routes.find(({ properties }) => properties.RouteKey === '$connect')!;
    const [authorizer] = ofType(dev, 'AWS::ApiGatewayV2::Authorizer');
    expect(connect.properties).toMatchObject({
      AuthorizationType: 'CUSTOM',
      AuthorizerId: { Ref: authorizer!.logicalId },
    });
    // With a source API Gateway would refuse whoever brings the token the other way, and never ask.
    expect(authorizer!.properties).toMatchObject({ AuthorizerType: 'REQUEST', IdentitySource: [] });
    expect(strings(authorizer!.properties.AuthorizerUri)).toContain(made(dev, 'live-authorizer').logicalId);
    expect(made(dev, 'live-authorizer').properties.Environment.Variables.USER_POOL_ID).toEqual({
      Ref: ofType(dev, 'AWS::Cognito::UserPool')[0]!.logicalId,
    });
  });

  test('may invoke its functions for this API only', () => {
    for (const id of ['live', 'live-authorizer'] as const) {
      const permissions = ofType(dev, 'AWS::Lambda::Permission').filter(
        ({ properties }) => referredTo(properties.FunctionName) === made(dev, id).logicalId,
      );
      expect(permissions.length).toBeGreaterThan(0);
      for (const { properties } of permissions) {
        expect(properties.Principal).toBe('apigateway.amazonaws.com');
        expect(strings(properties.SourceArn)).toContain(ofType(dev, 'AWS::ApiGatewayV2::Api')[0]!.logicalId);
      }
    }
  });

  test('logs neither a token nor what was said, and is throttled as the REST API is', () => {
    for (const [of, rate, burst] of [
      [dev, 50, 100],
      [prod, 500, 1000],
    ] as const) {
      const { properties } = ofType(of, 'AWS::ApiGatewayV2::Stage')[0]!;
      const format = JSON.parse(properties.AccessLogSettings.Format as string) as Record<string, string>;
      // A token may stand in the query and in the header of the subprotocol; $context.path would carry the first.
      expect(Object.values(format).join(' ')).not.toMatch(/query|header|protocol|body|\$context\.path/i);
      expect(format).toMatchObject({ connection_id: '$context.connectionId', route: '$context.routeKey' });
      expect(properties.DefaultRouteSettings).toMatchObject({
        ThrottlingRateLimit: rate,
        ThrottlingBurstLimit: burst,
        DetailedMetricsEnabled: true,
      });
      expect(properties.DefaultRouteSettings.DataTraceEnabled).toBeUndefined();
    }
  });

  test('logs when API Gateway may: after the one role of the account is named', () => {
    const [stage] = ofType(dev, 'AWS::ApiGatewayV2::Stage');
    expect(stage!.raw.DependsOn).toEqual(
      expect.arrayContaining([ofType(dev, 'AWS::ApiGateway::Account')[0]!.logicalId]),
    );
  });

  test('is posted to by the functions that the contract says, and by no other', () => {
    const posting = Object.entries(functions)
      .filter(([, definition]) => 'posts' in definition)
      .map(([id]) => id);
    for (const part of ['Compute', 'Api'] as const)
      for (const id of Object.keys(functions) as (keyof typeof functions)[]) {
        const of = stack('prod', part);
        if (!isMade(of, id)) continue;
        const manage = statementsOf(of, id).filter(({ Action }) => Action === 'execute-api:ManageConnections');
        const endpoint = made(of, id).properties.Environment.Variables.LIVE_ENDPOINT as unknown;
        expect([id, endpoint !== undefined, manage.length]).toEqual([
          id,
          posting.includes(id),
          posting.includes(id) ? 1 : 0,
        ]);
        if (endpoint === undefined) continue;
        expect(strings(endpoint).join('')).toMatch(
          /^Fn::Joinhttps:\/\/Ref.*\.execute-api\.us-east-1\.amazonaws\.com\/v1$/,
        );
        // To send and to end: of this API's one stage.
        const resources = [manage[0]!.Resource].flat().map((resource) => strings(resource).join(''));
        expect(resources.map((resource) => /\/v1\/([A-Z]+)\/@connections\/\*$/.exec(resource)?.[1])).toEqual([
          'DELETE',
          'POST',
        ]);
      }
    expect(posting.sort()).toEqual(['live', 'live-push']);
  });

  test('answers under its domain in prod, by its regions’ names', () => {
    prod.template.hasResourceProperties('AWS::ApiGatewayV2::DomainName', {
      DomainName: 'live.signal9.example.com',
      DomainNameConfigurations: [{ EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' }],
    });
    expect(prod.outputs.WebSocketUrl.Value).toBe('wss://live.signal9.example.com');
    stack('prod', 'Api', 'us-west-2').template.hasResourceProperties('AWS::ApiGatewayV2::DomainName', {
      DomainName: 'live-us-west-2.signal9.example.com',
    });
    dev.template.resourceCountIs('AWS::ApiGatewayV2::DomainName', 0);
    expect(strings(dev.outputs.WebSocketUrl.Value).join('')).toMatch(/wss:\/\/.*execute-api.*\/v1$/);
    for (const [of, host] of [
      [stack('prod', 'Storage'), 'wss://live.signal9.example.com'],
      [stack('dev', 'Storage'), 'wss://*.execute-api.us-east-1.amazonaws.com'],
    ] as const)
      expect(strings(ofType(of, 'AWS::CloudFront::ResponseHeadersPolicy')[0]!.properties).join(' ')).toContain(host);
  });
});
