import { expect, test } from '@jest/globals';
import { type Refusals, shownLine } from '../../bin/run-log.ts';

const at = new Date(0);
const access = (fields: object) => ({
  source: 'access-log:Keyward-Standard-Sample',
  text: JSON.stringify({
    request_id: 'request-1',
    method: 'GET',
    route: '/users',
    status: '401',
    credential_id: '-',
    refusal: '-',
    latency_ms: '3',
    ...fields,
  }),
  at,
});
const printed = (fields: object) => ({
  source: 'function:Keyward-Standard-Sample/Authorizer',
  text: JSON.stringify({ message: 'refused', code: 'missing', request_id: 'request-1', ...fields }),
  at,
});

test('the line of a refused request shows the code that its function has logged, once', () => {
  const refusals: Refusals = new Map();
  expect(shownLine(printed({}), refusals)).toContain('"code":"missing"');
  shownLine(printed({ request_id: 'KyE-eGi2oAMFZOw=', code: 'revoked' }), refusals);
  expect(shownLine(access({}), refusals)).toBe('GET /users 401 missing 3 ms');
  expect(shownLine(access({}), refusals)).toBe('GET /users 401 3 ms');
  expect(shownLine(access({ request_id: 'KyE-eGi2oAMFZOw=' }), refusals)).toBe('GET /users 401 revoked 3 ms');
  expect(refusals.size).toBe(0);
});

test('a code from the access log is not replaced, and a successful request shows none', () => {
  const refusals: Refusals = new Map();
  shownLine(printed({ code: 'forbidden' }), refusals);
  expect(shownLine(access({ status: '403', refusal: 'insufficient_scope' }), refusals)).toBe(
    'GET /users 403 insufficient_scope 3 ms',
  );
  shownLine(printed({}), refusals);
  expect(shownLine(access({ status: '200' }), refusals)).toBe('GET /users 200 3 ms');
});
