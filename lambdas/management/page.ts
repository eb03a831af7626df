import { invalidRequest } from '../http/problem.ts';

/** How lists are read page by page: `?limit=&cursor=`, and `next_cursor` in the answer. */
const LONGEST_PAGE = 100;
const DEFAULT_PAGE = 50;

export function readLimit(text: string | undefined): number {
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
export function readCursor(text: string | undefined, isId: (text: string) => boolean): string | undefined {
  if (text === undefined) return undefined;
  const id = Buffer.from(text, 'base64url').toString('utf8');
  if (!isId(id)) throw invalidRequest('cursor', 'a next_cursor from an earlier page');
  return id;
}

export function cursorTo(next: string | null): string | null {
  return next === null ? null : Buffer.from(next).toString('base64url');
}
