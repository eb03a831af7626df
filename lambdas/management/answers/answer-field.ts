import * as v from 'valibot';

/**
 * The shapes of answers. Each is a schema, from which the type of the view is inferred and the description of the API is made.
 * Views import types only, so no function carries a schema, and none checks its own answers.
 */

/** A list that nobody changes. */
export function listOf<const Item extends v.GenericSchema>(item: Item) {
  return v.pipe(v.array(item), v.readonly());
}

/** One page of a list. @param name the field that holds the things of the page. */
export function pageOf<const Name extends string, const Item extends v.GenericSchema>(
  name: Name,
  item: Item,
) {
  const entries = { [name]: listOf(item) } as Record<Name, ReturnType<typeof listOf<Item>>>;
  return v.strictObject({
    ...entries,
    next_cursor: described(
      v.nullable(v.string()),
      'Send it as `cursor` to get the next page. `null` on the last page.',
    ),
  });
}

/** @param text what the field says, for the description of the API. */
export function described<const Schema extends v.GenericSchema>(schema: Schema, text: string) {
  return v.pipe(schema, v.description(text));
}

/** A moment in ISO 8601 and UTC. */
export const timeShape = v.pipe(v.string(), v.isoTimestamp());

export const limitShape = v.strictObject({
  limit: described(v.number(), 'How many calls a window has.'),
  window_seconds: described(
    v.number(),
    'How long a window is. Windows begin at multiples of it since the Unix epoch.',
  ),
});

export const scopesShape = described(listOf(v.string()), 'Names of scopes. An empty list means every scope.');

export const networksShape = described(
  listOf(v.string()),
  'The networks from which the credential works. An empty list means every network.',
);
