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
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  readonly stage: Stage;
  readonly routes: readonly Route[];
  readonly authorizers: ReadonlyMap<string, Authorizer>;
  readonly gatewayResponses: ReadonlyMap<string, GatewayResponse>;
  readonly binaryMediaTypes: readonly string[];
}

/** @returns the REST API of a stack, or undefined when it has none. */
export function readRestApi(stack: ResolvedStack): RestApi | undefined {
  const ofType = (type: string) =>
    stack.resources.filter((resource) => resource.type === `AWS::ApiGateway::${type}`);
  const [api, second] = ofType('RestApi');
  if (!api) return undefined;
  if (second)
    throw new CannotRun(`${second.id}: a stack may hold one REST API, because ports are named by stack.`);
  const [stage, secondStage] = ofType('Stage');
  if (!stage) throw new CannotRun(`${api.id}: the REST API has no stage, so nothing could call it.`);
  if (secondStage) throw new CannotRun(`${secondStage.id}: a REST API may have one stage here.`);
  const authorizers = new Map(ofType('Authorizer').map((one) => [one.identity.ref, readAuthorizer(one)]));
  return {
    id: api.identity.ref,
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
