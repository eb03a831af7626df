import type { APIGatewayProxyEvent } from 'aws-lambda';
import * as v from 'valibot';
import { KEY_STATUSES, type KeyStatus } from '../../../core/credential/credential.ts';
import { isIdentifier } from '../../../core/credential/identifier.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { hintOf } from '../../../core/text/closest-word.ts';
import { invalidRequest } from '../../http/problem.ts';
import { externalIdFilter, knownUserIdField, oneOf } from './field.ts';

/** Lists are read page by page: `?limit=&cursor=` in the request, and `next_cursor` in the answer. */
export const LONGEST_PAGE = 100;
export const DEFAULT_PAGE = 50;

export interface Page {
  readonly limit: number;
  /** The id after which the page starts; `undefined` for the first page. */
  readonly after: string | undefined;
}

/** Whether a text can be the id of something in the list. */
type IsId = (text: string) => boolean;

/**
 * Reads which page of a list a call asks for.
 * @throws {ProblemError} 400.
 */
export function readPage({ queryStringParameters }: APIGatewayProxyEvent, isId: IsId): Page {
  const { limit, cursor, ...unknown } = queryStringParameters ?? {};
  assertParameters(unknown, ['limit', 'cursor']);
  return pageAt({ limit, cursor }, isId);
}

/**
 * As {@link readPage}, for a list of credentials: a call may also ask for one status.
 * @throws {ProblemError} 400.
 */
export function readCredentialPage(
  { queryStringParameters }: APIGatewayProxyEvent,
  isId: IsId,
): Page & { readonly status: KeyStatus | undefined } {
  const { limit, cursor, status, ...unknown } = queryStringParameters ?? {};
  assertParameters(unknown, ['limit', 'cursor', 'status']);
  return { ...pageAt({ limit, cursor }, isId), status: readStatus(status) };
}

/**
 * As {@link readCredentialPage}, for a list of keys: a call may also ask for one external id, and for one creator.
 * @throws {ProblemError} 400.
 */
export function readKeyPage(
  { queryStringParameters }: APIGatewayProxyEvent,
  profile: Profile,
): Page & {
  readonly status: KeyStatus | undefined;
  readonly externalId: string | undefined;
  readonly createdBy: string | undefined;
} {
  const { limit, cursor, status, external_id, created_by, ...unknown } = queryStringParameters ?? {};
  assertParameters(unknown, ['limit', 'cursor', 'status', 'external_id', 'created_by']);
  return {
    ...pageAt({ limit, cursor }, (id) => isIdentifier('key', id)),
    status: readStatus(status),
    externalId: readFilter('external_id', externalIdFilter, external_id),
    createdBy: readFilter('created_by', knownUserIdField(profile), created_by),
  };
}

/**
 * Refuses a query with an unknown parameter.
 * @param unknown the query without its known parameters.
 * @throws {ProblemError} 400 that names the known parameters.
 */
export function assertParameters(unknown: object, known: readonly string[]): void {
  const [name] = Object.keys(unknown);
  if (name === undefined) return;
  const all = `${known.slice(0, -1).join(', ')} and ${known.at(-1)}`;
  throw invalidRequest('query', `made of ${all}${hintOf(name, known)}`);
}

/**
 * Reads the two parameters that every list takes.
 * @throws {ProblemError} 400.
 */
export function pageAt(
  { limit, cursor }: { readonly limit: string | undefined; readonly cursor: string | undefined },
  isId: IsId,
): Page {
  return { limit: readLimit(limit), after: readCursor(cursor, isId) };
}

function readStatus(text: string | undefined): KeyStatus | undefined {
  if (text === undefined) return undefined;
  const status = KEY_STATUSES.find((known) => known === text);
  if (status === undefined) throw invalidRequest('status', oneOf(KEY_STATUSES, text));
  return status;
}

/**
 * Reads one parameter by which a list is filtered.
 * @returns `undefined` for a parameter that the call does not have.
 * @throws {ProblemError} 400 that names the parameter.
 */
export function readFilter<Schema extends v.GenericSchema>(
  name: string,
  schema: Schema,
  text: string | undefined,
): v.InferOutput<Schema> | undefined {
  if (text === undefined) return undefined;
  const parsed = v.safeParse(schema, text);
  if (!parsed.success) throw invalidRequest(name, parsed.issues[0].message);
  return parsed.output;
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PAGE;
  const limit = Number(text);
  if (!/^\d{1,3}$/.test(text) || limit < 1 || limit > LONGEST_PAGE) {
    throw invalidRequest('limit', `a whole number from 1 to ${LONGEST_PAGE}`);
  }
  return limit;
}

/**
 * A cursor is the id of the last thing shown. The store looks it up in the list of the path only, so a cursor of another list
 * leads nowhere.
 * @throws {ProblemError} 400.
 */
export function readCursor(text: string | undefined, isId: IsId): string | undefined {
  if (text === undefined) return undefined;
  const id = Buffer.from(text, 'base64url').toString('utf8');
  if (!isId(id)) throw invalidRequest('cursor', 'a next_cursor from an earlier page');
  return id;
}

/** @param next the id to continue after; `null` at the end. */
export function cursorTo(next: string | null): string | null {
  return next === null ? null : Buffer.from(next).toString('base64url');
}
