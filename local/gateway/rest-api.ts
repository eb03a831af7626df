import { rootResourceIdOf } from '../assembly/identity.ts';
import type { ResolvedResource, ResolvedStack } from '../assembly/resolved-stack.ts';
import { CannotRun } from '../cannot-run.ts';
import { type Authorizer, readAuthorizer } from './authorizer-definition.ts';
import { type GatewayResponse, readGatewayResponse } from './gateway-response.ts';
import { type Method, readMethod } from './method.ts';
import { readStage, type Stage } from './stage.ts';

/** One resource of an API: a path and the methods on it. */
export interface Route {
  readonly resourceId: string;
  /** The path as declared, such as `/users/{id}`. */
  readonly path: string;
  readonly segments: readonly string[];
  readonly methods: ReadonlyMap<string, Method>;
}

export interface RestApi {
  readonly id: string;
  /** The name of its stack, or `Stack/LogicalId` where the stack has several. */
  readonly name: string;
  readonly constructPath: string;
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  readonly stage: Stage;
  readonly routes: readonly Route[];
  readonly authorizers: ReadonlyMap<string, Authorizer>;
  readonly gatewayResponses: ReadonlyMap<string, GatewayResponse>;
  readonly binaryMediaTypes: readonly string[];
}

export function readRestApis(stack: ResolvedStack): RestApi[] {
  const apis = stack.resources.filter(({ type }) => type === 'AWS::ApiGateway::RestApi');
  return apis.map((api) => readRestApi(api, { stack, name: apis.length === 1 ? stack.name : api.id }));
}

function readRestApi(
  api: ResolvedResource,
  { stack, name }: { readonly stack: ResolvedStack; readonly name: string },
): RestApi {
  const ofType = (type: string) =>
    stack.resources.filter(
      (resource) =>
        resource.type === `AWS::ApiGateway::${type}` &&
        resource.properties.text('RestApiId') === api.identity.ref,
    );
  const [stage, secondStage] = ofType('Stage');
  if (!stage) throw new CannotRun(`${api.id}: the REST API has no stage, so nothing could call it.`);
  if (secondStage) throw new CannotRun(`${secondStage.id}: a REST API may have one stage here.`);
  const authorizers = new Map(ofType('Authorizer').map((one) => [one.identity.ref, readAuthorizer(one)]));
  return {
    id: api.identity.ref,
    name,
    constructPath: api.constructPath,
    stackName: stack.name,
    account: stack.account,
    region: stack.region,
    stage: readStage(stage),
    routes: readRoutes(api.identity.ref, ofType('Resource'), ofType('Method'), authorizers),
    authorizers,
    gatewayResponses: new Map(
      ofType('GatewayResponse')
        .map(readGatewayResponse)
        .map((one) => [one.type, one]),
    ),
    binaryMediaTypes: api.properties.list('BinaryMediaTypes').map(String),
  };
}

function readRoutes(
  apiId: string,
  resources: readonly ResolvedResource[],
  methods: readonly ResolvedResource[],
  authorizers: ReadonlyMap<string, Authorizer>,
): Route[] {
  const rootId = rootResourceIdOf(apiId);
  const segmentsOf = (resourceId: string): string[] => {
    if (resourceId === rootId) return [];
    const resource = resources.find(({ identity }) => identity.ref === resourceId);
    if (!resource)
      throw new CannotRun(
        `REST API ${apiId}: a method or resource hangs on ${resourceId}, which is unknown.`,
      );
    return [...segmentsOf(resource.properties.text('ParentId')), resource.properties.text('PathPart')];
  };
  return [rootId, ...resources.map(({ identity }) => identity.ref)].map((resourceId) => {
    const segments = segmentsOf(resourceId);
    const own = methods.filter(({ properties }) => properties.text('ResourceId') === resourceId);
    return {
      resourceId,
      path: `/${segments.join('/')}`,
      segments,
      methods: new Map(
        own.map((method) => [method.properties.text('HttpMethod'), readMethod(method, authorizers)]),
      ),
    };
  });
}
