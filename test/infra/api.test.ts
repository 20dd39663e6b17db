// A template is JSON without a type of its own.
/* eslint-disable @typescript-eslint/no-unsafe-return */
import { pathParameters, type Route, scopesOf } from '../../contract/route';
import { routes } from '../../contract/routes';
import { functions } from '../../contract/functions';
import { Match } from 'aws-cdk-lib/assertions';
import { EDGE_HEADER, VIEWER_HEADER } from '../../lib/names';
import { ofType, type Properties, referredTo, type SynthesisedStack, stack, strings } from './synthesised';

const all: readonly Route[] = Object.values(routes);

/** `GET /assets/{assetId}` → its method, by walking the resources up to the root. */
function methodsOf(api: SynthesisedStack) {
  const resources = new Map(
    ofType(api, 'AWS::ApiGateway::Resource').map((resource) => [resource.logicalId, resource.properties]),
  );
  const path = (id: string | undefined): string => {
    const resource = id === undefined ? undefined : resources.get(id);
    return resource ? `${path(referredTo(resource.ParentId))}/${resource.PathPart as string}` : '';
  };
  return new Map(
    ofType(api, 'AWS::ApiGateway::Method').map(({ properties }) => [
      `${properties.HttpMethod as string} ${path(referredTo(properties.ResourceId))}`,
      properties,
    ]),
  );
}

