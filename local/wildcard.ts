const compiled = new Map<string, RegExp>();

/** IAM's wildcards: `*` stands for any characters, slashes and colons included, `?` for exactly one. */
export function matchesWildcard(pattern: string, text: string): boolean {
  let expression = compiled.get(pattern);
  if (!expression) {
    const escaped = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.');
    expression = new RegExp(`^${escaped}$`, 's');
    // Authorizers write new patterns at every request, so the cache needs a bound.
    if (compiled.size > 10_000) compiled.clear();
    compiled.set(pattern, expression);
  }
  return expression.test(text);
}
