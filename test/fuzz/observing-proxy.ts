import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Profile } from '../../core/profile/profile.ts';
import { assertDescribed } from '../described-answers.ts';

/** What a fuzzer sends in place of a credential. So neither its command line nor its output holds one. */
export const PLACEHOLDER = 'the-credential';

/** A credential that may end while it is used, as an API key does that revokes itself. */
export interface RenewableCredential {
  readonly current: () => string;
  /** Called when the credential was answered 401. */
  readonly renew: () => Promise<void>;
}

export interface Observed {
  calls: number;
  /** How often a call was sent again because the API was busy. */
  repeated: number;
  /** How often each status was answered. */
  readonly statuses: Map<number, number>;
  /** The answers that were a fault, or that the description of the API lacks. */
  readonly faults: Set<string>;
}

export interface ObservingProxy {
  readonly url: string;
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** The URL of the management API. */
  readonly target: string;
  readonly profile: Profile;
  readonly credential: RenewableCredential;
  /** What it adds to. */
  readonly observed: Observed;
}

/**
 * Stands between a fuzzer and the management API. It puts the credential in, counts the calls, and checks every answer against
 * the description, as the tests do.
 */
export async function startObservingProxy(options: ProxyOptions): Promise<ObservingProxy> {
  const { profile, credential, observed } = options;
  const server = createServer((incoming, outgoing) => {
    void passPatiently(options, incoming).then(
      async ({ answer, isOwn }) => {
        // First: a fuzzer that no longer waits for the answer must not hide it.
        observe(observed, profile, { incoming, answer });
        await reply(outgoing, answer);
        if (isOwn && answer.status === 401) await credential.renew();
      },
      (error: unknown) => {
        observed.faults.add(`${incoming.method} ${incoming.url} had no answer: ${String(error)}`);
        outgoing.destroy();
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface PassedAnswer {
  readonly status: number;
  readonly rawHeaders: readonly string[];
  readonly contentType: string | null;
  /** `undefined` where the answer does not say. */
  readonly retryAfterSeconds: number | undefined;
  readonly body: Buffer;
}

/** A passing 503 says that the machine is busy. One that stays this long is a finding. */
const MOST_REPETITIONS = 4;

/** Sends a request again after a 503, when the answer says that it may be, as any client would. */
async function passPatiently(options: ProxyOptions, incoming: IncomingMessage) {
  const sent = await buffer(incoming);
  for (let repetition = 1; ; repetition += 1) {
    const passed = await passOn(options, incoming, sent);
    const { status, retryAfterSeconds } = passed.answer;
    if (status !== 503 || retryAfterSeconds === undefined || repetition > MOST_REPETITIONS) return passed;
    options.observed.repeated += 1;
    await new Promise((resolve) => setTimeout(resolve, retryAfterSeconds * 1_000));
  }
}

/** @returns the answer, and whether the request had the credential that the proxy puts in. */
async function passOn(
  { target, credential }: ProxyOptions,
  incoming: IncomingMessage,
  sent: Buffer,
): Promise<{ readonly answer: PassedAnswer; readonly isOwn: boolean }> {
  const isOwn = incoming.headers.authorization === `Bearer ${PLACEHOLDER}`;
  const headers = isOwn
    ? incoming.rawHeaders.map((text) => text.replace(PLACEHOLDER, credential.current()))
    : incoming.rawHeaders;
  const { hostname, port } = new URL(target);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const { method, url: path } = incoming;
    const outgoing = request({ hostname, port, method, path, headers, agent: false }, resolve);
    outgoing.on('error', reject);
    outgoing.end(sent);
  });
  const { statusCode: status = 0, rawHeaders, headers: answered } = answer;
  const contentType = answered['content-type'] ?? null;
  const retryAfter = answered['retry-after'];
  const retryAfterSeconds = retryAfter === undefined ? undefined : Number(retryAfter);
  const body = await buffer(answer);
  return { answer: { status, rawHeaders, contentType, retryAfterSeconds, body }, isOwn };
}

async function reply(outgoing: ServerResponse, { status, rawHeaders, body }: PassedAnswer): Promise<void> {
  const framing = /^(connection|keep-alive|transfer-encoding|content-length)$/i;
  const headers = rawHeaders.flatMap((text, index) =>
    index % 2 === 0 && !framing.test(text) ? [text, rawHeaders[index + 1] ?? ''] : [],
  );
  outgoing.writeHead(status, headers);
  await new Promise<void>((resolve) => outgoing.end(body, resolve));
}

function observe(
  observed: Observed,
  profile: Profile,
  { incoming, answer }: { readonly incoming: IncomingMessage; readonly answer: PassedAnswer },
): void {
  const { method = '', url = '' } = incoming;
  const { status, contentType, body } = answer;
  observed.calls += 1;
  observed.statuses.set(status, (observed.statuses.get(status) ?? 0) + 1);
  const text = body.toString('utf8');
  if (status >= 500) observed.faults.add(`${method} ${url} was answered ${status} ${text}`);
  try {
    const [path = ''] = url.split(/[?#]/);
    assertDescribed(profile, {
      method,
      path,
      status,
      contentType,
      body: text === '' ? null : JSON.parse(text),
    });
  } catch (error) {
    observed.faults.add(error instanceof Error ? error.message : String(error));
  }
}