describe('the REST API', () => {
  const dev = stack('dev', 'Api');
  const prod = stack('prod', 'Api');
  const methods = methodsOf(dev);

  test('has the routes of the contract and no others', () => {
    const made = [...methods.keys()].filter((key) => !key.startsWith('OPTIONS'));
    expect(made.sort()).toEqual(all.map(({ method, path }) => `${method} ${path}`).sort());
  });

  describe.each(all.map((route) => [`${route.method} ${route.path}`, route] as const))('%s', (key, route) => {
    const method = methods.get(key)!;

    test(`is for ${route.access} callers`, () => {
      if (route.access === 'public') expect(method.AuthorizationType).toBe('NONE');
      else {
        expect(method.AuthorizationType).toBe('COGNITO_USER_POOLS');
        expect(method.AuthorizationScopes).toEqual(scopesOf(route.access));
      }
    });

    test('is checked for its parameters, and its body for being an object, unless it is a file', () => {
      expect(method.RequestValidatorId).toBeDefined();
      for (const [, name] of route.path.matchAll(/\{(\w+)\}/g))
        expect(method.RequestParameters).toHaveProperty([`method.request.path.${name!}`], true);
      expect(method.RequestModels !== undefined).toBe(route.body !== undefined && route.bodyMediaType === undefined);
    });

    if (route.service !== undefined) {
      test('is passed on to the service as it is, through the VPC link, to its load balancer', () => {
        const { Integration } = method;
        expect(Integration).toMatchObject({
          Type: 'HTTP_PROXY',
          IntegrationHttpMethod: route.method,
          ConnectionType: 'VPC_LINK',
          ConnectionId: { Ref: ofType(dev, 'AWS::ApiGatewayV2::VpcLink')[0]!.logicalId },
          TimeoutInMillis: 29_000,
        });
        expect(strings(Integration.IntegrationTarget).join('')).toMatch(/^Fn::ImportValue.*Compute:.*LoadBalancer/);
        expect(strings(Integration.Uri).join('')).toMatch(/http:\/\/.*LoadBalancer/);
        expect(strings(Integration.Uri).at(-1)).toBe(route.path);
        // The service answers for itself: neither headers nor bodies are mapped.
        expect(Integration.RequestTemplates ?? Integration.IntegrationResponses).toBeUndefined();
        for (const name of pathParameters(route.path))
          expect(Integration.RequestParameters).toMatchObject({
            [`integration.request.path.${name}`]: `method.request.path.${name}`,
          });
        expect(Integration.RequestParameters['integration.request.header.X-Request-Id']).toBe('context.requestId');
      });
    }

    const { function: id } = route;
    if (id === undefined) return;

    test(`is answered by ${id}`, () => {
      const integration = method.Integration;
      const [handler] = strings(integration.Uri).filter((text) =>
        dev.resources.some(({ logicalId }) => logicalId === text),
      );
      const { properties } = dev.resources.find(({ logicalId }) => logicalId === handler)!;
      expect(properties.Description).toBe(functions[id].description);
    });
  });

  test('the validator checks parameters and bodies', () => {
    dev.template.hasResourceProperties('AWS::ApiGateway::RequestValidator', {
      ValidateRequestParameters: true,
      ValidateRequestBody: true,
    });
  });

  describe('cache', () => {
    const settings = (of: SynthesisedStack) =>
      ofType(of, 'AWS::ApiGateway::Stage')[0]!.properties.MethodSettings as {
        HttpMethod: string;
        ResourcePath: string;
        CachingEnabled?: boolean;
        CacheDataEncrypted?: boolean;
      }[];

    test('serves, in prod, the routes that the contract marks shared, encrypted, and no other', () => {
      const cached = settings(prod).filter(({ CachingEnabled }) => CachingEnabled);
      const path = (resourcePath: string) => resourcePath.replace(/^\//, '').replaceAll('~1', '/');
      expect(cached.map((s) => `${s.HttpMethod} ${path(s.ResourcePath)}`).sort()).toEqual(
        all
          .filter((route) => route.cache === 'shared')
          .map(({ method, path: p }) => `${method} ${p}`)
          .sort(),
      );
      for (const { CacheDataEncrypted } of cached) expect(CacheDataEncrypted).toBe(true);
      // A stage with a cache caches every GET that is not told otherwise.
      expect(settings(prod).find((s) => s.ResourcePath === '/*')!.CachingEnabled).toBe(false);
    });

    test('tells answers apart by every parameter of the route', () => {
      for (const [key, method] of methodsOf(prod)) {
        const route = all.find((candidate) => `${candidate.method} ${candidate.path}` === key);
        if (route?.cache !== 'shared') continue;
        expect(method.Integration.CacheKeyParameters ?? []).toEqual(Object.keys(method.RequestParameters ?? {}));
        expect(method.Integration.CacheKeyParameters).toContain('method.request.header.If-None-Match');
      }
    });

    test('is not there in dev', () => {
      expect(ofType(dev, 'AWS::ApiGateway::Stage')[0]!.properties.CacheClusterEnabled).toBe(false);
    });
  });

  describe('CORS', () => {
    const DISTRIBUTION = /DistributionDomainName|DomainName/;
    const originsOf = (of: SynthesisedStack) => {
      const preflight = [...methodsOf(of)]
        .filter(([key]) => key.startsWith('OPTIONS'))
        .map(
          ([, method]) =>
            method.Integration.IntegrationResponses[0].ResponseParameters[
              'method.response.header.Access-Control-Allow-Origin'
            ],
        );
      const refused = ofType(of, 'AWS::ApiGateway::GatewayResponse').map(
        ({ properties }) => properties.ResponseParameters['gatewayresponse.header.Access-Control-Allow-Origin'],
      );
      return [...preflight, ...refused];
    };

    test('lets in the console’s origin only, also when a request is refused before it reaches a handler', () => {
      const prodOrigins = originsOf(prod);
      expect(new Set(prodOrigins)).toEqual(new Set(["'https://signal9.example.com'"]));
      expect(originsOf(stack('prod', 'Api', 'us-west-2'))[0]).toBe("'https://us-west-2.signal9.example.com'");
      for (const origin of originsOf(dev)) expect(strings(origin).join('')).toMatch(DISTRIBUTION);
    });

    test('is answered for every path with its methods', () => {
      for (const { path, method } of all)
        expect(
          methods.get(`OPTIONS ${path}`)!.Integration.IntegrationResponses[0].ResponseParameters[
            'method.response.header.Access-Control-Allow-Methods'
          ],
        ).toContain(method);
    });

    test('is told to every function behind a route, for only a handler can answer with it', () => {
      for (const { properties } of ofType(prod, 'AWS::Lambda::Function').filter(({ logicalId }) =>
        logicalId.startsWith('Functions'),
      ))
        expect(properties.Environment.Variables.CONSOLE_ORIGIN).toBe('https://signal9.example.com');
    });
  });

  describe('the functions of trading', () => {
    const ids = ['api-trade', 'api-trades'] as const;
    const made = (of: SynthesisedStack, id: (typeof ids)[number]) =>
      ofType(of, 'AWS::Lambda::Function').find(
        ({ properties }) => properties.Description === functions[id].description,
      )!.properties;

    test.each(ids)('%s runs in private subnets in every environment, with 512 MB for 30 seconds', (id) => {
      for (const of of [dev, stack('staging', 'Api'), prod]) {
        const { MemorySize, Timeout, VpcConfig } = made(of, id);
        expect({ MemorySize, Timeout }).toEqual({ MemorySize: 512, Timeout: 30 });
        expect(strings(VpcConfig.SubnetIds).join(' ')).toMatch(/privateSubnet1.*privateSubnet2/);
        expect(strings(VpcConfig.SecurityGroupIds).join(' ')).toMatch(/SecurityGroupsLedgerFunctions/);
      }
    });

    test.each(ids)('%s has a role of its own, which reads the ledger’s secret', (id) => {
      const role = referredTo(made(dev, id).Role);
      const wearers = ofType(dev, 'AWS::Lambda::Function').filter(
        ({ properties }) => referredTo(properties.Role) === role,
      );
      expect(wearers).toHaveLength(1);
      const policy = ofType(dev, 'AWS::IAM::ManagedPolicy').find(({ properties }) =>
        strings(properties.Roles).includes(role!),
      )!;
      const statements = policy.properties.PolicyDocument.Statement as { Action: unknown; Resource: unknown }[];
      const reads = statements.filter(({ Action }) => Action === 'secretsmanager:GetSecretValue');
      expect(strings(reads).join(' ')).toMatch(/LedgerCluster\w+MasterUserSecret/);
      expect(strings(statements).includes('rds-db:connect')).toBe(false);
    });

    test('reads go to the reader’s endpoint, bookings to the writer’s', () => {
      for (const id of ids) {
        const { LEDGER_WRITER_HOST, LEDGER_READER_HOST } = made(prod, id).Environment.Variables;
        expect(strings(LEDGER_WRITER_HOST).join('')).toMatch(/LedgerProxy(?!Readers)/);
        expect(strings(LEDGER_READER_HOST).join('')).toMatch(/LedgerProxyReaders/);
      }
    });

    test('other functions stay outside the VPC in dev', () => {
      const inside = ofType(dev, 'AWS::Lambda::Function').filter(
        ({ properties }) => properties.VpcConfig !== undefined,
      );
      // And `live`, which asks the portfolios' database whose a portfolio is.
      expect(inside).toHaveLength(ids.length + 1);
    });
  });

  test('errors before a handler have the shape of the contract, in valid JSON', () => {
    const responses = ofType(dev, 'AWS::ApiGateway::GatewayResponse');
    expect(responses.length).toBeGreaterThan(10);
    for (const { properties } of responses) {
      const template = (properties.ResponseTemplates['application/json'] as string).replace(
        '$context.error.messageString',
        '"…"',
      );
      const body = JSON.parse(template) as { error: Record<string, string> };
      expect(Object.keys(body.error)).toEqual(['code', 'message', 'request_id']);
      expect(body.error.request_id).toBe('$context.requestId');
    }
    dev.template.hasResourceProperties('AWS::ApiGateway::GatewayResponse', {
      ResponseType: 'MISSING_AUTHENTICATION_TOKEN',
      StatusCode: '404',
    });
    dev.template.hasResourceProperties('AWS::ApiGateway::GatewayResponse', {
      ResponseType: 'ACCESS_DENIED',
      StatusCode: '403',
    });
  });

  test('is throttled, logged as JSON without tokens or queries, traced, and never logs bodies', () => {
    const { properties } = ofType(prod, 'AWS::ApiGateway::Stage')[0]!;
    const format = JSON.parse(properties.AccessLogSetting.Format as string) as Record<string, string>;
    expect(Object.values(format).join(' ')).not.toMatch(/authorization|querystring|requestOverride|\$context\.path\b/i);
    expect(properties.TracingEnabled).toBe(true);
    for (const setting of properties.MethodSettings) {
      expect(setting).toMatchObject({
        LoggingLevel: 'ERROR',
        DataTraceEnabled: false,
        ThrottlingRateLimit: 500,
        ThrottlingBurstLimit: 1000,
      });
    }
  });

  describe('the firewall', () => {
    const staging = stack('staging', 'Api');
    const ruleOf = (of: SynthesisedStack, name: string) =>
      (ofType(of, 'AWS::WAFv2::WebACL')[0]!.properties.Rules as Properties[]).find(({ Name }) => Name === name)!;

    test('limits by address, and keeps no token in its log', () => {
      staging.template.hasResourceProperties('AWS::WAFv2::WebACL', {
        Scope: 'REGIONAL',
        Rules: Match.arrayWith([Match.objectLike({ Name: 'LimitByAddress', Action: { Block: {} } })]),
      });
      staging.template.resourceCountIs('AWS::WAFv2::WebACLAssociation', 1);
      staging.template.hasResourceProperties('AWS::WAFv2::LoggingConfiguration', {
        RedactedFields: Match.arrayWith([{ SingleHeader: { Name: 'authorization' } }]),
      });
    });

    test('keeps no token in the requests that it samples either, nor what CloudFront shows it', () => {
      for (const [of, headers] of [
        [staging, ['authorization']],
        [prod, ['authorization', EDGE_HEADER]],
      ] as const)
        of.template.hasResourceProperties('AWS::WAFv2::WebACL', {
          DataProtectionConfig: {
            DataProtections: [
              { Action: 'SUBSTITUTION', Field: { FieldType: 'SINGLE_HEADER', FieldKeys: headers } },
              { Action: 'SUBSTITUTION', Field: { FieldType: 'QUERY_STRING' } },
            ],
          },
        });
    });

    test('is not there in dev, whose stage is throttled all the same', () => {
      for (const of of [dev, stack('pr3522', 'Api')]) {
        of.template.resourceCountIs('AWS::WAFv2::WebACL', 0);
        for (const setting of ofType(of, 'AWS::ApiGateway::Stage')[0]!.properties.MethodSettings as Properties[])
          expect(setting).toMatchObject({ ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 });
      }
    });

    test('counts who asked CloudFront where a request shows that it came through it, and else who asks', () => {
      const statement = (name: string) => ruleOf(prod, name).Statement.RateBasedStatement as Properties;
      const [direct, through] = [statement('LimitByAddress'), statement('LimitByViewer')];
      const came = through.ScopeDownStatement as Properties;
      expect(through).toMatchObject({
        AggregateKeyType: 'FORWARDED_IP',
        ForwardedIPConfig: { HeaderName: VIEWER_HEADER, FallbackBehavior: 'MATCH' },
      });
      expect(came.ByteMatchStatement).toMatchObject({
        FieldToMatch: { SingleHeader: { Name: EDGE_HEADER } },
        PositionalConstraint: 'EXACTLY',
        SearchString: { 'Fn::ImportValue': 'Signal9-prod-us-east-1-Storage:Edge' },
      });
      // Every request is counted by one of the two.
      expect(direct.AggregateKeyType).toBe('IP');
      expect(direct.ScopeDownStatement).toEqual({ NotStatement: { Statement: came } });
      expect(direct.Limit).toBe(through.Limit);
      prod.template.hasResourceProperties('AWS::WAFv2::LoggingConfiguration', {
        RedactedFields: Match.arrayWith([{ SingleHeader: { Name: EDGE_HEADER } }]),
      });
      // Without a domain nobody comes by CloudFront, and a header proves nothing.
      expect(ruleOf(staging, 'LimitByViewer')).toBeUndefined();
      expect(ruleOf(staging, 'LimitByAddress').Statement.RateBasedStatement.ScopeDownStatement).toBeUndefined();
    });

    test('searches bodies for attacks, but not the files that people import', () => {
      const common = ruleOf(staging, 'AWSManagedRulesCommonRuleSet');
      const counted = (common.Statement.ManagedRuleGroupStatement.RuleActionOverrides as Properties[]).map(
        ({ Name, ActionToUse }) => {
          expect(ActionToUse).toEqual({ Count: {} });
          return Name as string;
        },
      );
      expect(counted.filter((name) => !name.endsWith('_BODY'))).toEqual([]);
      const refused = ruleOf(staging, 'RefuseBodies');
      expect(refused.Action).toEqual({ Block: {} });
      // Labels exist only for what runs after the group that leaves them.
      expect(refused.Priority).toBeGreaterThan(common.Priority as number);
      const [labels, ...unless] = refused.Statement.AndStatement.Statements as Properties[];
      // What is only counted is refused by its label, but for the size, which API Gateway limits to 10 MB.
      expect(
        (labels!.OrStatement.Statements as Properties[]).map(({ LabelMatchStatement: { Scope, Key } }) => {
          expect(Scope).toBe('LABEL');
          return (Key as string).replace('awswaf:managed:aws:core-rule-set:', '').replace(/_Body$/, '_BODY');
        }),
      ).toEqual(counted.filter((name) => name !== 'SizeRestrictions_BODY'));
      const files = all.filter(({ bodyMediaType }) => bodyMediaType !== undefined);
      expect(files.length).toBeGreaterThan(0);
      const exempt = unless.map(({ NotStatement }) => NotStatement.Statement.ByteMatchStatement as Properties);
      for (const { PositionalConstraint, FieldToMatch } of exempt)
        expect([PositionalConstraint, FieldToMatch]).toEqual(['ENDS_WITH', { UriPath: {} }]);
      const isExempt = (path: string) => exempt.some(({ SearchString }) => path.endsWith(SearchString as string));
      for (const { path, body, bodyMediaType } of all.filter((route) => route.body !== undefined))
        expect([path, isExempt(path)]).toEqual([path, body !== undefined && bodyMediaType !== undefined]);
    });
  });

  test('answers under its domain in prod, and there only', () => {
    prod.template.hasResourceProperties('AWS::ApiGateway::RestApi', { DisableExecuteApiEndpoint: true });
    prod.template.hasResourceProperties('AWS::ApiGateway::DomainName', {
      DomainName: 'api.signal9.example.com',
      SecurityPolicy: 'TLS_1_2',
    });
    expect(prod.outputs.RestUrl.Value).toBe('https://api.signal9.example.com');
    stack('prod', 'Api', 'us-east-2').template.hasResourceProperties('AWS::ApiGateway::DomainName', {
      DomainName: 'api-us-east-2.signal9.example.com',
      RegionalCertificateArn: Match.stringLikeRegexp('^arn:aws:acm:us-east-2:'),
    });
    dev.template.resourceCountIs('AWS::ApiGateway::DomainName', 0);
  });

  test('tells the portfolio service which user pool to believe, by a parameter that has a name', () => {
    dev.template.hasResourceProperties('AWS::SSM::Parameter', {
      Name: '/signal9/dev/user-pool-id',
      Value: { Ref: ofType(dev, 'AWS::Cognito::UserPool')[0]!.logicalId },
    });
  });

  test('tells the console where it is, in config.json', () => {
    const [file] = ofType(dev, 'Custom::ConsoleConfig');
    const text = strings(file!.properties.Content).join('');
    for (const word of ['api_url', 'live_url', 'user_pool_id', 'user_pool_client_id', 'sign_in_url'])
      expect(text).toContain(word);
    const writer = ofType(dev, 'AWS::Lambda::Function').find(
      ({ logicalId }) => logicalId === referredTo(file!.properties.ServiceToken),
    );
    expect(writer!.properties.Description).toBe(functions['console-config'].description);
    expect(file!.raw.DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/WriterRolePolicy/)]));
  });
});

