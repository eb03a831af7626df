import * as v from 'valibot';
import { SIGN_IN_PATH } from '../../core/management/sign-in.ts';
import { CommandFailure, EXIT } from '../commands/failure.ts';
import type { PersonCredential } from '../connections/connection.ts';
import { isSafeUrl } from '../connections/connection.ts';

type Fetch = typeof fetch;

/** What signs people in for a deployment. */
export interface Issuer {
  readonly issuer: string;
  readonly clientId: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  /** `null` where tokens cannot be ended before they expire. */
  readonly revocationEndpoint: string | null;
  readonly request: SignInRequest;
}

const requestShape = v.object({ scopes: v.array(v.string()), parameters: v.record(v.string(), v.string()) });

/** What the API says that a client has to ask the issuer for. An older API says nothing: its issuer is Cognito. */
type SignInRequest = v.InferOutput<typeof requestShape>;

const OF_COGNITO: SignInRequest = { scopes: ['openid', 'email'], parameters: {} };

const LONGEST_WAIT_MS = 15_000;

/**
 * Asks a management API where its people sign in.
 * @throws {CommandFailure} where it does not say so, or is not reached.
 */
export async function findIssuer(url: string, fetch: Fetch): Promise<Issuer> {
  const { issuer, client_id, scopes, parameters } = await readJson(`${url}${SIGN_IN_PATH}`, fetch);
  if (typeof issuer !== 'string' || typeof client_id !== 'string')
    throw new CommandFailure(
      EXIT.failed,
      `${url} does not say where people sign in: it is no management API of Keyward, or an older one.`,
    );
  const request = v.safeParse(requestShape, { scopes, parameters });
  return discoverEndpoints(
    { issuer, clientId: client_id, request: request.success ? request.output : OF_COGNITO },
    fetch,
  );
}

/**
 * Reads the issuer's own description of itself.
 * @see OpenID Connect Discovery 1.0, 4
 */
export async function discoverEndpoints(
  { issuer, clientId, request }: Pick<Issuer, 'issuer' | 'clientId' | 'request'>,
  fetch: Fetch,
): Promise<Issuer> {
  assertSafe(issuer, issuer);
  const found = await readJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, fetch);
  // Another issuer could have put its document there (4.3).
  if (found.issuer !== issuer) throw unusable(issuer);
  const endpoint = (name: string) => assertSafe(found[name], issuer);
  return {
    issuer,
    clientId,
    authorizationEndpoint: endpoint('authorization_endpoint'),
    tokenEndpoint: endpoint('token_endpoint'),
    revocationEndpoint: found.revocation_endpoint === undefined ? null : endpoint('revocation_endpoint'),
    request,
  };
}

/**
 * Asks for tokens.
 * @param form the grant: a code, or a refresh token.
 * @param now milliseconds since the epoch.
 * @returns `refused` where the grant is worth nothing (any more).
 */
export async function requestTokens(
  issuer: Issuer,
  {
    form,
    fetch,
    now,
  }: { readonly form: Readonly<Record<string, string>>; readonly fetch: Fetch; readonly now: number },
): Promise<PersonCredential | 'refused'> {
  const { issuer: name, clientId, tokenEndpoint, request } = issuer;
  const { parameters } = request;
  const response = await send(tokenEndpoint, {
    form: { ...parameters, ...form, client_id: clientId },
    fetch,
  });
  const body = await readBody(response);
  if (response.status === 400 || response.status === 401) return 'refused';
  const { access_token, refresh_token, expires_in, token_type } = body ?? {};
  if (!response.ok || typeof access_token !== 'string' || String(token_type).toLowerCase() !== 'bearer')
    throw unusable(name);
  return {
    kind: 'person',
    issuer: name,
    client_id: clientId,
    parameters,
    access_token,
    refresh_token: typeof refresh_token === 'string' ? refresh_token : null,
    expires_at: Math.floor(now / 1000) + (typeof expires_in === 'number' ? expires_in : 0),
  };
}

/** Ends a refresh token, and with it the sign-in. @returns false where the issuer did not do it. */
export async function revokeTokens(issuer: Issuer, refreshToken: string, fetch: Fetch): Promise<boolean> {
  const { revocationEndpoint, clientId } = issuer;
  if (revocationEndpoint === null) return false;
  const form = { token: refreshToken, client_id: clientId };
  return (await send(revocationEndpoint, { form, fetch })).ok;
}

async function readJson(url: string, fetch: Fetch): Promise<Record<string, unknown>> {
  const response = await send(url, { fetch });
  const body = response.ok ? await readBody(response) : undefined;
  if (body !== undefined) return body;
  throw new CommandFailure(
    EXIT.failed,
    `${url} has no answer for this command (${response.status}): check the URL.`,
  );
}

async function send(
  url: string,
  { form, fetch }: { readonly form?: Readonly<Record<string, string>>; readonly fetch: Fetch },
): Promise<Response> {
  const signal = AbortSignal.timeout(LONGEST_WAIT_MS);
  const posted = form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) };
  try {
    // A redirect could take a code or a token to another server.
    return await fetch(url, { ...posted, signal, redirect: 'error' });
  } catch (cause) {
    throw new CommandFailure(
      EXIT.unavailable,
      `${new URL(url).origin} was not reached: check the URL and the network.`,
      {
        cause,
      },
    );
  }
}

async function readBody(response: Response): Promise<Record<string, unknown> | undefined> {
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null ? { ...body } : undefined;
  } catch {
    return undefined;
  }
}

function assertSafe(url: unknown, issuer: string): string {
  if (typeof url === 'string' && isSafeUrl(url)) return url;
  throw unusable(issuer);
}

function unusable(issuer: string): CommandFailure {
  return new CommandFailure(
    EXIT.failed,
    `The issuer ${issuer} cannot sign anybody in: its answer is not valid.`,
  );
}
