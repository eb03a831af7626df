import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { ErrorBodies } from '../../../core/errors/error-body.ts';
import { InvalidProfile } from '../../../core/profile/parse-profile.ts';
import { GuardedApi } from '../../../lib/apis/guarded-api.ts';
import type { GuardedApiProps } from '../../../lib/apis/guarded-api-props.ts';
import { KeyAuthorizer } from '../../../lib/apis/key-authorizer.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { KeyTables } from '../../../lib/tables/key-tables.ts';
import standard from '../../../profiles/standard.json' with { type: 'json' };
import { send } from '../../local/http.ts';
import { runSmallApp, Workshop } from '../../local/small-app.ts';
import { ERRORS_DATA } from '../../made-up-errors.ts';
import { aliasOf } from './own-apis.ts';

const outdir = mkdtempSync(join(tmpdir(), 'keyward-errors-'));
const workshop = new Workshop();
afterAll(() => {
  rmSync(outdir, { recursive: true });
  workshop.remove();
});

const SHARED = { description: 'x', presentation: { kind: 'bearer' }, realm: 'x' } as const;

function newFunction(stack: Stack, id: string): LambdaFunction {
  return new LambdaFunction(stack, id, {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('//'),
  });
}

function newStack(): Stack {
  const app = new App({
    outdir: join(outdir, 'out'),
    builtinCloudFormationValidation: false,
    context: { 'aws:cdk:bundling-stacks': [] },
  });
  return new Stack(app, 'Own', { env: { account: '123456789012', region: 'us-east-1' } });
}

/** The authorizer of `standard`, or of a profile that says besides how errors look. */
function withAuthorizer(stack: Stack, id: string, errors?: object) {
  const path = join(outdir, 'worded.json');
  writeFileSync(path, JSON.stringify({ ...standard, name: 'worded', errors }));
  const profileFile = loadProfile(errors === undefined ? 'standard' : path);
  const tables = new KeyTables(stack, `${id}Keys`, { profile: profileFile });
  return { tables, authorizer: new KeyAuthorizer(stack, id, { tables }) };
}

const api = (stack: Stack, id: string, props: Partial<GuardedApiProps> = {}) =>
  new GuardedApi(stack, id, { ...SHARED, ...props });

describe('a function behind two APIs', () => {
  const stack = newStack();
  const worded = withAuthorizer(stack, 'Worded', ERRORS_DATA);
  const plain = withAuthorizer(stack, 'Plain');
  const [withErrors, without] = [api(stack, 'A', worded), api(stack, 'B', plain)];

  test('is refused if they answer errors in two ways, whichever comes first, also as an alias', () => {
    const sentence =
      'serves APIs that each need another KEYWARD_ERRORS: its guard answers errors in one way only. Give each API a function of its own.';
    const [first, second] = [newFunction(stack, 'First'), newFunction(stack, 'Second')];
    withErrors.addRoute('GET', '/users', first);
    expect(() => without.addRoute('GET', '/users', first)).toThrow(`Own/First ${sentence}`);
    without.addRoute('POST', '/users', second);
    const alias = aliasOf(stack, second);
    expect(() => withErrors.addRoute('POST', '/users', alias)).toThrow(`Own/Second ${sentence}`);
  });

  test('is accepted for all routes if they answer errors in the same way', () => {
    const fn = newFunction(stack, 'Shared');
    const alike = api(stack, 'C', worded);
    for (const each of [withErrors, alike]) {
      each.addRoute('PUT', '/users/{id}', fn);
      each.addRoute('PATCH', '/users/{id}', fn);
    }
    expect(withErrors.restApi.methods).not.toEqual([]);
  });

  test('is refused if it would verify by two tables', () => {
    const fn = newFunction(stack, 'Alone');
    const alone = api(stack, 'D');
    const other = new KeyTables(stack, 'OtherKeys', { profile: 'standard' });
    alone.addSelfVerifyingRoute('GET', '/users', fn, plain.tables);
    expect(() => alone.addSelfVerifyingRoute('POST', '/users', fn, other)).toThrow(
      'each need another KEYWARD_SECRETS_TABLE: its guard verifies by one table only',
    );
  });
});

