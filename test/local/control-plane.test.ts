import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Duration, Fn, Stack } from 'aws-cdk-lib';
import {
  AuthorizationType,
  IdentitySource,
  LambdaIntegration,
  RequestAuthorizer,
} from 'aws-cdk-lib/aws-apigateway';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { FlushIntercept } from '../../local/index.ts';
import { send } from './http.ts';
import { restApi, runSmallApp, type SmallRun, Workshop } from './small-app.ts';

/** Asks API Gateway's own API for what the event says, with the credentials of its environment. */
const CALLER = `
export const handler = async ({ method = 'DELETE', path, accessKeyId = process.env.AWS_ACCESS_KEY_ID }) => {
  const response = await fetch(process.env.AWS_ENDPOINT_URL_API_GATEWAY + path, {
    method,
    headers: {
      authorization: 'AWS4-HMAC-SHA256 Credential=' + accessKeyId + '/20260101/' + process.env.AWS_REGION +
        '/apigateway/aws4_request, SignedHeaders=host, Signature=0',
    },
  });
  const text = await response.text();
  return { status: response.status, error: response.headers.get('x-amzn-errortype'), text };
};`;
const AUTHORIZER = `
export const handler = async ({ methodArn }) => {
  console.log('asked');
  return {
    principalId: 'caller',
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: methodArn }],
    },
  };
};`;
const BACKEND = 'export const handler = async () => ({ statusCode: 200 });';

const workshop = new Workshop();
let intercept: FlushIntercept | undefined;
let app: SmallRun;
/** `API/stages/STAGE`, of the one that runs here. */
let stage: string;
beforeAll(async () => {
  const directory = workshop.synthesize((cdk) => {
    const stack = new Stack(cdk, 'Cached');
    const api = restApi(stack);
    api.root.addMethod('GET', new LambdaIntegration(workshop.lambda(stack, 'Backend', BACKEND)), {
      authorizationType: AuthorizationType.CUSTOM,
      authorizer: new RequestAuthorizer(stack, 'Kept', {
        handler: workshop.lambda(stack, 'Authorizer', AUTHORIZER),
        identitySources: [IdentitySource.header('Authorization')],
        resultsCacheTtl: Duration.seconds(60),
      }),
    });
    const stageName = api.deploymentStage.stageName;
    const cacheOf = (id: string) =>
      `arn:aws:apigateway:${stack.region}::/restapis/${id}/stages/${stageName}/cache/authorizers`;
    const environment = { STAGE: Fn.join('/stages/', [api.restApiId, stageName]) };
    const allowed = workshop.lambda(stack, 'Allowed', CALLER, { environment });
    const resources = [cacheOf(api.restApiId), cacheOf('elsewhere')];
    allowed.addToRolePolicy(new PolicyStatement({ actions: ['apigateway:DELETE'], resources }));
    workshop.lambda(stack, 'Forbidden', CALLER);
  });
  app = await runSmallApp(directory, { interceptFlush: (call) => intercept?.(call) });
  stage = app.run.functions[app.idOf('Allowed')]?.environment.STAGE ?? '';
});
beforeEach(() => {
  intercept = undefined;
});
afterAll(async () => {
  await app?.stop();
  workshop.remove();
});

async function ask(caller: string, event: object) {
  const result = await app.run.invoke(app.idOf(caller), event);
  if (result.kind === 'failed') throw new Error(result.errorMessage);
  return result.payload;
}

const flushOf = (address: string) => ({ path: `/restapis/${address}/cache/authorizers` });
const get = () => send(app.url, { headers: [['Authorization', 'somebody']] });
const timesAsked = () => app.logged(`function:${app.idOf('Authorizer')}`).length;

test('a function whose role allows it makes the stage forget at once, and it is recorded', async () => {
  await get();
  const before = timesAsked();
  await get();
  expect(timesAsked()).toBe(before);
  expect(await ask('Allowed', flushOf(stage))).toMatchObject({ status: 202, text: '' });
  await get();
  expect(timesAsked()).toBe(before + 1);
  expect(app.run.recordedCalls().at(-1)).toMatchObject({
    functionId: app.idOf('Allowed'),
    action: 'apigateway:DELETE',
    resource: `arn:aws:apigateway:us-east-1::/restapis/${stage}/cache/authorizers`,
    allowed: true,
  });
});

test('a function whose role does not allow it is refused as API Gateway would, and nothing is forgotten', async () => {
  await get();
  const before = timesAsked();
  expect(await ask('Forbidden', flushOf(stage))).toEqual({
    status: 403,
    error: 'AccessDeniedException',
    text: expect.stringContaining('is not authorized to perform: apigateway:DELETE on resource: arn:aws:'),
  });
  expect(app.run.recordedCalls().at(-1)).toMatchObject({ action: 'apigateway:DELETE', allowed: false });
  await get();
  expect(timesAsked()).toBe(before);
});

test.each([
  ['an API that does not run here', flushOf('elsewhere/stages/prod'), 404, 'NotFoundException'],
  ['anything but a flush', { method: 'GET', path: '/restapis' }, 404, 'UnknownOperationException'],
  [
    'credentials that are nobody’s',
    { path: '/restapis/x/stages/y/cache/authorizers', accessKeyId: 'AKIAX' },
    403,
    'UnrecognizedClientException',
  ],
])('%s is refused', async (_, event, status, error) => {
  expect(await ask('Allowed', event)).toMatchObject({ status, error });
});

test('a flush that a test makes fail forgets nothing', async () => {
  await get();
  const before = timesAsked();
  intercept = () => ({ status: 429, error: 'TooManyRequestsException' });
  expect(await ask('Allowed', flushOf(stage))).toMatchObject({
    status: 429,
    error: 'TooManyRequestsException',
  });
  await get();
  expect(timesAsked()).toBe(before);
});
