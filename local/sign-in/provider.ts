import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { errors, interactionPolicy, Provider } from 'oidc-provider';
import { accessClaims, CLAIMS, identityClaims } from './claims.ts';
import { describeClient, resourceOf } from './client.ts';
import { createMemory } from './memory.ts';
import { PAGE_PATH, PAGE_POLICY, refusalPage } from './page.ts';
import { addPasswordGrant } from './password-grant.ts';
import type { People } from './person.ts';
import { type TriggerOptions, tellTrigger } from './trigger.ts';
import { isOwnOrigin, type UserPoolClient } from './user-pool.ts';

export interface ProviderOptions extends TriggerOptions {
  /** Without a slash at the end, as in `iss`. */
  readonly url: string;
  readonly people: People;
}

const CODE_SECONDS = 300;
const PAGE_SECONDS = 3_600;

/** The library turns these on by default. Nothing here needs them. */
const WITHOUT = {
  devInteractions: { enabled: false },
  dPoP: { enabled: false },
  pushedAuthorizationRequests: { enabled: false },
  userinfo: { enabled: false },
} as const;

/** Configures the library like a Cognito user pool: its paths, its claims, and how long its tokens live. */
export async function createProvider(options: ProviderOptions): Promise<Provider> {
  const { url, pool, people } = options;
  const policy = interactionPolicy.base();
  policy.remove('consent'); // The clients are the operator's own.
  const provider = new Provider(url, {
    adapter: createMemory(),
    jwks: { keys: [await makeSigningKey()] },
    clients: pool.clients.map(describeClient),
    clientAuthMethods: ['none'],
    responseTypes: ['code'],
    scopes: [...new Set(pool.clients.flatMap(({ scopes }) => scopes))],
    pkce: { required: () => true },
    routes: {
      authorization: '/authorize',
      token: '/token',
      revocation: '/revoke',
      end_session: '/logout',
      jwks: '/.well-known/jwks.json',
    },
    features: {
      ...WITHOUT,
      revocation: { enabled: true, allowedPolicy: (_, client, token) => token.clientId === client.clientId },
      // The library makes access tokens JWTs only for a resource, so there is one.
      resourceIndicators: {
        enabled: true,
        defaultResource: () => url,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, _resource, client) => resourceOf(client),
      },
    },
    formats: {
      customizers: {
        jwt: (_ctx, _token, { payload }) => {
          // Cognito's tokens have no audience. The library needs one, so it is set here and left out of the token.
          Object.defineProperty(payload, 'aud', { enumerable: false });
        },
      },
    },
    interactions: { policy, url: (_, { uid }) => `${PAGE_PATH}${uid}` },
    extraParams: {
      scope: (ctx, scope, client) => {
        const own = client.scope ?? '';
        if (scope === undefined) Object.assign(ctx.oidc.params ?? {}, { scope: own });
        else if (!scope.split(' ').every((one) => own.split(' ').includes(one)))
          throw new errors.InvalidScope(`scope must be some of ${own}.`, scope);
      },
    },
    clientBasedCORS: (_, origin) => isOwnOrigin(pool, origin),
    renderError: (ctx, { error, error_description }) => {
      ctx.type = 'html';
      ctx.set('Content-Security-Policy', PAGE_POLICY);
      ctx.body = refusalPage(error_description ?? error);
    },
    loadExistingGrant: async ({ oidc: { client, session } }) => {
      if (!client || !session?.accountId) return undefined;
      const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
      grant.addOIDCScope(client.scope ?? '');
      grant.addResourceScope(url, client.scope ?? '');
      await grant.save();
      return grant;
    },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => identityClaims(people.of(sub)) }),
    claims: CLAIMS,
    conformIdTokenClaims: false,
    extraTokenClaims: async ({ oidc }, token) => {
      const person = people.of('accountId' in token ? token.accountId : '');
      const clientId = token.clientId ?? '';
      if (!(await tellTrigger(options, { person, clientId, grantType: `${oidc.params?.grant_type}` })))
        throw new errors.InvalidRequest('The trigger of the user pool has failed.');
      return accessClaims(person);
    },
    issueRefreshToken: () => true,
    rotateRefreshToken: false,
    // Nobody stays signed in, and their tokens live on.
    expiresWithSession: () => false,
    ttl: {
      AccessToken: (_ctx, _token, client) => clientOf(client).accessTokenSeconds,
      AuthorizationCode: CODE_SECONDS,
      Grant: Math.max(PAGE_SECONDS, ...pool.clients.map(({ refreshTokenSeconds }) => refreshTokenSeconds)),
      IdToken: (_ctx, _token, client) => clientOf(client).idTokenSeconds,
      Interaction: PAGE_SECONDS,
      RefreshToken: (_ctx, _token, client) => clientOf(client).refreshTokenSeconds,
      Session: PAGE_SECONDS,
    },
  });
  addPasswordGrant(provider, people);
  return provider;

  function clientOf(client: { clientId: string }): UserPoolClient {
    const found = pool.clients.find(({ clientId }) => clientId === client.clientId);
    if (!found) throw new Error(`The user pool has no client ${client.clientId}.`);
    return found;
  }
}

async function makeSigningKey() {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' };
}
