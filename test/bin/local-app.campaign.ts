import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { type App, Stack } from 'aws-cdk-lib';
import { LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { type LocalApp, runApp } from '../../bin/local-app.ts';
import { Keyward, type KeywardProps, OwnIssuer } from '../../lib/index.ts';
import { sharedDynamoDb } from '../dynamodb.ts';
import { Workshop } from '../local/small-app.ts';
import { manager } from '../product.ts';
import { ROOT } from './processes.ts';

const workshop = new Workshop();
const dynamoDb = await sharedDynamoDb();
let running: LocalApp | undefined;
afterEach(async () => {
  await running?.assembly.stop();
  running = undefined;
});
afterAll(async () => {
  await dynamoDb.release();
  workshop.remove();
});

async function start(build: (app: App) => void): Promise<LocalApp> {
  const assemblyDirectory = workshop.synthesize(build);
  running = await runApp({
    assemblyDirectory,
    dynamodbEndpoint: dynamoDb.endpoint,
    port: 0,
    log: () => {},
  });
  return running;
}

const addKeyward = (stack: Stack, props: Partial<KeywardProps> = {}) =>
  new Keyward(stack, 'Keys', { profile: profileOf('standard'), hasConsole: false, ...props });

const profileOf = (name: string) => join(ROOT, `profiles/${name}.json`);

const addApi = (stack: Stack, props: Parameters<RestApi['root']['addMethod']>[2] = {}) => {
  const fn = workshop.lambda(stack, 'Function', 'export const handler = async () => ({ statusCode: 200 });');
  const users = new RestApi(stack, 'Users', { cloudWatchRole: false }).root.addResource('users');
  for (const method of ['GET', 'POST']) users.addMethod(method, new LambdaIntegration(fn), props);
};

test('Keyward and an API that it guards run from one stack, and the workspace has its people and a management key', async () => {
  const { apis, keyward } = await start((app) => {
    const stack = new Stack(app, 'Shop');
    addApi(stack, { authorizer: addKeyward(stack).authorizer.rest });
  });
  expect(apis.map(({ constructPath }) => constructPath)).toEqual(['Shop/Users']);
  if (keyward === undefined) throw new Error('The management API was not found.');
  const { status, body } = await manager(keyward).issue();
  expect([status, body.key.plan]).toEqual([201, 'free']);
  const call = async (method: string, headers: Record<string, string>) =>
    (await fetch(`${apis[0]?.url}/users`, { method, headers })).status;
  const Authorization = `Bearer ${body.secret}`;
  expect(await call('GET', { Authorization })).toBe(200);
  expect(await call('POST', { Authorization })).toBe(403);
  expect(await call('GET', {})).toBe(401);
});

test('an app without a management API runs, and has no workspace', async () => {
  const { apis, keyward } = await start((app) => addApi(new Stack(app, 'Alone')));
  expect(keyward).toBeUndefined();
  expect((await fetch(`${apis[0]?.url}/users`)).status).toBe(200);
});

test('two management APIs are refused, with both of them and what to do', async () => {
  const both = start((app) => {
    addKeyward(new Stack(app, 'One'));
    // One machine has one issuer in the place of user pools.
    const ownIssuer = new OwnIssuer({
      issuer: 'https://id.example.com',
      client: 'console',
      audience: 'https://keys.example.com',
    });
    addKeyward(new Stack(app, 'Other'), { profile: profileOf('sophic'), ownIssuer });
  });
  await expect(both).rejects.toThrow(
    /^One\/\S+ and Other\/\S+ belong to two management APIs: run one product at a time, .*KEYWARD_DEV/,
  );
});
