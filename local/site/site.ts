import type { IncomingMessage, ServerResponse } from 'node:http';
import { runInNewContext } from 'node:vm';
import type { Distribution, SiteBehavior } from './distribution.ts';

export interface SiteOptions {
  readonly distribution: Distribution;
  /** Puts the addresses of this run in the place of those that APIs would have on AWS. */
  readonly localize: (text: string) => string;
}

/**
 * Answers a request for a file of a site.
 * @returns false for a request that is the API's, which is left alone.
 */
export type Site = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

/** Serves the files of a distribution. A path is looked up as the key of a file, so none leads out of the bucket. */
export function createSite({ distribution, localize }: SiteOptions): Site {
  return (incoming, outgoing) => {
    const [path = '/'] = (incoming.url ?? '/').split('?');
    const behavior = distribution.behaviors.find(({ pattern }) => pattern.test(path));
    if (behavior === undefined) return false;
    const { statusCode, headers, body } = answerFor(incoming.method ?? 'GET', path, behavior);
    const isText = !headers.some(([name, value]) => name === 'Content-Type' && value.startsWith('image/'));
    const bytes = isText ? Buffer.from(localize(body.toString('utf8'))) : body;
    const added = behavior.headers.map(([name, value]) => [name, localize(value)]);
    const length = ['Content-Length', String(bytes.length)];
    outgoing.writeHead(statusCode, [...headers, ...added, length].flat());
    outgoing.end(incoming.method === 'HEAD' ? undefined : bytes);
    return true;
  };
}

interface Answer {
  readonly statusCode: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

function answerFor(method: string, path: string, behavior: SiteBehavior): Answer {
  if (method !== 'GET' && method !== 'HEAD') return denied('MethodNotAllowed');
  const routed = route(method, path, behavior.viewerRequestCode);
  if (typeof routed !== 'string') return routed;
  const file = behavior.files.get(keyOf(routed));
  if (file === undefined) return denied('AccessDenied');
  const { bytes, contentType, cacheControl } = file;
  const caching = cacheControl === undefined ? [] : [['Cache-Control', cacheControl] as const];
  return { statusCode: 200, headers: [['Content-Type', contentType], ...caching], body: bytes };
}

/** A distribution that may not list its bucket learns of a missing file that access to it is denied. */
function denied(code: string): Answer {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`);
  return { statusCode: 403, headers: [['Content-Type', 'application/xml']], body };
}

function keyOf(uri: string): string {
  try {
    return decodeURIComponent(uri.slice(1));
  } catch {
    return '';
  }
}

/** What CloudFront's JavaScript returns: a request, or an answer. */
interface Returned {
  readonly uri?: string;
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, { readonly value: string }>>;
}

/** @returns the path to look up, or the answer of the function that saw the request. */
function route(method: string, uri: string, code: string | undefined): string | Answer {
  if (code === undefined) return uri;
  const event = {
    version: '1.0',
    context: { eventType: 'viewer-request' },
    request: { method, uri, querystring: {}, headers: {}, cookies: {} },
  };
  const {
    statusCode,
    headers = {},
    uri: routed,
  }: Returned = runInNewContext(`${code};handler(event)`, { event }, { timeout: 1_000 });
  if (statusCode === undefined) return routed ?? uri;
  const list = Object.entries(headers).map(([name, { value }]) => [name, value] as const);
  return { statusCode, headers: list, body: Buffer.alloc(0) };
}
