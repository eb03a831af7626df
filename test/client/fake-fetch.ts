import { type Client, createClient } from '../../client/client.ts';
import type { ClientOptions } from '../../client/options.ts';

/** A request, as the client sent it. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly init: RequestInit;
}

/** What happens to a request: an answer, or what keeps it away. */
export type Happening = (sent: SentRequest) => Response | Promise<Response>;

export const CREDENTIAL = 'kwm_not-a-real-one';

/** @param body sent as JSON; a text is sent as it is. */
export function answer(status: number, body: unknown, headers: Record<string, string> = {}): Happening {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return () => new Response(text, { status, headers: { 'Content-Type': 'application/json', ...headers } });
}

export function problem(
  status: number,
  members: { readonly code: string } & Readonly<Record<string, unknown>>,
  headers: Record<string, string> = {},
) {
  return answer(
    status,
    { title: 'A title', status, detail: 'A detail.', request_id: 'r-1', ...members },
    headers,
  );
}

export const lostConnection: Happening = () => Promise.reject(new TypeError('fetch failed'));

/** Never answers, and ends as `fetch` does when it is aborted. */
export const silence: Happening = ({ init: { signal } }) =>
  new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason));
  });

/** A client for which happen, request by request, what a test says; the last of it again and again. */
export function clientThatMeets(
  happenings: readonly [Happening, ...Happening[]],
  options: Partial<ClientOptions> = {},
): { readonly client: Client; readonly sent: SentRequest[]; readonly waits: number[] } {
  const sent: SentRequest[] = [];
  const waits: number[] = [];
  const client = createClient({
    url: 'https://keys.example.com',
    credential: CREDENTIAL,
    fetch: async (url, init) => {
      const { method = 'GET', body } = init;
      const headers = init.headers as Record<string, string>;
      const request = { method, url, headers, body: body as string | undefined, init };
      sent.push(request);
      const happening = happenings[sent.length - 1] ?? happenings.at(-1);
      if (happening === undefined) throw new Error('Nothing is said to happen.');
      return happening(request);
    },
    sleep: async (milliseconds) => {
      waits.push(milliseconds);
    },
    random: () => 0.5,
    ...options,
  });
  return { client, sent, waits };
}
