import { expect, test } from '@jest/globals';
import { closestName, didYouMean } from '../../core/closest-name.ts';

const NAMES = ['name', 'realm', 'created_by', 'random_length', 'read:all', 'write:all'];

test.each([
  ['raelm', 'realm'],
  ['createdBy', 'created_by'],
  ['created-by', 'created_by'],
  ['RANDOM_LENGTH', 'random_length'],
  ['randm_lenght', 'random_length'],
  ['raed:all', 'read:all'],
  ['nam', 'name'],
])('%s is taken for %s', (text, name) => {
  expect(closestName(text, NAMES)).toBe(name);
  expect(didYouMean(text, NAMES)).toBe(`; did you mean ${name}?`);
});

test.each(['', 'x', 'color', 'delete:everything', 'constructor'])(
  '%j is taken for none of the names',
  (text) => {
    expect(closestName(text, NAMES)).toBeUndefined();
    expect(didYouMean(text, NAMES)).toBe('');
  },
);
