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
    let next = given;
    while (true) {
      const page = await list(...next);
      yield* page[items] as Iterable<ItemOf<Answer>>;
      if (page.next_cursor === null) return;
      const [fields, ...options] = given;
      next = [{ ...(fields as object), cursor: page.next_cursor }, ...options] as unknown[] as Given;
    }
  };
}
