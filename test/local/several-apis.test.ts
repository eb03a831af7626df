import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { runSmallApp, type SmallRun, Workshop } from './small-app.ts';

const workshop = new Workshop();
let small: SmallRun;
/** What the run was asked about ports. */
let asked: readonly string[] = [];

const answering = (text: string) =>
  `export const handler = async () => ({ statusCode: 200, body: '${text}' });`;

beforeAll(async () => {
  const directory = workshop.synthesize((app) => {
    const shop = new Stack(app, 'Shop');
    for (const name of ['Orders', 'Prices']) {
      const fn = workshop.lambda(shop, `${name}Function`, answering(name));
      new RestApi(shop, name, { cloudWatchRole: false }).root.addMethod('GET', new LambdaIntegration(fn));
    }
    const alone = new Stack(app, 'Alone');
    const fn = workshop.lambda(alone, 'Function', answering('alone'));
    new RestApi(alone, 'Api', { cloudWatchRole: false }).root.addMethod('GET', new LambdaIntegration(fn));
  });
  small = await runSmallApp(directory, {
    ports: ({ apis }) => {
      asked = apis.map(({ constructPath }) => constructPath);
      return {};
    },
  });
});
afterAll(async () => {
  await small?.stop();
  workshop.remove();
});

test('two REST APIs of one stack each answer at an address of their own, with their own routes', async () => {
  const answers = await Promise.all(
    small.run.apis.map(async ({ constructPath, url }) => [constructPath, await (await fetch(url)).text()]),
  );
  expect(Object.fromEntries(answers)).toEqual({
    'Shop/Orders': 'Orders',
    'Shop/Prices': 'Prices',
    'Alone/Api': 'alone',
  });
});

test('an API has the name of its stack, and a name of its own where the stack has several', () => {
  const names = Object.fromEntries(small.run.apis.map(({ constructPath, name }) => [constructPath, name]));
  expect(names['Alone/Api']).toBe('Alone');
  expect(names['Shop/Orders']).toMatch(/^Shop\/Orders[0-9A-F]{8}$/);
  expect(Object.keys(small.run.apiUrls).sort()).toEqual(Object.values(names).sort());
});

test('whoever chooses the ports is told of every API first', () => {
  expect([...asked].sort()).toEqual(['Alone/Api', 'Shop/Orders', 'Shop/Prices']);
});
