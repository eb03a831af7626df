import type { APIGatewayProxyEvent } from 'aws-lambda';
import { KEY_STATUSES, type KeyStatus } from '../../../core/credential/api-key.ts';
import { hintOf } from '../../../core/text/closest-word.ts';
import { invalidRequest } from '../../http/problem.ts';
import { oneOf } from './field.ts';

/** How lists are read page by page: `?limit=&cursor=`, and `next_cursor` in the answer. */
const LONGEST_PAGE = 100;
const DEFAULT_PAGE = 50;

export interface Page {
  readonly limit: number;
  /** The id after which the page starts; absent for the first. */
  readonly after?: string;
}

/**
 * The page of a list that a call asks for, where nothing else can be asked for.
 * @param isId whether a text can be the id of one of what is listed.
 * @throws {ProblemError} 400.
 */
export function readPage(
  { queryStringParameters }: APIGatewayProxyEvent,
  isId: (text: string) => boolean,
): Page {
  const { limit, cursor, ...unknown } = queryStringParameters ?? {};
  assertParameters(unknown, ['limit', 'cursor']);
  return pageAt({ limit, cursor }, isId);
}

/**
 * The page of a list of credentials, which may be asked for by their status as well.
 * @param isId whether a text can be the id of one of what is listed.
 * @throws {ProblemError} 400.
 */
export function readCredentialPage(
  { queryStringParameters }: APIGatewayProxyEvent,
  isId: (text: string) => boolean,
): Page & { readonly status?: KeyStatus } {
  const { limit, cursor, status, ...unknown } = queryStringParameters ?? {};
  assertParameters(unknown, ['limit', 'cursor', 'status']);
  return { ...pageAt({ limit, cursor }, isId), ...(status !== undefined && { status: readStatus(status) }) };
}

/**
 * @param unknown what is left of a query once the known parameters are taken out.
 * @throws {ProblemError} 400, with what may be asked for.
 */
export function assertParameters(unknown: object, known: readonly string[]): void {
  const [name] = Object.keys(unknown);
  if (name === undefined) return;
  const all = `${known.slice(0, -1).join(', ')} and ${known.at(-1)}`;
  throw invalidRequest('query', `made of ${all}${hintOf(name, known)}`);
}

/**
 * What every list takes, whatever else it may be asked for by.
 * @param isId whether a text can be the id of one of what is listed.
 * @throws {ProblemError} 400.
 */
export function pageAt(
  { limit, cursor }: { readonly limit: string | undefined; readonly cursor: string | undefined },
  isId: (text: string) => boolean,
): Page {
  const after = readCursor(cursor, isId);
  return { limit: readLimit(limit), ...(after !== undefined && { after }) };
}

function readStatus(text: string): KeyStatus {
  const status = KEY_STATUSES.find((known) => known === text);
  if (status === undefined) throw invalidRequest('status', oneOf(KEY_STATUSES, text));
  return status;
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
 * A cursor is the id of the last one shown. It is looked up in the list of the path alone, so one from elsewhere leads
 * nowhere.
 */
function readCursor(text: string | undefined, isId: (text: string) => boolean): string | undefined {
  if (text === undefined) return undefined;
  const id = Buffer.from(text, 'base64url').toString('utf8');
  if (!isId(id)) throw invalidRequest('cursor', 'a next_cursor from an earlier page');
  return id;
}

/** @param next the id to continue after; `null` at the end. */
export function cursorTo(next: string | null): string | null {
  return next === null ? null : Buffer.from(next).toString('base64url');
}
