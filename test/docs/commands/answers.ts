/** What differs from one run to the next: as the page shows it, and as it is here. */
export type Names = Map<string, string>;

/** Members that mean something to programs: what the page shows is what is answered. */
const EXACT = [
  ...['status', 'code', 'kind', 'valid', 'required_scope', 'isError', 'enabled', 'route'],
  ...['type', 'title', 'detail', 'message'],
];

/** One value, or a line for each. */
export function readAnswer(text: string): unknown {
  const trimmed = text.trim();
  try {
    return JSON.parse(trimmed);
  } catch {
    const lines = trimmed.split('\n');
    if (lines.length > 1 && lines.every((line) => line.startsWith('{')))
      return lines.map((line) => JSON.parse(line));
    throw new Error(`This is no JSON: ${trimmed.slice(0, 200)}`);
  }
}

/** The names of all members, the kinds of values, and what programs go by. */
export function shapeOf(value: unknown, member = ''): unknown {
  // How many ids there are differs; what an object of a list looks like is seen in the first one.
  if (Array.isArray(value)) return value.slice(0, 1).flatMap((each) => (isText(each) ? [] : [shapeOf(each)]));
  if (value === null) return null;
  if (typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value)
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .map(([name, each]) => [name, shapeOf(each, name)]),
    );
  return EXACT.includes(member) ? value : typeof value;
}

/** Whether a body is that of a refusal, in any product's words: an `error`, or a status from 400 on, at any depth. */
export function showsRefusal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([member, each]) => {
    if (member === 'error' && each !== null) return true;
    if (/^status(?:_?code)?$/i.test(member) && Number(each) >= 400) return true;
    return showsRefusal(each);
  });
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

/** Learns which text stands for which, so that later commands can be pasted as they are printed. */
export function learnNames(shown: unknown, answered: unknown, names: Names): void {
  if (typeof shown === 'string' && typeof answered === 'string' && shown !== answered) {
    // Words and times are no names: what is repeated in a command is an id or a secret.
    if (/^[\w-]{12,}$|^[\w-]+…$/.test(shown)) names.set(shown, answered);
    return;
  }
  if (typeof shown !== 'object' || shown === null || typeof answered !== 'object' || answered === null)
    return;
  for (const [member, value] of Object.entries(shown))
    learnNames(value, (answered as Record<string, unknown>)[member], names);
}

/** Longest first: a secret may begin as another does. */
export function withNames(text: string, names: Names): string {
  return [...names]
    .toSorted(([one], [other]) => other.length - one.length)
    .reduce((result, [shown, here]) => result.replaceAll(shown, here), text);
}
