import { badAnswer } from './keyward-error.ts';

/** The fields of a list's answer that are no list. */
type Cursor = 'next_cursor';

type ItemOf<Page> = Page[Exclude<keyof Page, Cursor>] extends readonly (infer Item)[] ? Item : never;

interface Page {
  readonly next_cursor: string | null;
}

/**
 * Makes a method that yields the things on all pages of one that lists a page. It asks for a page when the one before it was used
 * up. A loop that ends early asks for no further page. `limit` is how many things one page holds.
 */
export function everyItem<Given extends unknown[], Answer extends Page>(
  list: (...given: Given) => Promise<Answer>,
  items: Exclude<keyof Answer, Cursor>,
): (...given: Given) => AsyncGenerator<ItemOf<Answer>, void, undefined> {
  return async function* (...given) {
    const checkCursor = createCursorCheck();
    let next = given;
    while (true) {
      const page = await list(...next);
      yield* page[items] as Iterable<ItemOf<Answer>>;
      const cursor = checkCursor(page.next_cursor);
      if (cursor === null) return;
      const [fields, ...options] = given;
      next = [{ ...(fields as object), cursor }, ...options] as unknown[] as Given;
    }
  };
}

/**
 * Makes what checks the cursors of one list, page by page. Otherwise a list could go on for ever.
 * @returns a function that returns the cursor. It throws a {@link KeywardError} for one that is missing, or was there before.
 */
export function createCursorCheck(): (cursor: unknown) => string | null {
  const before = new Set<string>();
  return (cursor) => {
    if (cursor === null) return null;
    if (typeof cursor !== 'string')
      throw badAnswer(200, { reason: 'The answer does not say whether the list goes on.' });
    if (before.has(cursor)) throw badAnswer(200, { reason: 'The list comes back to a page that it had.' });
    before.add(cursor);
    return cursor;
  };
}
