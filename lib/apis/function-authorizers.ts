import { type CfnElement, type CfnResource, Stack } from 'aws-cdk-lib';
import { CfnAuthorizer, CfnRestApi } from 'aws-cdk-lib/aws-apigateway';
import { CfnApi as CfnHttpApi, CfnAuthorizer as CfnHttpAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  CfnAlias,
  type CfnFunction,
  CfnVersion,
  type Function as LambdaFunction,
} from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';

/** An authorizer over a function: a resource of its own, or a part of the document that describes an API. */
export interface FunctionAuthorizer {
  /** The resource of the authorizer, or that of the API with the document. */
  readonly resource: CfnResource;
  readonly kind: 'resource' | 'described';
  /** TOKEN or REQUEST, in capitals. An HTTP API has no other one than REQUEST. */
  readonly type: string;
  /** Seconds, as the template will have them. */
  readonly ttl: unknown;
}

/** Finds every authorizer over a function, its aliases and its versions in the whole app, also where somebody has overridden it. */
export function authorizersOver(fn: LambdaFunction): readonly FunctionAuthorizer[] {
  const constructs = fn.node.root.node.findAll();
  const names = namesOf(fn, constructs);
  return constructs.flatMap((construct) => {
    if (construct instanceof CfnAuthorizer || construct instanceof CfnHttpAuthorizer)
      return resourceOver(construct, names);
    if (construct instanceof CfnRestApi || construct instanceof CfnHttpApi)
      return describedOver(construct, names);
    return [];
  });
}

/** What an HTTP API does where nothing is said is not to cache. A REST API caches for five minutes. */
const USUAL_TTL = { rest: 300, http: 0 } as const;

function resourceOver(
  resource: CfnAuthorizer | CfnHttpAuthorizer,
  names: readonly string[],
): FunctionAuthorizer[] {
  const { AuthorizerUri: uri, AuthorizerResultTtlInSeconds: written, Type: type } = propertiesOf(resource);
  if (!mentions(uri, names)) return [];
  const ttl = written ?? USUAL_TTL[resource instanceof CfnAuthorizer ? 'rest' : 'http'];
  return [{ resource, kind: 'resource', type: String(type ?? 'REQUEST'), ttl }];
}

/** The part of a security scheme by which API Gateway makes an authorizer. */
const EXTENSION = 'x-amazon-apigateway-authorizer';

function describedOver(api: CfnRestApi | CfnHttpApi, names: readonly string[]): FunctionAuthorizer[] {
  const usual = USUAL_TTL[api instanceof CfnRestApi ? 'rest' : 'http'];
  return partsNamed(EXTENSION, propertiesOf(api).Body).flatMap((part) => {
    const { authorizerUri, type, authorizerResultTtlInSeconds: ttl = usual } = part;
    if (!mentions(authorizerUri, names)) return [];
    return [{ resource: api, kind: 'described', type: String(type ?? 'request').toUpperCase(), ttl }];
  });
}

type Part = Readonly<Record<string, unknown>>;

function partsNamed(name: string, value: unknown): Part[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === name && typeof inner === 'object' && inner !== null ? [inner as Part] : partsNamed(name, inner),
  );
}

/** The logical ids of a function, and of its versions and aliases. */
function namesOf(fn: LambdaFunction, constructs: readonly IConstruct[]): readonly string[] {
  const names = [Stack.of(fn).getLogicalId(fn.node.defaultChild as CfnFunction)];
  const versions = constructs
    .filter((construct) => construct instanceof CfnVersion || construct instanceof CfnAlias)
    .filter((version) => mentions(Stack.of(version).resolve(version.functionName), names))
    .map((version) => Stack.of(version).getLogicalId(version));
  return [...names, ...versions];
}

/** Tells whether a value of a template refers to one of the resources, in its own stack or through an export of theirs. */
function mentions(value: unknown, logicalIds: readonly string[]): boolean {
  const text = JSON.stringify(value) ?? '';
  return logicalIds.some((id) => text.includes(id));
}

/** The properties as the template will have them, with those that somebody has overridden. */
function propertiesOf(resource: CfnResource): Part {
  const stack = Stack.of(resource);
  const { Resources } = stack.resolve(resource._toCloudFormation());
  return Resources[stack.getLogicalId(resource as CfnElement)].Properties ?? {};
}
