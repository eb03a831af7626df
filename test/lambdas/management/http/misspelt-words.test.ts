import { describe, expect, test } from '@jest/globals';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import * as v from 'valibot';
import { ProblemError } from '../../../../lambdas/http/problem.ts';
import { readEventPage } from '../../../../lambdas/management/events/events.ts';
import {
  allowedCidrsField,
  nameField,
  planField,
  rateLimitField,
  roleField,
  scopesField,
  userIdField,
} from '../../../../lambdas/management/http/field.ts';
import { readCredentialPage, readPage } from '../../../../lambdas/management/http/page.ts';
import { readBody } from '../../../../lambdas/management/http/request-body.ts';
import { loadProfile } from '../../../../lib/files/profile-file.ts';
import { profile } from '../../../standard-profile.ts';

const BODY = v.strictObject({
  name: nameField(profile),
  scopes: scopesField(profile),
  role: v.optional(roleField),
  plan: v.optional(planField(profile)),
  created_by: v.optional(userIdField(profile)),
  rate_limit: v.optional(rateLimitField(profile)),
});
const GOOD = { name: 'ci', scopes: ['read:all'] };

function detailOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof ProblemError) return error.problem.detail;
    throw error;
  }
  return 'accepted';
}

const bodyDetail = (body: object, schema: v.GenericSchema = BODY) =>
  detailOf(() => readBody({ body: JSON.stringify(body) } as APIGatewayProxyEvent, schema));

const asked = (query: object) => ({ queryStringParameters: query }) as APIGatewayProxyEvent;

describe('a misspelt word in a body is answered with the word that was meant', () => {
  const LIMIT = { limit: 5, window_seconds: 60 };
  test.each([
    [
      { scopes: ['raed:all'] },
      'scopes.0 must be one of read:all, write:all, admin (did you mean read:all?).',
    ],
    [
      { scopes: ['read:all', 'Admin'] },
      'scopes.1 must be one of read:all, write:all, admin (did you mean admin?).',
    ],
    [
      { createdBy: 'usr_1' },
      'createdBy must be left out, since no such field is known (did you mean created_by?).',
    ],
    [{ plan: 'enterprize' }, 'plan must be one of free, pro, enterprise (did you mean enterprise?).'],
    [{ role: 'ownr' }, 'role must be one of owner, admin, member (did you mean owner?).'],
    [
      { rate_limit: { ...LIMIT, windowSeconds: 60 } },
      'rate_limit.windowSeconds must be left out, since no such field is known (did you mean window_seconds?).',
    ],
    [{ name: undefined, Name: 'ci' }, 'name must be given, in exactly this spelling.'],
    [{ name: undefined, title: 'ci' }, 'name must be given.'],
  ])('%j', (fields, detail) => {
    expect(bodyDetail({ ...GOOD, ...fields })).toBe(detail);
  });
});

test('a word that is close to no known word is answered with the known words and without a guess', () => {
  expect(bodyDetail({ ...GOOD, scopes: ['everything'] })).toBe(
    'scopes.0 must be one of read:all, write:all, admin.',
  );
  expect(bodyDetail({ ...GOOD, scopes: [] })).toBe(
    'scopes must be a list of at least one of read:all, write:all, admin.',
  );
  expect(bodyDetail({ ...GOOD, colour: 'red' })).toBe(
    'colour must be left out, since no such field is known.',
  );
});

test('a mistake in an element of a list names the element, and a mistake in the list itself names the list', () => {
  const schema = v.strictObject({ allowed_cidrs: allowedCidrsField });
  const network = 'such as 203.0.113.0/24 or 2001:db8::/32.';
  expect(bodyDetail({ allowed_cidrs: ['10.0.0.0/8', '10.0.0.0'] }, schema)).toBe(
    `allowed_cidrs.1 must be a network ${network}`,
  );
  expect(bodyDetail({ allowed_cidrs: '10.0.0.0/8' }, schema)).toBe(
    `allowed_cidrs must be a list of at most 8 networks ${network}`,
  );
});

test('where keys carry no scopes, the error message says so for each scope', () => {
  const { profile: supertone } = loadProfile('supertone');
  const schema = v.strictObject({ scopes: scopesField(supertone) });
  const detail = 'must be left out or empty: keys carry no scopes here.';
  expect(bodyDetail({ scopes: ['read'] }, schema)).toBe(`scopes.0 ${detail}`);
  expect(bodyDetail({ scopes: 'read' }, schema)).toBe(`scopes ${detail}`);
});

describe('a misspelt word in a query is answered with the word that was meant', () => {
  const isId = () => true;
  test.each([
    [
      () => readPage(asked({ Limit: '5' }), isId),
      'query must be made of limit and cursor (did you mean limit?).',
    ],
    [
      () => readCredentialPage(asked({ statsu: 'active' }), isId),
      'query must be made of limit, cursor and status (did you mean status?).',
    ],
    [
      () => readCredentialPage(asked({ status: 'revokd' }), isId),
      'status must be one of active, disabled, expired, revoked (did you mean revoked?).',
    ],
    [
      () => readEventPage(asked({ keyId: 'key_1' }), profile),
      'query must be made of limit, cursor, type, key_id, actor, outcome, from and to (did you mean key_id?).',
    ],
    [
      () => readEventPage(asked({ outcome: 'Refused' }), profile),
      /^outcome must be one of .* \(did you mean refused\?\)\.$/,
    ],
    [
      () => readEventPage(asked({ type: 'key.isued' }), profile),
      /^type must be one of .* \(did you mean key\.issued\?\)\.$/,
    ],
    [() => readPage(asked({ offset: '5' }), isId), 'query must be made of limit and cursor.'],
  ])('%#', (read, detail) => {
    if (detail instanceof RegExp) expect(detailOf(read)).toMatch(detail);
    else expect(detailOf(read)).toBe(detail);
  });
});
