import { Annotations, CfnResource, Stack } from 'aws-cdk-lib';
import { type CfnMethod, Method, Resource, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { findClashingPaths, findPathMistake, METHODS } from '../core/access/action-pattern.ts';
import type { ErrorBodies } from '../core/errors/error-body.ts';
import { findErrorBodyMistake } from '../core/profile/error-body-schema.ts';
import { InvalidProfile } from '../core/profile/parse-profile.ts';
import type { Presentation, Profile } from '../core/profile/profile.ts';
import { requirementFor } from '../core/verification/requirement.ts';
import type { GatewayWording } from './gateway-responses.ts';

/**
 * @param others the paths that the API has already.
 * @throws for what API Gateway would not take, or would serve under another spelling than it was given.
 */
export function assertRoute(method: string, path: string, others: readonly string[]): void {
  const refuse = (expected: string) => new InvalidProfile(`${method} ${path}: ${expected}.`);
  if (method !== 'ANY' && !METHODS.includes(method))
    throw refuse(`the method must be ANY or one of ${METHODS.join(', ')}, in capitals`);
  const mistake = path.includes('*') ? 'be exact, without a wildcard' : findPathMistake(path);
  if (mistake !== undefined) throw refuse(`the path must ${mistake}`);
  const [, earlier] = findClashingPaths([...others, path]) ?? [];
  if (earlier !== undefined)
    throw refuse(`API Gateway takes one parameter at one place, and ${earlier} has another name for it`);
}

/** The methods that a route is called with. */
function methodsOf(method: string): readonly string[] {
  return method === 'ANY' ? METHODS : [method];
}

/** Whether any credential may call a route at all. What is called at the path of MCP is decided by its messages. */
export function isGranted(profile: Profile, method: string, path: string): boolean {
  if (profile.mcp?.path === path) return true;
  return methodsOf(method).some((verb) => requirementFor(profile, `${verb} ${path}`) !== 'none');
}

/** @throws for a route that nobody could call, whatever credential they hold. */
export function assertGranted(profile: Profile, method: string, path: string): void {
  if (isGranted(profile, method, path)) return;
  const where =
    profile.scopes === undefined ? 'its routes' : 'its routes and to what one of its scopes grants';
  throw new InvalidProfile(
    `The profile ${profile.name} does not have ${method} ${path}: every call would be answered 403. Add it to ${where}, or leave the route out.`,
  );
}

/** @throws for what would break the header that a 401 carries, or the template that prints it. */
export function assertRealm(realm: string): void {
  if (/^[\x20-\x7e]{1,100}$/.test(realm) && !/["'\\]/.test(realm)) return;
  throw new Error(
    `The realm must be 1 to 100 printable ASCII characters without quotes or backslashes, found ${JSON.stringify(realm)}.`,
  );
}

/** @throws for what is no name of a header: a 401 and the body of one name it. */
export function assertPresentation(presentation: Presentation): void {
  if (presentation.kind === 'bearer' || HEADER_NAME.test(presentation.header)) return;
  throw new Error(
    `The header of the presentation must be the name of one, of letters, digits and hyphens, found ${JSON.stringify(presentation.header)}.`,
  );
}

const HEADER_NAME = /^[A-Za-z0-9][\w-]{0,99}$/;

/** @throws for what is no name of a header, or would let pages send every one. */
export function assertHeaders(names: readonly string[]): readonly string[] {
  const wrong = names.find((name) => !HEADER_NAME.test(name));
  if (wrong === undefined) return names;
  throw new Error(
    `allowedHeaders must be names of headers, of letters, digits and hyphens, found ${JSON.stringify(wrong)}.`,
  );
}

/** @throws for what the `errors` of a profile may not say either. API Gateway would fill in what begins with `$`. */
export function assertErrors(errors: ErrorBodies): void {
  const mistake = findErrorBodyMistake(errors);
  if (mistake !== undefined) throw new InvalidProfile(`The API's ${mistake}.`);
}

/** @throws where API Gateway would answer errors in another way than who decides by the profile. */
export function assertSameErrors({ name, errors }: Profile, ofApi: ErrorBodies | undefined): void {
  if (JSON.stringify(errors) === JSON.stringify(ofApi)) return;
  if (errors === undefined)
    throw new InvalidProfile(
      `The profile ${name} does not say how errors look, and this API does: leave its \`errors\` out, or put them into the profile.`,
    );
  const found = ofApi === undefined ? 'this API does not' : 'this API says something else';
  throw new InvalidProfile(
    `The profile ${name} says how errors look, and ${found}: give it \`errors: profile.errors\`.`,
  );
}

const DETAILS: readonly string[] = ['unauthorized', 'noRoute'];

/** @throws for what would break the body that prints it, or what API Gateway would fill in. */
export function assertDetails(details: Partial<Omit<GatewayWording, 'challenge'>>): void {
  for (const [name, text] of Object.entries<unknown>(details)) {
    if (!DETAILS.includes(name))
      throw new Error(`The details of an API are ${DETAILS.join(' and ')}; there is no ${name}.`);
    if (typeof text !== 'string' || !/^[^"\\$\p{Cc}]{1,2000}$/u.test(text))
      throw new Error(
        `details.${name} must be one line of 1 to 2,000 characters without quotes, backslashes and $, found ${JSON.stringify(text)}.`,
      );
  }
}

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
