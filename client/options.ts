/** What a client is made of. */
export interface ClientOptions {
  /** Where the management API is, such as `https://keys.example.com`. Paths of operations are put behind it. */
  readonly url: string;
  /**
   * A management key, an API key, a token, or the access token of a person who has signed in. A function is asked before every
   * attempt, so that it may renew what has expired.
   */
  readonly credential: string | (() => string | Promise<string>);
  /** How often a call is sent that is safe to repeat. @default 4 */
  readonly attempts?: number;
  /** How long one attempt may take, its answer included. @default 30 */
  readonly timeoutSeconds?: number;
  /** Where the credential may go unencrypted. @default 'loopback' */
  readonly plainHttp?: 'loopback' | 'anywhere';
  /** @default the `fetch` of the platform */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Waits between attempts. Rejects when the signal aborts. */
  readonly sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** From 0 to 1. It spreads the attempts of many clients. @default Math.random */
  readonly random?: () => number;
}

/** The options, checked and complete. */
export type Connection = Required<Omit<ClientOptions, 'plainHttp'>>;

/** @throws {TypeError} for options that no call could work with. It never shows the credential. */
export function connectionOf(options: ClientOptions): Connection {
  const { credential, attempts = 4, timeoutSeconds = 30, plainHttp = 'loopback' } = options;
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > 20)
    throw new TypeError('attempts must be a whole number from 1 to 20.');
  if (!(timeoutSeconds > 0 && timeoutSeconds <= 600))
    throw new TypeError('timeoutSeconds must be more than 0 and at most 600.');
  return {
    url: baseOf(options.url, plainHttp),
    credential: typeof credential === 'string' ? assertSendable(credential) : credential,
    attempts,
    timeoutSeconds,
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    sleep: options.sleep ?? sleep,
    random: options.random ?? Math.random,
  };
}

/** @throws {TypeError} for a text that no header can carry. The platform's own error would show it. */
export function assertSendable(credential: unknown): string {
  if (typeof credential === 'string' && /^[\x21-\x7e]+$/.test(credential)) return credential;
  throw new TypeError('The credential must be a text of visible ASCII characters, without blanks.');
}

function baseOf(text: string, plainHttp: 'loopback' | 'anywhere'): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['https:', 'http:'].includes(url.protocol))
    throw new TypeError('url must be a URL such as https://keys.example.com.');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new TypeError('url must be without a user, a password, a query and a fragment.');
  if (url.protocol === 'http:' && plainHttp === 'loopback' && !isLoopback(url.hostname))
    throw new TypeError(
      "url must begin with https://, because the credential would go unencrypted. plainHttp: 'anywhere' allows it.",
    );
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host);
}

function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
