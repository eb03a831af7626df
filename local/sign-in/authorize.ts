import type { HttpAnswer } from '../gateway/http-answer.ts';
import type { Grants } from './grants.ts';
import { refusalPage, signInPage } from './page.ts';
import { type LocalPerson, personNamed } from './person.ts';
import { isRegistered, type UserPoolClient } from './user-pool.ts';

export interface AuthorizeOptions {
  readonly clients: readonly UserPoolClient[];
  readonly people: readonly LocalPerson[];
  readonly grants: Grants;
}

/** A request that a client's page has sent somebody here with. */
interface AuthorizationRequest {
  readonly client: UserPoolClient;
  readonly redirectUri: string;
  readonly scope: string;
  readonly challenge: string;
  readonly nonce: string | undefined;
}

/**
 * The authorization endpoint of the code flow with PKCE (RFC 6749, 4.1; RFC 7636).
 * @param picked whom the page was told to be; undefined while it has not been shown.
 */
export function authorize(
  { clients, people, grants }: AuthorizeOptions,
  query: URLSearchParams,
  picked: string | undefined,
): HttpAnswer {
  const client = clients.find(({ clientId }) => clientId === query.get('client_id'));
  const redirectUri = query.get('redirect_uri') ?? '';
  if (client === undefined) return refusalPage('client_id must be that of a client of the user pool.');
  // Sending anybody, or an error, to an address that is not the client's would hand it to a stranger.
  if (!isRegistered(client.callbackUrls, redirectUri))
    return refusalPage(`redirect_uri must be one of ${client.callbackUrls.join(', ')}; the port may differ.`);
  const back = (members: Record<string, string>) => redirect(redirectUri, members, query.get('state'));
  const request = readRequest(client, redirectUri, query);
  if ('error' in request) return back(request);
  if (picked === undefined) return signInPage(people);
  const person = personNamed(picked, people);
  if (person === undefined)
    return signInPage(people, 'It must be an e-mail address or a user id of at most 255 characters.');
  return back({ code: grants.issueCode({ ...request, person }) });
}

function readRequest(
  client: UserPoolClient,
  redirectUri: string,
  query: URLSearchParams,
): AuthorizationRequest | { error: string; error_description: string } {
  const refuse = (error: string, error_description: string) => ({ error, error_description });
  if (query.get('response_type') !== 'code')
    return refuse('unsupported_response_type', 'response_type must be code.');
  const scope = query.get('scope') ?? client.scopes.join(' ');
  if (!scope.split(' ').every((one) => client.scopes.includes(one)))
    return refuse('invalid_scope', `scope must be some of ${client.scopes.join(' ')}.`);
  const challenge = query.get('code_challenge') ?? '';
  if (query.get('code_challenge_method') !== 'S256' || !/^[A-Za-z0-9_-]{43}$/.test(challenge))
    return refuse('invalid_request', 'code_challenge must be a SHA-256, and code_challenge_method S256.');
  return { client, redirectUri, scope, challenge, nonce: query.get('nonce') ?? undefined };
}

export function redirect(
  target: string,
  members: Readonly<Record<string, string>>,
  state: string | null,
): HttpAnswer {
  const url = new URL(target);
  for (const [name, value] of Object.entries(members)) url.searchParams.set(name, value);
  if (state !== null) url.searchParams.set('state', state);
  return {
    statusCode: 303,
    headers: [
      ['Location', url.href],
      ['Cache-Control', 'no-store'],
    ],
    body: Buffer.alloc(0),
  };
}
