import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { capturedLog } from '../lambdas/captured-log.ts';
import { manager, startProduct, type TestProduct } from '../product.ts';
import { type HttpApi, type HttpApiFunction, serveHttpApi } from './http-api.ts';
import { commandsOnPage, fileOnPage, makeCdkApp, type Project } from './project.ts';

const [GUIDE, PAGE] = ['docs/protect-your-api.md', 'docs/guard-alone.md'];

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: properties of every type of resource.
  readonly Properties: any;
  readonly Metadata?: Readonly<Record<string, string>>;
}

capturedLog();

let project: Project;
let product: TestProduct;
let resources: Resource[];
let handler: HttpApiFunction;
/** A key that may read orders and not place them. */
let key: string;
const served: HttpApi[] = [];

beforeAll(async () => {
  project = await makeCdkApp('orders-http');
  await project.run(commandsOnPage(PAGE, '@types/aws-lambda'));
  project.write('orders.json', fileOnPage(GUIDE, 'orders.json'));
  project.write('orders-alone.mts', fileOnPage(PAGE, 'orders-alone.mts'));
  project.write('bin/orders-http.ts', fileOnPage(PAGE, 'orders-http.ts'));
  await project.run(commandsOnPage(PAGE, 'cdk synth'));
  const template = readFileSync(join(project.folder, 'cdk.out/Orders-Http.template.json'), 'utf8');
  resources = Object.values(JSON.parse(template).Resources);
  product = await startProduct(join(project.folder, 'orders.json'));
  key = (await manager(product).issue({ name: 'reader', scopes: ['orders.read'] })).body.secret;
  handler = await loadFunction();
});
afterAll(async () => {
  for (const api of served) api.stop();
  await product?.stop();
  project?.remove();
});

const ofType = (type: string) => resources.filter(({ Type }) => Type === type);

/** Loads the function as it would be deployed, with its variables. */
async function loadFunction(): Promise<HttpApiFunction> {
  const [{ Metadata } = { Metadata: undefined }] = ofType('AWS::Lambda::Function');
  const folder = join(project.folder, 'cdk.out', Metadata?.['aws:asset:path'] ?? '');
  const [file = ''] = globSync('index.*js', { cwd: folder });
  const { region, endpoint } = product.tables.client.config;
  const { hostname, port } = (await endpoint?.()) ?? {};
  Object.assign(process.env, {
    KEYWARD_SECRETS_TABLE: product.tables.secrets,
    AWS_REGION: await region(),
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: `http://${hostname}:${port}`,
  });
  return createRequire(import.meta.url)(join(folder, file)).handler;
}

test('the app of the page passes the compiler', async () => {
  await project.run('npx tsc');
});

test('the function may read and update the secrets, and nothing else', () => {
  const [policy] = ofType('AWS::IAM::Policy');
  const statements = policy?.Properties.PolicyDocument.Statement;
  expect(statements).toHaveLength(1);
  expect(statements[0].Action).toEqual(['dynamodb:GetItem', 'dynamodb:UpdateItem']);
  expect(ofType('AWS::ApiGatewayV2::Authorizer')).toEqual([]);
});

describe.each(['an HTTP API', 'a function URL'])('the function of the page behind %s', (kind) => {
  let url: string;
  beforeAll(async () => {
    const keys = ofType('AWS::ApiGatewayV2::Route').map(({ Properties }) => Properties.RouteKey);
    expect(keys.sort()).toEqual(['GET /orders', 'GET /orders/{id}', 'POST /orders']);
    expect(ofType('AWS::Lambda::Url')).toMatchObject([{ Properties: { AuthType: 'NONE' } }]);
    const api = await serveHttpApi(kind === 'an HTTP API' ? keys : ['$default'], handler);
    served.push(api);
    url = api.url;
  });
  const call = (path: string, credentials: readonly string[], method = 'GET') =>
    fetch(`${url}${path}`, {
      method,
      headers: credentials.map((text) => ['Authorization', `Bearer ${text}`]),
    });

  test('answers 200 to a key that may call the route, with the rest of its limit', async () => {
    const response = await call('/orders/17', [key]);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ workspace: product.workspace, id: '17' });
    expect(response.headers.get('ratelimit')).toMatch(/^"default";r=\d+;t=\d+$/);
  });

  test('answers 403 with the scope that is missing', async () => {
    const response = await call('/orders', [key], 'POST');
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ required_scope: 'orders.write' });
  });

  test('answers 401 without a key, with a wrong one and with two', async () => {
    for (const credentials of [[], [`${key.slice(0, -1)}x`], [key, key]]) {
      const response = await call('/orders/17', credentials);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="orders"');
      expect(await response.json()).toMatchObject({ code: 'unauthorized', request_id: 'http-api-request=' });
    }
  });

  test('answers 401 to a key that was revoked, on the very next request', async () => {
    const issued = await manager(product).issue({ name: 'short-lived', scopes: ['orders.read'] });
    const { secret } = issued.body;
    expect((await call('/orders', [secret])).status).toBe(200);
    await manager(product).revoke(issued.body.key.id);
    expect((await call('/orders', [secret])).status).toBe(401);
  });

  test('lets nobody to a path that is spelled in another way', async () => {
    for (const path of ['/orders/', '//orders', '/Orders', '/orders%2F17', '/%6frders'])
      expect([401, 403, 404]).toContain((await call(path, [key])).status);
  });
});
