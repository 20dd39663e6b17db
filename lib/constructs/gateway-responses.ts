import { type IRestApi, ResponseType, GatewayResponse } from 'aws-cdk-lib/aws-apigateway';
import { Construct } from 'constructs';
import { constructId } from '../construct-id';

export interface GatewayResponsesProps {
  readonly api: IRestApi;
  /** The one origin whose scripts may read the answers. */
  readonly corsOrigin: string;
}

interface Answer {
  /** @default API Gateway's own */
  readonly status?: number;
  readonly code: string;
  /** A JSON string, or a variable of API Gateway that is one. */
  readonly message: string;
}

/** API Gateway's own word on the request, quoted already: it names the parameter that is missing. */
const ITS_OWN_WORDS = '$context.error.messageString';
const say = (message: string): string => JSON.stringify(message);

/**
 * What API Gateway answers before a handler is reached, in the shape of the contract's errors. API Gateway cannot list
 * `details`: it names no fields, and only turns away what cannot be parsed at all.
 */
const ANSWERS: Readonly<Record<string, Answer>> = {
  DEFAULT_4XX: { code: 'bad_request', message: say('The request was refused') },
  DEFAULT_5XX: { code: 'internal_error', message: say('Something went wrong on our side') },
  BAD_REQUEST_PARAMETERS: { status: 400, code: 'invalid_request', message: ITS_OWN_WORDS },
  BAD_REQUEST_BODY: { status: 400, code: 'invalid_request', message: say('The body must be a JSON object') },
  UNAUTHORIZED: { status: 401, code: 'unauthorized', message: say('A valid access token is needed') },
  EXPIRED_TOKEN: { status: 401, code: 'unauthorized', message: say('The access token has expired') },
  ACCESS_DENIED: { status: 403, code: 'forbidden', message: say('The access token does not carry the scope') },
  WAF_FILTERED: { status: 403, code: 'forbidden', message: say('The request was refused by the firewall') },
  // API Gateway's 403 for a path or method that it does not know.
  MISSING_AUTHENTICATION_TOKEN: { status: 404, code: 'not_found', message: say('There is no such route') },
  RESOURCE_NOT_FOUND: { status: 404, code: 'not_found', message: say('There is no such route') },
  REQUEST_TOO_LARGE: { status: 413, code: 'too_large', message: say('The body is larger than 10 MB') },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, code: 'unsupported_media_type', message: say('The body must be JSON') },
  THROTTLED: { status: 429, code: 'too_many_requests', message: say('Too many requests; try again in a moment') },
  QUOTA_EXCEEDED: { status: 429, code: 'too_many_requests', message: say('The quota is used up') },
  INTEGRATION_TIMEOUT: { status: 504, code: 'timeout', message: say('The answer took too long') },
};

export class GatewayResponses extends Construct {
  constructor(scope: Construct, id: string, props: GatewayResponsesProps) {
    super(scope, id);
    const { api, corsOrigin } = props;
    for (const [type, { status, code, message }] of Object.entries(ANSWERS))
      new GatewayResponse(this, constructId(type.toLowerCase().replaceAll('_', '-')), {
        restApi: api,
        type: ResponseType.of(type),
        statusCode: status?.toString(),
        responseHeaders: {
          // Without it a browser shows the console no error at all.
          'Access-Control-Allow-Origin': `'${corsOrigin}'`,
          Vary: "'Origin'",
        },
        templates: {
          'application/json': `{"error":{"code":"${code}","message":${message},"request_id":"$context.requestId"}}`,
        },
      });
  }
}
