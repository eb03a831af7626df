import { describe, expect, test } from '@jest/globals';
import { Duration } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import type { GuardedApiProps } from '../../../lib/apis/guarded-api-props.ts';
import { ownApis, propertiesOf, synthesized } from './own-apis.ts';

const { ownApi } = ownApis();

describe('an API with allowed origins', () => {
  const ORIGINS = ['https://app.example.com', 'http://localhost:5173'];
  const build = (props: Partial<GuardedApiProps> = {}, profileName = 'standard') => {
    const { stack, api, fn } = ownApi(profileName, { allowedOrigins: ORIGINS, ...props });
    const path = profileName === 'supertone' ? '/v1/voices' : '/users';
    api.addRoute('GET', path, fn);
    if (profileName !== 'supertone') {
      api.addRoute('POST', path, fn);
      api.addRoute('ANY', `${path}/{id}`, fn);
    }
    return synthesized(stack);
  };
  const methodsOf = (template: Template) => propertiesOf(template, 'AWS::ApiGateway::Method');
  const optionsOf = (template: Template) =>
    methodsOf(template).filter(({ HttpMethod }) => HttpMethod === 'OPTIONS');
  const gatewayHeaders = (template: Template) =>
    new Map<string, Record<string, string>>(
      propertiesOf(template, 'AWS::ApiGateway::GatewayResponse').map(
        ({ ResponseType, ResponseParameters }) => [ResponseType, ResponseParameters],
      ),
    );
  const ALLOW = 'gatewayresponse.header.Access-Control-Allow-Origin';

  test('answers OPTIONS once on each resource, without an authorizer and without a function', () => {
    const template = build({ allowedHeaders: ['X-Trace', 'authorization'] });
    const options = optionsOf(template);
    const resources = methodsOf(template).map(({ ResourceId }) => JSON.stringify(ResourceId));
    expect(options.map(({ ResourceId }) => JSON.stringify(ResourceId)).sort()).toEqual(
      [...new Set(resources)].sort(),
    );
    for (const { AuthorizationType, AuthorizerId, ApiKeyRequired, Integration } of options) {
      expect({ AuthorizationType, AuthorizerId, ApiKeyRequired }).toEqual({ AuthorizationType: 'NONE' });
      expect(Integration.Type).toBe('MOCK');
      const [{ StatusCode, ResponseParameters, ResponseTemplates }, ...others] =
        Integration.IntegrationResponses;
      expect({ StatusCode, others }).toEqual({ StatusCode: '204', others: [] });
      expect(ResponseParameters).toMatchObject({
        'method.response.header.Vary': "'Origin'",
        'method.response.header.Access-Control-Allow-Headers': expect.stringMatching(
          /^'Authorization, Content-Type, Idempotency-Key, .*, X-Trace'$/,
        ),
      });
      expect(ResponseParameters).not.toHaveProperty(['method.response.header.Access-Control-Allow-Origin']);
      const [text] = Object.values(ResponseTemplates) as string[];
      for (const origin of ORIGINS)
        expect(text).toContain(
          `#set($context.responseOverride.header.Access-Control-Allow-Origin = "${origin}")`,
        );
      expect(text?.match(/responseOverride/g)).toHaveLength(ORIGINS.length);
    }
    const listed = options.map(
      ({ Integration }) =>
        Integration.IntegrationResponses[0].ResponseParameters[
          'method.response.header.Access-Control-Allow-Methods'
        ],
    );
    expect(listed.sort()).toEqual(["'GET, POST'", "'GET, POST, PUT, PATCH, DELETE, HEAD'"]);
  });

  test('never allows every page: no header and no template holds a *', () => {
    const template = build();
    const holding = [
      ...propertiesOf(template, 'AWS::ApiGateway::GatewayResponse').map(
        ({ ResponseParameters }) => ResponseParameters,
      ),
      ...optionsOf(template).map(({ Integration }) => Integration),
    ];
    expect(holding.length).toBeGreaterThan(10);
    expect(JSON.stringify(holding)).not.toContain('*');
    expect(JSON.stringify(holding)).not.toMatch(/"method\.request\.header\.origin"/i);
    expect(() => build({ allowedOrigins: ['*'] })).toThrow(
      'allowedOrigins holds "*": name each origin, since * would let in pages that you did not name.',
    );
    expect(() => build({ allowedOrigins: [] })).toThrow('allowedOrigins must be a list of origins');
    for (const name of ['*', 'X Trace', '', "X'"])
      expect(() => build({ allowedHeaders: [name] })).toThrow('allowedHeaders must be names of headers');
  });

  test('names its first origin in API Gateway’s own answers, and the origin of the caller in the authorizer’s denials', () => {
    const several = gatewayHeaders(build());
    const one = gatewayHeaders(build({ allowedOrigins: ORIGINS.slice(0, 1) }));
    expect(one.size).toBeGreaterThan(10);
    for (const [type, headers] of several) {
      const isRefusal = type === 'ACCESS_DENIED';
      expect({ type, allows: headers[ALLOW] }).toEqual({
        type,
        allows: isRefusal ? 'context.authorizer.allowedOrigin' : `'${ORIGINS[0]}'`,
      });
      expect(headers['gatewayresponse.header.Vary']).toBe("'Origin'");
      expect(headers['gatewayresponse.header.Access-Control-Expose-Headers']).toMatch(
        /^'Retry-After, RateLimit, RateLimit-Policy, WWW-Authenticate, X-Amzn-Remapped-WWW-Authenticate, /,
      );
      expect(one.get(type)?.[ALLOW]).toBe(`'${ORIGINS[0]}'`);
    }
    // A cached verdict would name the page that asked first.
    const verdictCache = { ttl: Duration.seconds(30), checkedAgainBy: 'guard' } as const;
    const kept = gatewayHeaders(build({ verdictCache }, 'supertone'));
    expect(kept.get('ACCESS_DENIED')?.[ALLOW]).toBe(`'${ORIGINS[0]}'`);
  });

  test('lets pages send the header for the product’s credential and the one that names a workspace', () => {
    const acceptedBy = (profileName: string, path: string): string => {
      const { stack, api, fn } = ownApi(profileName, { allowedOrigins: ORIGINS });
      api.addRoute('GET', path, fn);
      const [response] = optionsOf(synthesized(stack)).flatMap(
        ({ Integration }) => Integration.IntegrationResponses,
      );
      return response.ResponseParameters['method.response.header.Access-Control-Allow-Headers'];
    };
    expect(acceptedBy('supertone', '/v1/voices')).toContain('x-sup-api-key');
    expect(acceptedBy('sophic', '/api/v1/documents')).toContain('x-sophic-workspace');
  });

  test('refuses a second OPTIONS method and says why', () => {
    const { api, fn } = ownApi('standard', { allowedOrigins: ORIGINS });
    expect(() => api.addPublicRoute('OPTIONS', '/users', fn)).toThrow(
      'OPTIONS /users: leave it out, since API Gateway answers it where allowedOrigins are given.',
    );
  });
});
