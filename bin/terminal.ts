import type { LogLine } from '../local/index.ts';

/** Control characters but for line breaks and tabs, and what breaks lines or turns text around besides them. */
const STEERING = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** A text as it may be shown in a terminal: what would steer it is written out, as in `\u001b[2J`. */
export function forTerminal(text: string): string {
  return text.replaceAll(STEERING, (character) => {
    if (character === '\n' || character === '\t') return character;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/**
 * What is shown of a line that a run has logged: a request in short; what functions print as it is.
 * @returns undefined for the errors by which an authorizer answers 401.
 */
export function shownLine({ source, text }: LogLine): string | undefined {
  if (source.startsWith('function:') && text.includes('"errorMessage":"Unauthorized"')) return undefined;
  return forTerminal(source.startsWith('access-log:') ? requestLine(text) : `${source} ${text}`);
}

function requestLine(text: string): string {
  const { method, route, status, credential_id, refusal, latency_ms }: Record<string, string> =
    JSON.parse(text);
  return [method, route, status, credential_id, refusal, `${latency_ms} ms`]
    .filter((part) => part !== '-')
    .join(' ');
}