describe('an API is refused when its errors are given by hand', () => {
  const stack = newStack();
  const worded = withAuthorizer(stack, 'Worded', ERRORS_DATA);
  const plain = withAuthorizer(stack, 'Plain');
  let count = 0;
  const build = (props: Partial<GuardedApiProps>) => {
    count += 1;
    return api(stack, `Api${count}`, props);
  };
  const none = { byStatus: {}, byCode: {} };

  test('and contradict the profile of its authorizer, because a 403 would then not be JSON', () => {
    const errors = { ...none, template: { scope: '{required_scope}' } };
    expect(() => build({ ...worded, errors })).toThrow(
      'The profile worded says how errors look, and this API says something else: give it `errors: profile.errors`.',
    );
    expect(() => build({ ...plain, errors })).toThrow(
      'The profile standard does not say how errors look, and this API does: leave its `errors` out',
    );
    expect(() => build({ ...worded, errors: worded.authorizer.profile.errors as ErrorBodies })).not.toThrow();
  });

  test.each<[string, ErrorBodies, string]>([
    [
      'a variable of API Gateway in a template',
      { ...none, template: { path: '$context.path' } },
      "The API's errors.template must be a template without $, which API Gateway would fill in (at path).",
    ],
    [
      'one in the words of a status',
      { ...none, byStatus: { 404: { detail: '$context.path' } } },
      "The API's errors.byStatus.404.detail must be a text of 1 to 200 characters without $, { and }",
    ],
    [
      'one in the words of a code',
      { ...none, byCode: { unauthorized: { title: '$context.path' } } },
      "The API's errors.byCode.unauthorized.title must be a text of 1 to 100 characters without $",
    ],
    [
      'the names of a profile’s file',
      { ...none, by_status: {} } as never,
      "The API's errors.by_status must be left out: errors of an API are those of a profile that was read",
    ],
    ['a part that is missing', { byStatus: {} } as never, "The API's errors.byCode must be an object"],
  ])('with %s', (_, errors, sentence) => {
    expect(() => build({ errors })).toThrow(sentence);
  });

  test.each(['$context.path', 'a "quoted" text', 'back\\slash', 'two\nlines', '', undefined as never])(
    'with the detail %j',
    (text) => {
      for (const name of ['unauthorized', 'noRoute'])
        expect(() => build({ details: { [name]: text } })).toThrow(
          `details.${name} must be one line of 1 to 2,000 characters without quotes, backslashes and $`,
        );
    },
  );

  test('and name an unknown detail or an invalid header name', () => {
    expect(() => build({ details: { challenge: 'x' } as never })).toThrow('there is no challenge.');
    const presentation = { kind: 'header', header: 'x-key"$context.path' } as const;
    expect(() => build({ presentation })).toThrow(
      'The header of the presentation must be the name of a header',
    );
  });
});

test('a second name for the same path parameter is refused with a sentence, because API Gateway would not take it', () => {
  const stack = newStack();
  const open = api(stack, 'Api');
  const fn = newFunction(stack, 'Fn');
  open.addPublicRoute('GET', '/users/{id}', fn);
  open.addPublicRoute('POST', '/users/{id}/photos', fn);
  expect(() => open.addPublicRoute('GET', '/users/{name}/photos', fn)).toThrow(
    'GET /users/{name}/photos: API Gateway takes one parameter at one place, and /users/{id} has another name for it.',
  );
  expect(() => open.addPublicRoute('GET', '/users/{name}', fn)).toThrow(InvalidProfile);
  expect(() => open.addPublicRoute('GET', '/users/{id}/{id}', fn)).toThrow(
    'the path must name each parameter once, found {id} twice.',
  );
});

test('an API that takes every body for bytes answers preflights', async () => {
  const directory = workshop.synthesize((app) => {
    const stack = new Stack(app, 'Bytes');
    const open = api(stack, 'Api', { binaryMediaTypes: ['*/*'], allowedOrigins: ['https://app.example'] });
    open.addPublicRoute('GET', '/sounds', workshop.lambda(stack, 'Fn', 'export const handler = () => {};'));
    const [integration] = Object.values(Template.fromStack(stack).findResources('AWS::ApiGateway::Method'))
      .map(({ Properties }) => Properties.Integration)
      .filter(({ Type }) => Type === 'MOCK');
    expect(integration.IntegrationResponses).toMatchObject([{ ContentHandling: 'CONVERT_TO_TEXT' }]);
  });
  const { url, stop } = await runSmallApp(directory);
  const answer = await send(`${url}/sounds`, {
    method: 'OPTIONS',
    headers: [['Origin', 'https://app.example']],
  });
  await stop();
  expect(answer.status).toBe(204);
  expect(answer.header('Access-Control-Allow-Origin')).toBe('https://app.example');
});

test('an API that outgrows a template tells its preflights from its methods', () => {
  const stack = newStack();
  const open = api(stack, 'Api', { allowedOrigins: ['https://app.example'] });
  const fn = newFunction(stack, 'Fn');
  for (let part = 0; part < 160; part += 1) open.addPublicRoute('GET', `/part-${part}`, fn);
  expect(() => Template.fromStack(stack)).toThrow(
    '160 of them are methods of this API, 160 are preflights (one for each path) and 160 are parts of its paths.',
  );
});
