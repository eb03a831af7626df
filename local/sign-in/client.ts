import type { ClientMetadata, ResourceServer } from 'oidc-provider';
import type { UserPoolClient } from './user-pool.ts';

/** The client of the template as RFC 7591 client metadata. */
export function describeClient({
  clientId,
  callbackUrls,
  logoutUrls,
  scopes,
}: UserPoolClient): ClientMetadata {
  return {
    client_id: clientId,
    // A native client may use any port of a loopback address (RFC 8252, 7.3). All other redirects must match exactly.
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token', 'password'],
    response_types: ['code'],
    redirect_uris: [...callbackUrls],
    post_logout_redirect_uris: [...logoutUrls],
    scope: scopes.join(' '),
  };
}

/** The issuer is also the resource, so that a client need not name one. */
export function resourceOf({ scope = '' }: { readonly scope?: string | undefined }): ResourceServer {
  return { scope, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } };
}
