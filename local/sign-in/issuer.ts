import type { IncomingMessage, RequestListener } from 'node:http';
import type { HttpAnswer } from '../gateway/http-answer.ts';
import { readBody } from '../gateway/request-body.ts';
import { authorize, redirect } from './authorize.ts';
import { Grants } from './grants.ts';
import { refusalPage } from './page.ts';
import type { LocalPerson } from './person.ts';
import { answerToken } from './token-endpoint.ts';
import { TokenMint } from './token-mint.ts';
import { type TriggerOptions, tellTrigger } from './trigger.ts';
import { isOwnOrigin, isRegistered, type UserPool } from './user-pool.ts';

export interface IssuerOptions extends TriggerOptions {
  /** Without a slash at the end, as `iss` says it. */
  readonly url: string;
  readonly people: readonly LocalPerson[];
}

interface Asked {
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
}

/**
 * An OpenID Connect issuer that stands in for a Cognito user pool: the same endpoints behind the same discovery, the
 * same claims, the same trigger, and a page on which to pick whom to be. It asks nobody for a password.
 */
export function createIssuer(options: IssuerOptions): RequestListener {
  const { url, pool, people, log } = options;
  const grants = new Grants();
  const mint = new TokenMint(url);
  const { clients } = pool;
  const endpoints: Record<string, (asked: Asked) => HttpAnswer | Promise<HttpAnswer>> = {
    'GET /.well-known/openid-configuration': () => json(200, discovery(url, pool)),
    'GET /.well-known/jwks.json': async () => json(200, await mint.jwks()),
    'GET /authorize': ({ query }) => authorize({ clients, people, grants }, query, undefined),
    'POST /authorize': ({ query, form }) =>
      authorize({ clients, people, grants }, query, form.get('person') ?? ''),
    'POST /token': async ({ form }) => {
      const answer = await answerToken(
        {
          ...{ clients, people, grants, mint },
          beforeTokens: (person, source, clientId) => tellTrigger(options, { person, source, clientId }),
        },
        form,
      );
      return json('error' in answer ? 400 : 200, answer);
    },
    'POST /revoke': ({ form }) => {
      grants.revoke(form.get('token') ?? '');
      return json(200, {});
    },
    'GET /logout': ({ query }) => logOut(pool, query),
  };
  return async (incoming, outgoing) => {
    const cors = corsHeaders(pool, incoming.headers.origin);
    let answer: HttpAnswer;
    try {
      const { pathname, searchParams } = new URL(`${url}${incoming.url}`);
      const endpoint = endpoints[`${incoming.method} ${pathname}`];
      const asked = { query: searchParams, form: await formOf(incoming) };
      if (incoming.method === 'OPTIONS') answer = { statusCode: 204, headers: [], body: Buffer.alloc(0) };
      else answer = endpoint ? await endpoint(asked) : json(404, { error: 'not_found' });
    } catch (fault) {
      const text = `The issuer failed: ${fault instanceof Error ? fault.stack : fault}`;
      log({ source: `sign-in:${pool.id}`, text, at: new Date() });
      answer = json(500, { error: 'server_error' });
    }
    outgoing.writeHead(answer.statusCode, [...answer.headers, ...cors].flat()).end(answer.body);
  };
}

/** @see OpenID Connect Discovery 1.0, 3 */
function discovery(url: string, { clients }: UserPool): object {
  return {
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    revocation_endpoint: `${url}/revoke`,
    end_session_endpoint: `${url}/logout`,
    jwks_uri: `${url}/.well-known/jwks.json`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'password'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none'],
    id_token_signing_alg_values_supported: ['RS256'],
    subject_types_supported: ['public'],
    scopes_supported: [...new Set(clients.flatMap(({ scopes }) => scopes))],
  };
}

/** Nobody stays signed in here, so there is nothing to end; the client is only sent back, as Cognito does. */
function logOut({ clients }: UserPool, query: URLSearchParams): HttpAnswer {
  const client = clients.find(({ clientId }) => clientId === query.get('client_id'));
  const target = query.get('logout_uri') ?? '';
  if (client === undefined || !isRegistered(client.logoutUrls, target))
    return refusalPage('client_id and logout_uri must be those of a client of the user pool.');
  return redirect(target, {}, query.get('state'));
}

async function formOf(incoming: IncomingMessage): Promise<URLSearchParams> {
  const body = await readBody(incoming);
  return new URLSearchParams(body === 'too-large' ? '' : body.toString('utf8'));
}

/** Only a client's own pages may read what is answered: any other page that somebody has open could be anybody's. */
function corsHeaders({ clients }: UserPool, origin: string | undefined): [string, string][] {
  if (origin === undefined || !clients.some((client) => isOwnOrigin(client, origin))) return [];
  return [
    ['Access-Control-Allow-Origin', origin],
    ['Access-Control-Allow-Headers', 'Content-Type'],
    ['Vary', 'Origin'],
  ];
}

function json(statusCode: number, value: object): HttpAnswer {
  return {
    statusCode,
    headers: [
      ['Content-Type', 'application/json'],
      ['Cache-Control', 'no-store'],
    ],
    body: Buffer.from(JSON.stringify(value)),
  };
}
