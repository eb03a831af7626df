import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { GATEWAY_PROBLEMS } from '../../../core/errors/gateway-problem.ts';
import { refusalTexts } from '../../../lambdas/authorizer/principal-context.ts';
import { GuardedApi } from '../../../lib/apis/guarded-api.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { PropertyReader } from '../../../local/assembly/json.ts';
import {
  type FailureType,
  gatewayStatusOf,
  readGatewayResponse,
  renderGatewayResponse,
} from '../../../local/gateway/gateway-response.ts';
import standard from '../../../profiles/standard.json' with { type: 'json' };
import { ERRORS, ERRORS_DATA, madeUpBody, REFUSED_BODIES } from '../../made-up-errors.ts';
import { ownApis, propertiesOf, synthesized } from './own-apis.ts';

const { directory, ownApi } = ownApis();

/** The profile `standard` under another name, with more fields. */
function profileWith(name: string, fields: object): string {
  const path = join(directory, `${name}.json`);
  writeFileSync(path, JSON.stringify({ ...standard, name, ...fields }));
  return path;
}

describe('API Gateway’s own errors, for a product whose profile says how errors look', () => {
  const { stack, api, fn } = ownApi(profileWith('worded', { errors: ERRORS_DATA }));
  api.addRoute('GET', '/users', fn);
  const template = synthesized(stack);
  const responses = new Map(
    Object.entries(template.findResources('AWS::ApiGateway::GatewayResponse')).map(([id, { Properties }]) => [
      Properties.ResponseType as string,
      readGatewayResponse({ id, properties: new PropertyReader(id, Properties) } as never),
    ]),
  );
  /** As the local gateway answers it, with what the authorizer has put into its context. */
  const answerTo = (type: FailureType, context: object = {}) => {
    const values: Readonly<Record<string, unknown>> = { extendedRequestId: 'request-1', ...context };
    const lookup = (name: string) =>
      values[name.replace(/^context\.(authorizer\.)?/, '')] as string | undefined;
    const { statusCode, body } = renderGatewayResponse({ type, message: null }, responses, {
      accept: undefined,
      lookup,
    });
    return { statusCode, body: JSON.parse(body.toString('utf8')) };
  };

  test('follow the template and the words of the profile', () => {
    expect(answerTo('UNAUTHORIZED')).toEqual({ statusCode: 401, body: REFUSED_BODIES.unauthorized });
    for (const [denied, body] of [
      [{ code: 'forbidden' }, REFUSED_BODIES.forbidden],
      [{ code: 'insufficient_scope', requiredScope: 'write:all' }, REFUSED_BODIES.lacking('write:all')],
    ] as const)
      expect(answerTo('ACCESS_DENIED', refusalTexts(denied, ERRORS))).toEqual({ statusCode: 403, body });
    expect(answerTo('THROTTLED')).toEqual({
      statusCode: 429,
      body: { slow_down: GATEWAY_PROBLEMS.throttled.detail, http: 429 },
    });
    expect(answerTo('MISSING_AUTHENTICATION_TOKEN').body).toEqual(
      madeUpBody(404, 'not_found', 'Not Found', 'Nothing here'),
    );
  });

  test.each<FailureType>([
    ...(['UNAUTHORIZED', 'ACCESS_DENIED', 'THROTTLED', 'QUOTA_EXCEEDED', 'WAF_FILTERED'] as const),
    ...(['INVALID_API_KEY', 'UNSUPPORTED_MEDIA_TYPE', 'BAD_REQUEST', 'BAD_REQUEST_BODY'] as const),
    ...(['RESOURCE_NOT_FOUND', 'MISSING_AUTHENTICATION_TOKEN', 'EXPIRED_TOKEN'] as const),
    ...(['AUTHORIZER_FAILURE', 'API_CONFIGURATION_ERROR', 'INTEGRATION_TIMEOUT', 'BAD_GATEWAY'] as const),
  ])('have one status, in the answer as in the body: %s', (type) => {
    const { statusCode, body } = answerTo(type, refusalTexts({ code: 'forbidden' }, ERRORS));
    expect(body.http ?? body.error.http).toBe(statusCode);
    const own = gatewayStatusOf(type);
    // A path that does not exist is 404, whatever API Gateway takes it for.
    if (type.endsWith('TOKEN')) expect(statusCode).toBe(404);
    else if (own < 500) expect(statusCode).toBe(own);
    else expect(statusCode).toBeGreaterThanOrEqual(500);
  });

  test('repeat nothing that a caller controls', () => {
    const fixed =
      /^\$context\.(extendedRequestId|authorizer\.(code|title|detail|requiredScope(Value|Member)?))$/;
    for (const { templates } of responses.values()) {
      const printed = [...(templates['application/json'] ?? '').matchAll(/\$[\w.]+/g)].map(([name]) => name);
      expect(printed.filter((name) => !fixed.test(name))).toEqual([]);
    }
  });

  test('also reach the function behind the authorizer, as an environment variable', () => {
    const [variables] = propertiesOf(template, 'AWS::Lambda::Function')
      .map(({ Environment }) => Environment?.Variables.KEYWARD_ERRORS)
      .filter((value) => value !== undefined);
    expect(JSON.parse(variables)).toEqual(ERRORS);
  });
});

test('an API of self-verifying functions is refused if it leaves out the error bodies of the profile', () => {
  const path = profileWith('worded', { errors: ERRORS_DATA });
  const { presentation, realm, errors } = loadProfile(path).profile;
  const { stack, tables, fn } = ownApi(path);
  const shared = { description: 'Alone', presentation, realm };
  const forgetful = new GuardedApi(stack, 'Forgetful', shared);
  expect(() => forgetful.addSelfVerifyingRoute('GET', '/users', fn, tables)).toThrow(
    'The profile worded says how errors look, and this API does not: give it `errors: profile.errors`.',
  );
  const api = new GuardedApi(stack, 'Alone', { ...shared, errors });
  expect(() => api.addSelfVerifyingRoute('GET', '/users', fn, tables)).not.toThrow();
});
