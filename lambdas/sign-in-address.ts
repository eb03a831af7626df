import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { withCrossOriginHeaders } from './http/response-headers.ts';

/** Where the people of a deployment sign in. */
export interface SignInAddress {
  /** The `iss` of every token, whose discovery names the pages and endpoints. */
  readonly issuer: string;
  /** The client that consoles and command lines sign in as. It has no secret. */
  readonly clientId: string;
  /** What a client asks the issuer for. */
  readonly scopes: readonly string[];
  /** Further parameters of the requests for a sign-in and for tokens. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** A deployment's issuer never changes while its people stay. */
const FRESH_SECONDS = 300;

/** Makes the Lambda handler of `GET /sign-in.json`. Somebody who reads it has not signed in yet, so it needs no credential. */
export function createSignInAddressHandler({ issuer, clientId, scopes, parameters }: SignInAddress) {
  const body = JSON.stringify({ issuer, client_id: clientId, scopes, parameters });
  return async (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
    const headers = {
      'Content-Type': 'application/json',
      'Cache-Control': `public, max-age=${FRESH_SECONDS}`,
    };
    return withCrossOriginHeaders(event, { statusCode: 200, headers, body });
  };
}
