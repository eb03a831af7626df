import { Annotations, CfnResource, Stack } from 'aws-cdk-lib';
import { type CfnMethod, Method, Resource, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { IConstruct } from 'constructs';
import { findClashingPaths, findPathMistake, METHODS } from '../../core/access/action-pattern.ts';
import type { ErrorBodies } from '../../core/errors/error-body.ts';
import { findErrorBodyMistake } from '../../core/profile/error-body-schema.ts';
import { InvalidProfile } from '../../core/profile/parse-profile.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { partOf } from '../parts/part-name.ts';
import type { GuardedApiProps } from './guarded-api-props.ts';

/** @throws for a prop that would break a header or the body of an error. */
export function assertApiProps(props: GuardedApiProps): void {
  const { realm, presentation, details = {}, errors, allowedHeaders = [] } = props;
  if (!/^[\x20-\x7e]{1,100}$/.test(realm) || /["'\\]/.test(realm))
    throw new Error(
      `The realm must be 1 to 100 printable ASCII characters without quotes or backslashes, found ${JSON.stringify(realm)}.`,
    );
  if (presentation.kind === 'header' && !HEADER_NAME.test(presentation.header))
    throw new Error(
      `The header of the presentation must be the name of a header, of letters, digits and hyphens, found ${JSON.stringify(presentation.header)}.`,
    );
  assertDetails(details);
  const mistake = errors && findErrorBodyMistake(errors);
  if (mistake !== undefined) throw new InvalidProfile(`The API's ${mistake}.`);
  const wrong = allowedHeaders.find((name) => !HEADER_NAME.test(name));
  if (wrong !== undefined)
    throw new Error(
      `allowedHeaders must be names of headers, of letters, digits and hyphens, found ${JSON.stringify(wrong)}.`,
    );
}

const HEADER_NAME = /^[A-Za-z0-9][\w-]{0,99}$/;
const DETAILS: readonly string[] = ['unauthorized', 'noRoute'];

/** API Gateway prints details into a body without escaping them, and replaces what begins with `$`. */
function assertDetails(details: NonNullable<GuardedApiProps['details']>): void {
  for (const [name, text] of Object.entries<unknown>(details)) {
    if (!DETAILS.includes(name))
      throw new Error(`The details of an API are ${DETAILS.join(' and ')}; there is no ${name}.`);
    if (typeof text !== 'string' || !/^[^"\\$\p{Cc}]{1,2000}$/u.test(text))
      throw new Error(
        `details.${name} must be one line of 1 to 2,000 characters without quotes, backslashes and $, found ${JSON.stringify(text)}.`,
      );
  }
}

/** @throws where API Gateway would answer errors in another way than the function or the authorizer behind it. */
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

/**
 * @param others the paths that the API already has.
 * @throws for a route that API Gateway would not take, or would serve under another spelling.
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

/** A quota of CloudFormation that AWS never raises. */
const MOST_RESOURCES_OF_A_STACK = 500;
/** A quota of API Gateway for one API, which AWS can raise for an account. */
const MOST_PATH_PARTS = 300;

/** @returns a sentence where the stack of an API is too large. Each method and each part of a path is a resource of it. */
export function sizeFaults(api: RestApi): string[] {
  const stack = Stack.of(api);
  const count = resourcesBelow(stack, stack);
  if (count <= MOST_RESOURCES_OF_A_STACK) return [];
  const tooMany = `The stack ${stack.stackName} has ${count} resources, and CloudFormation takes ${MOST_RESOURCES_OF_A_STACK}.`;
  const part = partOf(api);
  if (part !== undefined)
    return [
      `${tooMany} ${resourcesBelow(part, stack)} of them are of ${part.node.path}, the management API: give Keyward a stack of its own.`,
    ];
  const methods = api.node.findAll().filter((construct) => construct instanceof Method);
  const preflights = methods.filter(isPreflight).length;
  const ofPages = preflights === 0 ? '' : `, ${preflights} are preflights (one for each path)`;
  return [
    `${tooMany} ${methods.length - preflights} of them are methods of this API${ofPages} and ${pathPartsOf(api)} are parts of its paths. Share the routes out over several APIs, each in a stack of its own, behind one custom domain.`,
  ];
}

function resourcesBelow(construct: IConstruct, stack: Stack): number {
  const below = construct.node.findAll().filter((each) => CfnResource.isCfnResource(each));
  return below.filter((resource) => resource.stack === stack).length;
}

/** API Gateway answers a preflight of a browser itself, without a function. */
function isPreflight({ httpMethod, node }: Method): boolean {
  const { integration } = node.defaultChild as CfnMethod;
  return (
    httpMethod === 'OPTIONS' &&
    integration !== undefined &&
    'type' in integration &&
    integration.type === 'MOCK'
  );
}

/** Warns where the paths of an API have more parts than API Gateway takes by default. */
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
