import { type Operations, REPEATABLE_POSTS } from './api.ts';
import type { Connection } from './options.ts';
import { sendRequest } from './send-request.ts';

export interface CallOptions {
  /** Ends the call, which then rejects with the signal's reason. What was sent may be done all the same. */
  readonly signal?: AbortSignal | undefined;
}

type Name = keyof Operations;

type FieldsOf<Each extends Name> = Operations[Each]['fields'];
export type AnswerOf<Each extends Name> = Operations[Each]['answer'];

/** A method of the client. Where no field is required, nothing needs to be given. */
export type Method<Each extends Name> =
  Record<never, never> extends FieldsOf<Each>
    ? (fields?: FieldsOf<Each>, options?: CallOptions) => Promise<AnswerOf<Each>>
    : (fields: FieldsOf<Each>, options?: CallOptions) => Promise<AnswerOf<Each>>;

export type DefineMethod = <Each extends Name>(name: Each) => Method<Each>;

/** Makes methods of the operations of one API. */
export function methodsOf(connection: Connection): DefineMethod {
  return (name) => {
    const method = async (fields: object = {}, { signal }: CallOptions = {}) =>
      sendRequest(connection, { ...requestOf(name, fields), signal });
    return method as Method<typeof name>;
  };
}

/** Puts the fields where the operation has them: in the path, and the others in the query or in the body. */
function requestOf(name: Name, fields: object) {
  const [method = '', template = ''] = name.split(' ');
  const others = new Map<string, unknown>(Object.entries(fields).filter(([, value]) => value !== undefined));
  const path = template.replaceAll(/\{(\w+)\}/g, (_, field: string) => {
    const part = segmentOf(field, others.get(field));
    others.delete(field);
    return part;
  });
  const repeat = isRepeatable(name, method) ? 'safe' : 'once';
  if (others.size === 0) return { method, path, repeat } as const;
  if (method !== 'GET')
    return { method, path, repeat, body: JSON.stringify(Object.fromEntries(others)) } as const;
  const query = new URLSearchParams(
    [...others].map(([field, value]): [string, string] => [field, String(value)]),
  );
  return { method, path: `${path}?${query}`, repeat } as const;
}

/** @throws {TypeError} for a text that would make the path one of another operation. */
function segmentOf(field: string, value: unknown): string {
  if (typeof value !== 'string' || ['', '.', '..'].includes(value))
    throw new TypeError(`${field} must be a text that is not empty, "." or "..".`);
  return encodeURIComponent(value);
}

/**
 * Reading, and setting or ending what has a name, may be repeated. A change of some fields may not: it would undo what somebody
 * else has changed since.
 */
function isRepeatable(name: Name, method: string): boolean {
  return method === 'GET' || method === 'PUT' || method === 'DELETE' || REPEATABLE_POSTS.includes(name);
}
