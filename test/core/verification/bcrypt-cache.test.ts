import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { slotLocator } from '../../../core/credential/secret.ts';
import { createBcryptCache } from '../../../core/verification/verify-bcrypt.ts';
import { emptyBcryptCache } from './fake-bcrypt.ts';

const provenAs = (name: string) => ({ locator: slotLocator('abcdefgh', 0), secretHash: `hash of ${name}` });

test('a proven text is recalled by exactly that text, until it is forgotten', () => {
  const proven = createBcryptCache(randomBytes(32));
  proven.remember('one', provenAs('one'));
  expect(proven.recall('one')).toEqual(provenAs('one'));
  for (const text of ['', 'on', 'one ', 'ONE', 'two']) expect(proven.recall(text)).toBeUndefined();
  proven.forget('one');
  expect(proven.recall('one')).toBeUndefined();
});

test('the cache keeps no more than its size, and drops the least recently used entry first', () => {
  const proven = emptyBcryptCache(3);
  for (const text of ['one', 'two', 'three']) proven.remember(text, provenAs(text));
  proven.recall('one');
  proven.remember('four', provenAs('four'));
  const kept = ['one', 'two', 'three', 'four'].filter((text) => proven.recall(text) !== undefined);
  expect(kept).toEqual(['one', 'three', 'four']);
});

test('remembering the same text again takes no more room', () => {
  const proven = emptyBcryptCache(2);
  proven.remember('one', provenAs('one'));
  for (let again = 0; again < 5; again += 1) proven.remember('two', provenAs('two'));
  expect(proven.recall('one')).toEqual(provenAs('one'));
});
