import * as v from 'valibot';
import { isObject } from '../mcp/message.ts';
import { hintOf } from '../text/closest-word.ts';

/** `v.record` drops members of these names and says nothing. */
export const UNNAMEABLE = ['__proto__', 'prototype', 'constructor'];

/** An object for a schema: valibot's own objects may be lists, and its records drop some names. */
export const object = <const Schema extends v.GenericSchema<unknown, object>>(
  schema: Schema,
  expected = 'an object',
) => v.pipe(v.unknown(), v.check(hasOwnNames, expected), schema);

function hasOwnNames(value: unknown): boolean {
  return isObject(value) && !UNNAMEABLE.some((name) => Object.hasOwn(value, name));
}

/** One of several words. Its message ends with the word that was probably meant. */
export const choice = <const Words extends readonly string[]>(words: Words, expected = quoteWords(words)) =>
  v.picklist(words, ({ input }) => expected + hintOf(input, words));

/** `"guard" or "authorizer"`. */
export function quoteWords(words: readonly string[]): string {
  return words.map((word) => JSON.stringify(word)).join(' or ');
}
