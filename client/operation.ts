import { KEYED_POSTS, type Operations, PUBLIC_POSTS, REPEATABLE_POSTS } from './api.ts';
import type { Connection } from './options.ts';
import { type ApiRequest, sendRequest } from './send-request.ts';

export interface CallOptions {
  /** Ends the call, which then rejects with the signal's reason. What was sent may be done all the same. */
  readonly signal?: AbortSignal | undefined;
}

export interface MakingOptions extends CallOptions {
  /**
   * Calls of one caller with the same key make one thing, for 24 hours. Give one that you have written down, if your program may end
   * before it is answered. 1 to 255 visible ASCII characters. @default a new one for each call
   */
  readonly idempotencyKey?: string | undefined;
}

type Name = keyof Operations;
type KeyedName = (typeof KEYED_POSTS)[number];

type FieldsOf<Each extends Name> = Operations[Each]['fields'];
type AnswerOf<Each extends Name> = Operations[Each]['answer'];
type OptionsOf<Each extends Name> = Each extends KeyedName ? MakingOptions : CallOptions;

/** A method of the client. Where no field is required, nothing needs to be given. */
export type Method<Each extends Name> =
  Record<never, never> extends FieldsOf<Each>
    ? (fields?: FieldsOf<Each>, options?: OptionsOf<Each>) => Promise<AnswerOf<Each>>
    : (fields: FieldsOf<Each>, options?: OptionsOf<Each>) => Promise<AnswerOf<Each>>;

export type DefineMethod = <Each extends Name>(name: Each) => Method<Each>;

/** Makes methods of the operations of one API. */
export function methodsOf(connection: Connection): DefineMethod {
  return (name) => {
    const method = async (fields: object = {}, { signal, idempotencyKey }: MakingOptions = {}) => {
      const sending = sendingOf(name, idempotencyKey);
      return sendRequest(connection, { ...requestOf(name, fields), ...sending, signal });
    };
    return method as Method<typeof name>;
  };
}

/** Puts the fields where the operation has them: in the path, and the others in the query or in the body. */
function requestOf(name: Name, fields: object): Pick<ApiRequest, 'method' | 'path' | 'body'> {
  const [method = '', template = ''] = name.split(' ');
  const others = new Map<string, unknown>(Object.entries(fields).filter(([, value]) => value !== undefined));
  const path = template.replaceAll(/\{(\w+)\}/g, (_, field: string) => {
    const part = segmentOf(field, others.get(field));
    others.delete(field);
    return part;
  });
  // A call that says nothing sends an empty object where the API reads a body.
  const isBodied = method !== 'GET' && method !== 'DELETE';
  if (others.size === 0 && !isBodied) return { method, path };
  if (method !== 'GET') return { method, path, body: JSON.stringify(Object.fromEntries(others)) };
  const pairs = [...others].map(([field, value]): [string, string] => [field, String(value)]);
  return { method, path: `${path}?${new URLSearchParams(pairs)}` };
}

/** @throws {TypeError} for a text that would make the path one of another operation. */
function segmentOf(field: string, value: unknown): string {
  if (typeof value !== 'string' || ['', '.', '..'].includes(value))
    throw new TypeError(`${field} must be a text that is not empty, "." or "..".`);
  return encodeURIComponent(value);
}

/**
 * Reading, and setting or ending what has a name, may be repeated. So may making something, with a key that stays the same. A
 * change of some fields may not: it would undo what somebody else has changed since.
 */
function sendingOf(name: Name, idempotencyKey?: string): Pick<ApiRequest, 'access' | 'repeat' | 'headers'> {
  const isIn = (names: readonly Name[]) => names.includes(name);
  const access = isIn(PUBLIC_POSTS) ? 'public' : 'credential';
  if (isIn(KEYED_POSTS))
    return {
      access,
      repeat: 'safe',
      headers: { 'Idempotency-Key': assertKey(idempotencyKey ?? crypto.randomUUID()) },
    };
  const isSafe = /^(?:GET|PUT|DELETE) /.test(name) || isIn(REPEATABLE_POSTS);
  return { access, repeat: isSafe ? 'safe' : 'once' };
}

function assertKey(key: string): string {
  if (/^[!-~]{1,255}$/.test(key)) return key;
  throw new TypeError('idempotencyKey must be 1 to 255 visible ASCII characters, without blanks.');
}
