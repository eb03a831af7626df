import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { type GuardedEvent, type Principal, withCrossOriginHeaders } from 'keyward/middleware';
import profile from '#product-profile' with { type: 'json' };
import { json } from '../answers.ts';

/** What the samples for any product read of the profile that they are bundled with. */
interface ProductData {
  readonly name: string;
  readonly scopes?: readonly { readonly grants: readonly string[] }[];
  readonly public_routes?: readonly string[];
  readonly mcp?: { readonly tools?: readonly string[] };
}

const { name, scopes = [], public_routes, mcp } = profile as unknown as ProductData;

export const PRODUCT = name;

export const PUBLIC_ROUTES: readonly string[] = public_routes ?? [];

/** The tools that the profile lists. Without a list, the tools that its scopes name. Administering keys is no tool. */
export const TOOLS: readonly string[] = mcp?.tools ?? [
  ...new Set(scopes.flatMap(({ grants }) => grants).filter(isTool)),
];

function isTool(grant: string): boolean {
  return /^[\w.-]+$/.test(grant) && grant !== 'keyward.administer';
}

/** Answers any route with what the guard has let through, so that a profile can be tried before its product is written. */
export async function answer(event: GuardedEvent): Promise<APIGatewayProxyResult> {
  return json(200, { ...routeOf(event), caller: callerOf(event.principal) });
}

/** Answers a route that needs no key. No guard lets pages of other origins read the answer. */
export function answerPublic(event: APIGatewayProxyEvent): APIGatewayProxyResult {
  return withCrossOriginHeaders(event, json(200, { ...routeOf(event), caller: null }));
}

/** The caller, in the words of the management API. */
export function callerOf({ kind, credentialId, workspace, user, role, scopes }: Principal): object {
  return { kind, credential_id: credentialId, workspace, user, role, scopes };
}

function routeOf({ httpMethod, resource, path }: APIGatewayProxyEvent): object {
  return { route: `${httpMethod} ${resource}`, path };
}
