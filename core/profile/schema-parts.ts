import * as v from 'valibot';
import { hintOf } from '../text/closest-word.ts';
import { isObject } from '../text/invalid-input.ts';

/** `v.record` drops members with these names without a word. */
export const UNNAMEABLE = ['__proto__', 'prototype', 'constructor'];

/** An object with the fields of a schema. Valibot's own objects may be lists. */
export const object = <const Schema extends v.GenericSchema<unknown, object>>(
  schema: Schema,
  expected = 'an object',
) => v.pipe(v.unknown(), v.check(isObject, expected), schema);

/** An object whose names its author chooses. Valibot's records drop some names. */
export const record = <const Schema extends v.GenericSchema<unknown, object>>(
  schema: Schema,
  expected: string,
) => v.pipe(v.unknown(), v.check(hasOwnNames, expected), schema);

function hasOwnNames(value: unknown): boolean {
  return isObject(value) && !UNNAMEABLE.some((name) => Object.hasOwn(value, name));
}

/** One of several words. Its message ends with the word that the author probably meant. */
export const choice = <const Words extends readonly string[]>(words: Words, expected = quoteWords(words)) =>
  v.picklist(words, ({ input }) => expected + hintOf(input, words));

/** `"guard" or "authorizer"`. */
export function quoteWords(words: readonly string[]): string {
  return words.map((word) => JSON.stringify(word)).join(' or ');
}

export const integer = (min: number, max: number, expected = `a whole number from ${min} to ${max}`) =>
  v.pipe(v.number(expected), v.integer(expected), v.minValue(min, expected), v.maxValue(max, expected));
export const text = (pattern: RegExp, expected: string) =>
  v.pipe(v.string(expected), v.regex(pattern, expected));

/** A name. Its message says which rule of spelling a text breaks. */
export const spelled = (spelling: Spelling) =>
  v.pipe(
    v.string(`${spelling.what} of ${spelling.characters}`),
    v.regex(patternOf(spelling), ({ input }) => misspelling(spelling, input)),
  );

export const LETTER = [/[a-z]/, 'a lower-case letter'] as const;
export const name = spelled({
  what: 'a name',
  character: /[a-z0-9-]/,
  characters: 'lower-case letters, digits and hyphens',
  start: LETTER,
  longest: 32,
  emptyIs: 'refused',
});

const ONCE = 'a list that names nothing twice';
const isOnce = (items: readonly unknown[]) => new Set(items).size === items.length;
export const list = <const Item extends v.GenericSchema>(item: Item, expected = 'a list') =>
  v.pipe(
    v.array(item, expected),
    v.check((items: v.InferOutput<Item>[]) => isOnce(items), ONCE),
  );
/** @param what such as "tool": the message is "a list of at least one tool". */
export const nonEmptyList = <const Item extends v.GenericSchema>(item: Item, what: string) => {
  const expected = `a list of at least one ${what}`;
  return v.pipe(list(item, expected), v.minLength(1, expected));
};

/** How a name in a profile is spelled. */
export interface Spelling {
  /** Its name with an article, such as `a realm`. */
  readonly what: string;
  /** The characters that it may have. */
  readonly character: RegExp;
  /** The same characters in words. */
  readonly characters: string;
  /** Its beginning, as a pattern and in words. */
  readonly start?: readonly [RegExp, string];
  /** Its end, in words. */
  readonly end?: string;
  readonly longest: number;
  readonly emptyIs: 'allowed' | 'refused';
}

/** The pattern of all texts with this spelling. */
export function patternOf({ character, start, end = '', longest, emptyIs }: Spelling): RegExp {
  const first = start === undefined ? '' : `(?=${start[0].source})`;
  const last = end === '' ? '' : `(?<=${end})`;
  const whole = `${first}${character.source}{1,${longest}}${last}`;
  return new RegExp(emptyIs === 'allowed' ? `^(?:${whole})?$` : `^${whole}$`);
}

/**
 * Says why a text does not have this spelling.
 * @returns the end of "must be …".
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
