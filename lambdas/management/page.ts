import type { APIGatewayProxyEvent } from 'aws-lambda';
import { type IdentifierPrefix, isIdentifier } from '../../core/identifier.ts';
import { invalidRequest } from '../http/problem.ts';

const LONGEST_PAGE = 100;
const DEFAULT_PAGE = 50;

export interface Page {
  readonly limit: number;
  /** The id after which the page starts; absent for the newest. */
  readonly after?: string;
}

/**
 * The page of a list that a call asks for, where nothing else can be asked for.
 * @param prefix of the ids of what is listed.
 * @throws {ProblemError} 400.
 */
export function readPage({ queryStringParameters }: APIGatewayProxyEvent, prefix: IdentifierPrefix): Page {
  const { limit, cursor, ...unknown } = queryStringParameters ?? {};
  if (Object.keys(unknown).length > 0) throw invalidRequest('query', 'made of limit and cursor');
  const after = readCursor(cursor, prefix);
  return { limit: readLimit(limit), ...(after !== undefined && { after }) };
}

export function readLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PAGE;
  const limit = Number(text);
  if (!/^\d{1,3}$/.test(text) || limit < 1 || limit > LONGEST_PAGE) {
    throw invalidRequest('limit', `a whole number from 1 to ${LONGEST_PAGE}`);
  }
  return limit;
}

/**
 * A cursor is the id of the last one shown. It is looked up in the partition that the path names alone, so one from
 * elsewhere leads nowhere.
 */
export function readCursor(text: string | undefined, prefix: IdentifierPrefix): string | undefined {
  if (text === undefined) return undefined;
  const id = Buffer.from(text, 'base64url').toString('utf8');
  if (!isIdentifier(prefix, id)) throw invalidRequest('cursor', 'a next_cursor from an earlier page');
  return id;
}

/** @param next the id to continue after; `null` at the end. */
export function cursorOf(next: string | null): string | null {
  return next === null ? null : Buffer.from(next).toString('base64url');
}
