import { badAnswer, KeywardError, readProblem } from './keyward-error.ts';
import { assertSendable, type Connection } from './options.ts';

/** One request, which may be sent several times. */
export interface ApiRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** JSON; absent if the request has no body. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `public` where no credential is needed: then none is sent. */
  readonly access: 'public' | 'credential';
  /** `once` where a second one could do more than the first: a lost answer does not say whether it was done. */
  readonly repeat: 'safe' | 'once';
  readonly signal?: AbortSignal | undefined;
}

/** The first wait is up to this long, and each further one up to twice as long as the one before. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8_000;
/** An API that wants to be left alone for longer is told of, and not waited for. */
const LONGEST_RETRY_AFTER_SECONDS = 60;

/**
 * Sends a request until it is answered, if it is safe to repeat: after network failures, 429 and 503.
 * @returns the answer of success, as it was read.
 * @throws {KeywardError} if the last attempt was not answered, or was refused; the reason of the signal if the caller has aborted.
 */
export async function sendRequest(connection: Connection, request: ApiRequest): Promise<unknown> {
  const { attempts, sleep } = connection;
  for (let attempt = 1; ; attempt += 1) {
    request.signal?.throwIfAborted();
    const outcome = await attemptOnce(connection, request);
    if (outcome.kind === 'answer') return outcome.body;
    const wait = waitBefore(attempt, outcome.error, connection);
    if (request.repeat === 'once' || attempt >= attempts || wait === 'too_long') throw outcome.error;
    await sleep(wait, request.signal);
  }
}

type Outcome =
  | { readonly kind: 'answer'; readonly body: unknown }
  | { readonly kind: 'failure'; readonly error: KeywardError };

/** @throws what another attempt would not mend. */
async function attemptOnce(connection: Connection, request: ApiRequest): Promise<Outcome> {
  const credential = request.access === 'public' ? undefined : await credentialOf(connection);
  const timeout = AbortSignal.timeout(connection.timeoutSeconds * 1_000);
  let response: Response;
  let text: string;
  try {
    response = await connection.fetch(
      `${connection.url}${request.path}`,
      initOf(request, { credential, timeout }),
    );
    // An attempt can also fail in the middle of the answer.
    text = await response.text();
  } catch (cause) {
    request.signal?.throwIfAborted();
    return { kind: 'failure', error: timeout.aborted ? late(connection, cause) : unreachable(cause) };
  }
  return judge(response, text);
}

/** @throws what another attempt would not mend. */
function judge(response: Response, text: string): Outcome {
  const { status } = response;
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400))
    throw badAnswer(status, {
      reason: 'The answer is a redirect, which is not followed with the credential.',
    });
  const body = parse(text);
  if (response.ok) {
    if (typeof body !== 'object' || body === null)
      throw badAnswer(status, { reason: 'The answer is not JSON.' });
    return { kind: 'answer', body };
  }
  const error = readProblem(response, body);
  if (status === 429 || status === 503) return { kind: 'failure', error };
  throw error;
}

async function credentialOf({ credential }: Connection): Promise<string> {
  return typeof credential === 'string' ? credential : assertSendable(await credential());
}

function initOf(
  { method, body, headers, signal }: ApiRequest,
  { credential, timeout }: { readonly credential: string | undefined; readonly timeout: AbortSignal },
): RequestInit {
  return {
    method,
    headers: {
      Accept: 'application/json',
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
      ...(credential !== undefined && { Authorization: `Bearer ${credential}` }),
    },
    ...(body !== undefined && { body }),
    cache: 'no-store',
    credentials: 'omit',
    // Another server must not get the credential.
    redirect: 'manual',
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  };
}

function late({ timeoutSeconds }: Connection, cause: unknown): KeywardError {
  const detail = `There was no answer within ${timeoutSeconds} seconds.`;
  return new KeywardError({ code: 'timeout', detail, cause });
}

function unreachable(cause: unknown): KeywardError {
  return new KeywardError({ code: 'network', detail: 'The API could not be reached.', cause });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @returns milliseconds: what the API asks for, and a random part that grows. */
function waitBefore(
  attempt: number,
  { retryAfterSeconds }: KeywardError,
  { random }: Connection,
): number | 'too_long' {
  const asked = retryAfterSeconds ?? 0;
  if (asked > LONGEST_RETRY_AFTER_SECONDS) return 'too_long';
  return asked * 1_000 + random() * Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS);
}
