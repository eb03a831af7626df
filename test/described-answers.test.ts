import { expect, test } from '@jest/globals';
import { examplesOf } from '../openapi/examples.ts';
import { exampleProblem } from '../openapi/problems.ts';
import { assertDescribed, type SeenAnswer } from './described-answers.ts';
import { profile } from './standard-profile.ts';

const { example: KEY } = examplesOf(profile).Key as { readonly example: object };
const SHOWN: SeenAnswer = {
  method: 'GET',
  path: '/v1/workspaces/acme/keys/key_0VbfMAmUeJitTzsO8SVy',
  status: 200,
  contentType: 'application/json',
  body: KEY,
};
const REFUSED: SeenAnswer = {
  ...SHOWN,
  status: 404,
  contentType: 'application/problem+json',
  body: exampleProblem('not_found'),
};

test.each([
  ['an answer of success', SHOWN],
  ['an error', REFUSED],
  [
    'a fixed part of a path before a parameter',
    { ...REFUSED, path: '/v1/workspaces/acme/keys/revoke', contentType: 'application/json' },
  ],
  ['an answer that has no such route', { ...REFUSED, path: '/v1/nothing', contentType: 'application/json' }],
])('%s that the description has is accepted', (_, answer) => {
  expect(() => assertDescribed(profile, answer)).not.toThrow();
});

test.each<[string, SeenAnswer]>([
  ['a field', { ...SHOWN, body: { ...KEY, colour: 'red' } }],
  ['a missing field', { ...SHOWN, body: { ...KEY, status: undefined } }],
  ['a value', { ...SHOWN, body: { ...KEY, status: 'asleep' } }],
  ['a time', { ...SHOWN, body: { ...KEY, created_at: '22 November 2026' } }],
  ['a status', { ...SHOWN, status: 202 }],
  ['a type of content', { ...SHOWN, contentType: 'text/plain' }],
  ['a code', { ...REFUSED, body: { ...exampleProblem('not_found'), code: 'lost' } }],
  ['a code of another route', { ...REFUSED, status: 409, body: exampleProblem('slug_taken') }],
  ['a member of an error', { ...REFUSED, body: { ...exampleProblem('not_found'), hint: 'look there' } }],
  ['a route', { ...SHOWN, path: '/v1/secrets' }],
])('%s that the description lacks fails the test that sees it', (_, answer) => {
  expect(() => assertDescribed(profile, answer)).toThrow('which the description of the API lacks');
});
