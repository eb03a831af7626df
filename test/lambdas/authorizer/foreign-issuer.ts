import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';
import { close, listen } from '../../../local/listening.ts';
import { createMemory } from '../../../local/sign-in/memory.ts';
import type { SigningKey } from './signed-tokens.ts';

export const AUDIENCE = 'https://keys.example.com';
export const CLIENT = 'keyward-console';
export const OTHER_CLIENT = 'another-app';

/** An OpenID Connect issuer that is not Keyward's, on this machine: the library's own, with its own paths. */
export interface ForeignIssuer {
  readonly url: string;
  /** An access token as the issuer makes it. */
  accessToken(asked?: {
    readonly client?: string;
    readonly audience?: string;
    readonly user?: string;
  }): Promise<string>;
  /** How often each path was asked for. */
  asked(path: string): number;
  /** What it answers to everything from now on. @default itself again */
  answerWith(answer?: { readonly status: number; readonly body: string }): void;
  /** Signs with other keys from now on, of which the first is used. */
  changeKeys(keys: readonly SigningKey[]): void;
  stop(): Promise<void>;
}

export async function startForeignIssuer(keys: readonly SigningKey[]): Promise<ForeignIssuer> {
  const asked = new Map<string, number>();
  let fixed: { readonly status: number; readonly body: string } | undefined;
  let provider: Provider | undefined;
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '';
    asked.set(path, (asked.get(path) ?? 0) + 1);
    if (fixed !== undefined || provider === undefined)
      outgoing.writeHead(fixed?.status ?? 503, { 'Content-Type': 'application/json' }).end(fixed?.body);
    else provider.callback()(incoming, outgoing);
  });
  const url = await listen(server, 0);
  provider = providerAt(url, keys);
  return {
    url,
    async accessToken({ client = CLIENT, audience = AUDIENCE, user = 'user-1' } = {}) {
      if (provider === undefined) throw new Error('The issuer does not run.');
      const found = await provider.Client.find(client);
      if (found === undefined) throw new Error(`There is no client ${client}.`);
      return new provider.AccessToken({
        client: found,
        accountId: user,
        grantId: 'grant',
        gty: 'authorization_code',
        scope: 'openid',
        resourceServer: new provider.ResourceServer(audience, resourceOf(audience)),
      }).save();
    },
    asked: (path) => asked.get(path) ?? 0,
    answerWith(answer) {
      fixed = answer;
    },
    changeKeys(next) {
      provider = providerAt(url, next);
    },
    stop: () => close(server),
  };
}

const resourceOf = (audience: string) =>
  ({ audience, scope: 'openid', accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }) as const;

function providerAt(url: string, keys: readonly SigningKey[]): Provider {
  return new Provider(url, {
    adapter: createMemory(),
    ttl: { AccessToken: 600 },
    clients: [CLIENT, OTHER_CLIENT].map((client_id) => ({
      client_id,
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/back'],
      response_types: ['code'],
      grant_types: ['authorization_code'],
    })),
    jwks: {
      keys: keys.map(({ kid, privateKey }) => ({
        ...privateKey.export({ format: 'jwk' }),
        kid,
        alg: 'RS256',
        use: 'sig',
      })),
    },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: { enabled: true, getResourceServerInfo: (_, resource) => resourceOf(resource) },
    },
  });
}
