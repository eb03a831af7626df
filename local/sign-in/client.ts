import type { ClientMetadata, ResourceServer } from 'oidc-provider';
import type { UserPoolClient } from './user-pool.ts';

/** What the template says of a client, in the words of RFC 7591. */
export function describeClient({
  clientId,
  callbackUrls,
  logoutUrls,
  scopes,
}: UserPoolClient): ClientMetadata {
  return {
    client_id: clientId,
    // To a loopback address on any port, since a run may have any (RFC 8252, 7.3); to all else as it is registered.
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token', 'password'],
    response_types: ['code'],
    redirect_uris: [...callbackUrls],
    post_logout_redirect_uris: [...logoutUrls],
    scope: scopes.join(' '),
  };
}

/** The issuer is the resource too: no other has to be named to it. */
export function resourceOf({ scope = '' }: { readonly scope?: string | undefined }): ResourceServer {
  return { scope, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } };
}
