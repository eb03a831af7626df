import { Annotations, CfnResource, Stack } from 'aws-cdk-lib';
import { type CfnMethod, Method, Resource, type RestApi } from 'aws-cdk-lib/aws-apigateway';

/** CloudFormation's, which nobody raises. */
const MOST_RESOURCES_OF_A_STACK = 500;
/** API Gateway's for one API, unless AWS has raised it for the account. */
const MOST_PATH_PARTS = 300;

/**
 * What is wrong with the size of a stack that has an API, a sentence or none. Each method and each part of a path is a
 * resource of it.
 */
export function sizeFaults(api: RestApi): string[] {
  const stack = Stack.of(api);
  const count = stack.node
    .findAll()
    .filter((construct) => CfnResource.isCfnResource(construct) && construct.stack === stack).length;
  if (count <= MOST_RESOURCES_OF_A_STACK) return [];
  const methods = api.node.findAll().filter((construct) => construct instanceof Method);
  const preflights = methods.filter(isPreflight).length;
  const ofPages = preflights === 0 ? '' : `, ${preflights} are preflights (one for each path)`;
  return [
    `The stack ${stack.stackName} has ${count} resources, and CloudFormation takes ${MOST_RESOURCES_OF_A_STACK}. ${methods.length - preflights} of them are methods of this API${ofPages} and ${pathPartsOf(api)} are parts of its paths. Share the routes out over several APIs, each in a stack of its own, behind one custom domain.`,
  ];
}

/** What API Gateway answers to a browser before a page's request, without a function. */
function isPreflight({ httpMethod, node }: Method): boolean {
  const { integration } = node.defaultChild as CfnMethod;
  return (
    httpMethod === 'OPTIONS' &&
    integration !== undefined &&
    'type' in integration &&
    integration.type === 'MOCK'
  );
}

/** Warns where an API has more parts of paths than API Gateway may take. */
export function warnOfPathParts(api: RestApi): void {
  if (pathPartsOf(api) <= MOST_PATH_PARTS) return;
  Annotations.of(api).addWarningV2(
    'keyward:path-parts',
    `The paths of this API have more than ${MOST_PATH_PARTS} parts, and API Gateway takes ${MOST_PATH_PARTS} unless AWS has raised the quota "Resources per API" of the account.`,
  );
}

function pathPartsOf(api: RestApi): number {
  return api.node.findAll().filter((construct) => construct instanceof Resource).length;
}
