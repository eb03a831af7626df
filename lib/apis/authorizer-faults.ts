import { Stack } from 'aws-cdk-lib';
import { CfnAuthorizer, type CfnMethod, Method } from 'aws-cdk-lib/aws-apigateway';
import { CfnAuthorizer as CfnHttpAuthorizer, CfnRoute } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  CfnAlias,
  type CfnFunction,
  CfnVersion,
  type Function as LambdaFunction,
} from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { METHODS } from '../../core/access/action-pattern.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { isGranted } from './granted-route.ts';

type AnyAuthorizer = CfnAuthorizer | CfnHttpAuthorizer;

/**
 * Finds authorizers over a function that somebody has made by hand, or changed by hand, so that they cache.
 * @param permitted the authorizers that may.
 * @returns a sentence for each.
 */
export function cachingFaults(fn: LambdaFunction, permitted: ReadonlySet<IConstruct>): string[] {
  return authorizersOver(fn).flatMap((authorizer) => {
    const { path } = authorizer.node;
    if (permitted.has(authorizer.node.scope ?? authorizer)) return [];
    const written = propertiesOf(authorizer);
    if (written.Type === 'TOKEN')
      return [
        `${path} is a TOKEN authorizer, and ${fn.node.path} needs the whole request: use its \`rest\` instead.`,
      ];
    // What an HTTP API does where nothing is said is not to cache. A REST API caches for five minutes.
    const { AuthorizerResultTtlInSeconds: seconds = authorizer instanceof CfnAuthorizer ? 300 : 0 } = written;
    if (seconds === 0) return [];
    return [
      `${path} caches what ${fn.node.path} decides${typeof seconds === 'number' ? ` for ${seconds} seconds` : ''}: a revoked key would go on working, and other routes of the API would be answered 403. Use its \`rest\` or \`http\` instead. A GuardedApi with verdictCache caches what may be cached.`,
    ];
  });
}

/** @returns a sentence for each route behind an authorizer over the function that no credential could call. */
export function routeFaults(fn: LambdaFunction, profile: Profile): string[] {
  const ids = new Set<string>(authorizersOver(fn).map(({ ref }) => ref));
  const constructs = fn.node.root.node.findAll();
  const ofRest = constructs
    .filter((construct) => construct instanceof Method)
    .filter(({ node }) => ids.has((node.defaultChild as CfnMethod | undefined)?.authorizerId ?? ''))
    .map(({ httpMethod, resource }) => `${httpMethod} ${resource.path}`);
  const ofHttp = constructs
    .filter((construct) => construct instanceof CfnRoute)
    .filter(({ authorizerId }) => ids.has(authorizerId ?? ''))
    .map(({ routeKey }) => routeKey);
  return [...ofRest, ...ofHttp].flatMap((route) => {
    const [method = '', path] = route.split(' ');
    if (path === undefined)
      return [
        `${fn.node.path} cannot guard the route ${route}, which takes paths in every spelling: give the API a route for each path, such as GET /orders/{id}.`,
      ];
    if (isGranted(profile, METHODS.includes(method) ? method : 'ANY', path)) return [];
    return [
      `The profile ${profile.name} does not have ${route}: every call would be answered 403. Add it to its routes and to what one of its scopes grants, or leave the authorizer out there.`,
    ];
  });
}

function authorizersOver(fn: LambdaFunction): AnyAuthorizer[] {
  const constructs = fn.node.root.node.findAll();
  const names = namesOf(fn, constructs);
  return constructs
    .filter((construct) => construct instanceof CfnAuthorizer || construct instanceof CfnHttpAuthorizer)
    .filter((authorizer) => mentions(authorizer, propertiesOf(authorizer).AuthorizerUri, names));
}

/** The logical ids of a function, and of its versions and aliases. */
function namesOf(fn: LambdaFunction, constructs: readonly IConstruct[]): string[] {
  const names = [Stack.of(fn).getLogicalId(fn.node.defaultChild as CfnFunction)];
  const versions = constructs
    .filter((construct) => construct instanceof CfnVersion || construct instanceof CfnAlias)
    .filter((version) => mentions(version, version.functionName, names))
    .map((version) => Stack.of(version).getLogicalId(version));
  return [...names, ...versions];
}

/** Tells whether a value refers to one of the resources, in its own stack or through an export of theirs. */
function mentions(scope: IConstruct, value: unknown, logicalIds: readonly string[]): boolean {
  const text = JSON.stringify(Stack.of(scope).resolve(value)) ?? '';
  return logicalIds.some((id) => text.includes(id));
}

/** The properties as the template will have them, with those that somebody has overridden. */
function propertiesOf(authorizer: AnyAuthorizer): WrittenProperties {
  const stack = Stack.of(authorizer);
  const { Resources } = stack.resolve(authorizer._toCloudFormation());
  return Resources[stack.getLogicalId(authorizer)].Properties;
}

/** Those that are read here. `Type` is a REST API's. */
interface WrittenProperties {
  readonly Type?: string;
  readonly AuthorizerResultTtlInSeconds?: unknown;
  readonly AuthorizerUri?: unknown;
}
