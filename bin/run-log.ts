import type { LogLine } from '../local/index.ts';
import { forTerminal } from './output.ts';

/** The codes of refusals whose requests are not answered yet, by the ids of the requests. */
export type Refusals = Map<string, string>;

/**
 * Shortens a line of a run's log for the terminal: a request becomes one short line with the code of its refusal. Lines that
 * functions print stay as they are.
 * @param refusals is one and the same for every line of a run: API Gateway's own line of a request does not tell why an authorizer answered
 * 401, and a line of the function before it does.
 * @returns undefined for the errors by which an authorizer answers 401.
 */
export function shownLine({ source, text }: LogLine, refusals: Refusals = new Map()): string | undefined {
  if (source.startsWith('access-log:')) return forTerminal(requestLine(text, refusals));
  if (source.startsWith('function:')) {
    if (text.includes('"errorMessage":"Unauthorized"')) return undefined;
    noteRefusal(text, refusals);
  }
  return forTerminal(`${source} ${text}`);
}

function noteRefusal(text: string, refusals: Refusals): void {
  const [, code] = /"code":"(\w+)"/.exec(text) ?? [];
  const [, requestId] = /"request_id":"([\w=-]+)"/.exec(text) ?? [];
  if (code !== undefined && requestId !== undefined) refusals.set(requestId, code);
}

function requestLine(text: string, refusals: Refusals): string {
  const { request_id, method, route, status, credential_id, refusal, latency_ms }: Record<string, string> =
    JSON.parse(text);
  const noted = refusals.get(request_id ?? '');
  refusals.delete(request_id ?? '');
  const code = refusal === '-' && Number(status) >= 400 ? (noted ?? '-') : refusal;
  return [method, route, status, credential_id, code, `${latency_ms} ms`]
    .filter((part) => part !== '-')
    .join(' ');
}
