import type { Grant, Grants } from './grants.ts';
import { type LocalPerson, type Person, personNamed } from './person.ts';
import type { MintedTokens, TokenMint } from './token-mint.ts';
import type { UserPoolClient } from './user-pool.ts';

/** Why Cognito tells a pool's trigger that it is about to make tokens. */
export type TriggerSource =
  | 'TokenGeneration_HostedAuth'
  | 'TokenGeneration_Authentication'
  | 'TokenGeneration_RefreshTokens';

export interface TokenEndpointOptions {
  readonly clients: readonly UserPoolClient[];
  readonly people: readonly LocalPerson[];
  readonly grants: Grants;
  readonly mint: TokenMint;
  /** Tells the pool's trigger. @returns false when it failed, and nobody is given tokens. */
  readonly beforeTokens: (person: Person, source: TriggerSource, clientId: string) => Promise<boolean>;
}

export type TokenAnswer =
  | (MintedTokens & { readonly refresh_token?: string })
  | { readonly error: string; readonly error_description: string };

interface Redeemed {
  readonly grant: Grant;
  readonly source: TriggerSource;
}

/** The token endpoint (RFC 6749, 4.1.3 and 6). With `password`, which Cognito has not, a script is whoever it says. */
export async function answerToken(
  options: TokenEndpointOptions,
  body: URLSearchParams,
): Promise<TokenAnswer> {
  const client = clientOf(options.clients, body);
  if (client === undefined)
    return refuse('invalid_client', 'client_id must be that of a client of the pool.');
  const redeemed = redeem(options, client, body);
  if ('error' in redeemed) return redeemed;
  const { grant, source } = redeemed;
  if (!(await options.beforeTokens(grant.person, source, client.clientId)))
    return refuse('invalid_request', 'The trigger of the user pool has failed.');
  const tokens = await options.mint.mint(grant);
  if (source === 'TokenGeneration_RefreshTokens') return tokens;
  return { ...tokens, refresh_token: options.grants.issueRefreshToken(grant) };
}

/** A script need not name the client where there is only one. */
function clientOf(clients: readonly UserPoolClient[], body: URLSearchParams): UserPoolClient | undefined {
  const asked = body.get('client_id');
  const [only, another] = clients;
  if (asked === null && body.get('grant_type') === 'password' && another === undefined) return only;
  return clients.find(({ clientId }) => clientId === asked);
}

function redeem(
  { grants, people }: TokenEndpointOptions,
  client: UserPoolClient,
  body: URLSearchParams,
): Redeemed | (TokenAnswer & { error: string }) {
  const text = (name: string) => body.get(name) ?? '';
  const { clientId } = client;
  switch (body.get('grant_type')) {
    case 'authorization_code': {
      const asked = { code: text('code'), clientId, redirectUri: text('redirect_uri') };
      const grant = grants.redeemCode({ ...asked, verifier: text('code_verifier') });
      if (grant === undefined)
        return refuse('invalid_grant', 'The code, its verifier or its redirect_uri is not right.');
      return { grant, source: 'TokenGeneration_HostedAuth' };
    }
    case 'refresh_token': {
      const grant = grants.refresh(text('refresh_token'), clientId);
      if (grant === undefined) return refuse('invalid_grant', 'There is no such refresh token.');
      return { grant, source: 'TokenGeneration_RefreshTokens' };
    }
    case 'password': {
      const person = personNamed(text('username'), people);
      if (person === undefined)
        return refuse('invalid_request', 'username must be a user id or an e-mail address.');
      const scope = client.scopes.join(' ');
      return { grant: { person, client, scope }, source: 'TokenGeneration_Authentication' };
    }
    default:
      return refuse(
        'unsupported_grant_type',
        'grant_type must be authorization_code, refresh_token or password.',
      );
  }
}

function refuse(error: string, error_description: string) {
  return { error, error_description };
}
