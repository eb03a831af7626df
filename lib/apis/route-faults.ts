import { Stack } from 'aws-cdk-lib';
import { CfnMethod, CfnResource as CfnPathPart, CfnRestApi, Method } from 'aws-cdk-lib/aws-apigateway';
import { CfnRoute } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { METHODS } from '../../core/access/action-pattern.ts';
import type { Profile } from '../../core/profile/profile.ts';
import type { FunctionAuthorizer } from './function-authorizers.ts';
import { isGranted } from './granted-route.ts';

/**
 * Finds routes behind an authorizer over the function that no credential could call. A method whose path nobody can know before
 * deployment is not among them.
 * @param authorizers all that are over the function.
 * @returns a sentence for each.
 */
export function routeFaults(
  fn: LambdaFunction,
  {
    authorizers,
    profile,
  }: { readonly authorizers: readonly FunctionAuthorizer[]; readonly profile: Profile },
): string[] {
  const ids = new Set<string>(authorizers.map(({ resource }) => resource.ref));
  const constructs = fn.node.root.node.findAll();
  const ofRest = constructs
    .filter((construct) => construct instanceof CfnMethod)
    .filter(({ authorizerId }) => ids.has(authorizerId ?? ''))
    .flatMap((method) => {
      const path = pathOf(method);
      return path === undefined ? [] : [`${method.httpMethod} ${path}`];
    });
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

/** @returns `undefined` where the path is not in the app, such as below a resource that was made elsewhere. */
function pathOf(method: CfnMethod): string | undefined {
  const { scope } = method.node;
  // It also knows the paths of an imported API.
  if (scope instanceof Method) return scope.resource.path;
  const stack = Stack.of(method);
  const constructs = stack.node.findAll();
  const parts = constructs.filter((construct) => construct instanceof CfnPathPart);
  const byId = new Map(parts.map((part) => [textOf(stack, part.ref), part]));
  const apis = constructs.filter((construct) => construct instanceof CfnRestApi);
  const roots = new Set(apis.map(({ attrRootResourceId }) => textOf(stack, attrRootResourceId)));
  const above = (id: string): string | undefined => {
    const key = textOf(stack, id);
    if (roots.has(key)) return '';
    const part = byId.get(key);
    const parent = part && above(part.parentId);
    return parent === undefined ? undefined : `${parent}/${part?.pathPart}`;
  };
  const path = above(method.resourceId);
  return path === '' ? '/' : path;
}

function textOf(stack: Stack, value: string): string {
  return JSON.stringify(stack.resolve(value));
}
