import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { TestProduct } from '../product.ts';

/** Calls a route as `GET /orders`, with a key. */
export type OwnApi = (
  route: string,
  key: string,
) => Promise<{ readonly status: number; readonly body?: string }>;

type Handler = (event: object, context: object) => Promise<unknown>;

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: properties of every type of resource.
  readonly Properties: any;
  readonly Metadata?: Readonly<Record<string, string>>;
}

const CONTEXT = { awsRequestId: 'lambda-request', getRemainingTimeInMillis: () => 3_000 };
const METHOD_ARN = 'arn:aws:execute-api:eu-central-1:123456789012:abcdef123/prod';

/**
 * Loads a synthesized API as API Gateway would serve it: the function of its authorizer, then that of the method. The tables are
 * those of a product that runs.
 */
export async function loadOwnApi(assembly: string, stack: string, { tables }: TestProduct): Promise<OwnApi> {
  const { Resources } = JSON.parse(readFileSync(join(assembly, `${stack}.template.json`), 'utf8'));
  const resources = Object.values<Resource>(Resources);
  const { region, endpoint } = tables.client.config;
  const { hostname, port } = (await endpoint?.()) ?? {};
  Object.assign(process.env, {
    KEYWARD_SECRETS_TABLE: tables.secrets,
    AWS_REGION: await region(),
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: `http://${hostname}:${port}`,
  });
  const load = (path: string): Handler => {
    const found = resources.find(
      ({ Metadata }) => Metadata?.['aws:cdk:path'] === `${stack}/${path}/Resource`,
    );
    const folder = join(assembly, found?.Metadata?.['aws:asset:path'] ?? '');
    const [file = ''] = globSync('index.*js', { cwd: folder });
    return createRequire(import.meta.url)(join(folder, file)).handler;
  };
  const [authorize, handle] = [load('Keys/Authorizer'), load('Orders')];
  const isOwn = ({ Type, Metadata }: Resource) =>
    Type === 'AWS::ApiGateway::Method' && Metadata?.['aws:cdk:path']?.startsWith(`${stack}/Api/`);
  const types = resources.filter(isOwn).map(({ Properties }) => Properties.AuthorizationType);
  if (types.join() !== 'CUSTOM,CUSTOM,CUSTOM') throw new Error(`The methods are guarded by ${types}.`);
  return async (route, key) => {
    const request = requestOf(route, key);
    const verdict = await authorize({ ...request, type: 'REQUEST' }, CONTEXT).catch(String);
    if (verdict === 'Error: Unauthorized') return { status: 401 };
    const { policyDocument, context } = verdict as { policyDocument: PolicyDocument; context: object };
    const allowed = policyDocument.Statement.some(
      ({ Effect, Resource: paths }) => Effect === 'Allow' && paths.includes(request.methodArn),
    );
    if (!allowed) return { status: 403 };
    const requestContext = { ...request.requestContext, authorizer: context };
    const answer = await handle({ ...request, requestContext }, CONTEXT);
    const { statusCode, body } = answer as { statusCode: number; body: string };
    return { status: statusCode, body };
  };
}

interface PolicyDocument {
  readonly Statement: readonly { readonly Effect: string; readonly Resource: readonly string[] }[];
}

function requestOf(route: string, key: string) {
  const [httpMethod = '', resource = ''] = route.split(' ');
  return {
    httpMethod,
    resource,
    path: resource,
    methodArn: `${METHOD_ARN}/${httpMethod}${resource}`,
    multiValueHeaders: { Authorization: [`Bearer ${key}`] },
    pathParameters: null,
    requestContext: { apiId: 'abcdef123', requestId: 'request-1', identity: { sourceIp: '203.0.113.7' } },
  };
}
