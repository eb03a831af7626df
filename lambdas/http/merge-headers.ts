type Headers = Readonly<Record<string, unknown>>;

/**
 * Merges headers whose names may be spelled in other cases. Each name stands once, since HTTP compares names in any case
 * (RFC 9110, 5.1).
 * @param own wins over others. `Vary` is joined: an answer depends on what either of them names.
 */
export function mergeHeaders<Own extends Headers>(others: Headers, own: Own): Own {
  const merged = new Map<string, readonly [name: string, value: unknown]>();
  for (const [name, value] of [...Object.entries(others), ...Object.entries(own)]) {
    const key = name.toLowerCase();
    merged.set(key, [name, key === 'vary' ? joinVary(value, merged.get(key)?.[1]) : value]);
  }
  return Object.fromEntries(merged.values()) as Own;
}

/** @param values texts with commas between names. A name that stands in several is written as in the first one. */
export function joinVary(...values: readonly unknown[]): string {
  const names = new Map<string, string>();
  for (const text of values.join().split(',')) {
    const name = text.trim();
    const key = name.toLowerCase();
    if (name !== '' && !names.has(key)) names.set(key, name);
  }
  return names.has('*') ? '*' : [...names.values()].join(', ');
}
