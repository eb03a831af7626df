/** How a name in a profile is spelled. */
export interface Spelling {
  /** What it is, with its article, such as `a realm`. */
  readonly what: string;
  /** Each character that it may have. */
  readonly character: RegExp;
  /** The same in words. */
  readonly characters: string;
  /** What it begins with, and the same in words. */
  readonly start?: readonly [RegExp, string];
  /** What it ends with, in words. */
  readonly end?: string;
  readonly longest: number;
  readonly emptyIs: 'allowed' | 'refused';
}

/** The pattern of everything that is spelled so. */
export function patternOf({ character, start, end = '', longest, emptyIs }: Spelling): RegExp {
  const first = start === undefined ? '' : `(?=${start[0].source})`;
  const last = end === '' ? '' : `(?<=${end})`;
  const whole = `${first}${character.source}{1,${longest}}${last}`;
  return new RegExp(emptyIs === 'allowed' ? `^(?:${whole})?$` : `^${whole}$`);
}

/**
 * Says what is wrong with a text that is not spelled so.
 * @returns what completes "must be …".
 */
export function misspelling(spelling: Spelling, text: string): string {
  const { what, character, characters, start, end, longest, emptyIs } = spelling;
  const orEmpty = emptyIs === 'allowed' ? ', or an empty text' : '';
  if (text === '') return `${what} of 1 to ${longest} characters`;
  const strange = [...text].find((each) => !character.test(each));
  if (strange !== undefined)
    return `${what} without ${JSON.stringify(strange)}: it may have ${characters} and nothing else`;
  if (text.length > longest) return `${what} of at most ${longest} characters`;
  if (start !== undefined && text.search(start[0]) !== 0)
    return `${what} that starts with ${start[1]}${orEmpty}`;
  return end === undefined ? `${what} of ${characters}` : `${what} that ends in ${end}${orEmpty}`;
}
