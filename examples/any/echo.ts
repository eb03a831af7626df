import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { type GuardedEvent, type Principal, withCrossOriginHeaders } from 'keyward/middleware';
import { json } from '../answers.ts';

/** Answers any route with what the guard has let through, so that a profile can be tried before its product is written. */
export async function answer(event: GuardedEvent): Promise<APIGatewayProxyResult> {
  return json(200, { ...routeOf(event), caller: callerOf(event.principal) });
}

/** Answers a route that needs no key. No guard lets pages of other origins read the answer. */
export function answerPublic(event: APIGatewayProxyEvent): APIGatewayProxyResult {
  return withCrossOriginHeaders(event, json(200, { ...routeOf(event), caller: null }));
}

/** Who calls, in the words of the management API. */
export function callerOf({ kind, credentialId, workspace, user, role, scopes }: Principal): object {
  return { kind, credential_id: credentialId, workspace, user, role, scopes };
}

function routeOf({ httpMethod, resource, path }: APIGatewayProxyEvent): object {
  return { route: `${httpMethod} ${resource}`, path };
}