describe('who people and machines are', () => {
  const dev = stack('dev', 'Api');
  const prod = stack('prod', 'Api');

  test('passwords are strong and nobody signs himself up', () => {
    for (const { template } of [dev, prod])
      template.hasResourceProperties('AWS::Cognito::UserPool', {
        AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
        Policies: {
          PasswordPolicy: Match.objectLike({
            MinimumLength: 12,
            RequireLowercase: true,
            RequireNumbers: true,
            RequireSymbols: true,
            RequireUppercase: true,
          }),
        },
      });
  });

  test('a time-based code is offered in dev and demanded in prod, never a text message', () => {
    dev.template.hasResourceProperties('AWS::Cognito::UserPool', {
      MfaConfiguration: 'OPTIONAL',
      EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
    });
    prod.template.hasResourceProperties('AWS::Cognito::UserPool', {
      MfaConfiguration: 'ON',
      EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
      UserPoolTier: 'PLUS',
      DeletionProtection: 'ACTIVE',
    });
  });

  test('the console keeps no secret and gets the scope of a person', () => {
    dev.template.hasResourceProperties('AWS::Cognito::UserPoolClient', {
      GenerateSecret: false,
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: Match.arrayWith(['aws.cognito.signin.user.admin']),
      ExplicitAuthFlows: Match.arrayWith(['ALLOW_USER_SRP_AUTH']),
      PreventUserExistenceErrors: 'ENABLED',
    });
  });

  test('a machine has a secret and may read the market, nothing else', () => {
    dev.template.hasResourceProperties('AWS::Cognito::UserPoolClient', {
      GenerateSecret: true,
      AllowedOAuthFlows: ['client_credentials'],
    });
    const [machine] = ofType(dev, 'AWS::Cognito::UserPoolClient').filter(({ properties }) => properties.GenerateSecret);
    expect(machine!.properties.AllowedOAuthScopes).toHaveLength(1);
    expect(strings(machine!.properties.AllowedOAuthScopes).join('')).toMatch(/market\.read$/);
    dev.template.hasResourceProperties('AWS::Cognito::UserPoolResourceServer', {
      Identifier: 'signal9',
      Scopes: [Match.objectLike({ ScopeName: 'market.read' })],
    });
  });
});
