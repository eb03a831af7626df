import type { SampleCall } from '../keys/sample-call.ts';

export type CallOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly milliseconds: number }
  /** The browser let no answer through: there is none, or the product's API does not let pages call it. */
  | { readonly kind: 'blocked' };

/** Calls the product's API once with a new credential. */
export async function sendSampleCall(call: SampleCall, secret: string): Promise<CallOutcome> {
  const headers: Record<string, string> = { ...call.headers, [call.header]: `${call.scheme}${secret}` };
  if (call.isMcp) headers.Accept = 'application/json, text/event-stream';
  const body = call.body === undefined ? {} : { body: JSON.stringify(call.body) };
  const begin = performance.now();
  try {
    const { status } = await fetch(call.url, {
      method: call.method,
      headers,
      ...body,
      credentials: 'omit',
      cache: 'no-store',
    });
    return { kind: 'answered', status, milliseconds: Math.round(performance.now() - begin) };
  } catch {
    return { kind: 'blocked' };
  }
}
