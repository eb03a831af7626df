import { expect, test } from '@jest/globals';
import { type Refusals, shownLine, welcome } from '../../bin/start-output.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';

test('the first call is one that the profile grants without a parameter, or its tools', () => {
  const local = {
    managementUrl: 'http://m',
    apiUrl: 'http://a',
    issuerUrl: 'http://i',
    managementKey: 'kwm_1',
    workspace: 'acme',
    users: { owner: 'usr_1', admin: 'usr_2', member: 'usr_3' },
  };
  const { profile } = loadProfile('supertone');
  const firstCall = (routes: readonly string[], mcp = profile.mcp) =>
    /curl -i (.*)/.exec(welcome({ ...local, profile: { ...profile, routes, mcp } } as never))?.[1];
  expect(firstCall(['POST /orders', 'GET /orders/{id}', 'GET /orders'])).toMatch(/^"\$API_URL\/orders" -H /);
  expect(firstCall(['* /orders/**'])).toMatch(/^"\$API_URL\/orders" -H /);
  expect(firstCall(['POST /orders'])).toMatch(/^-X POST "\$API_URL\/orders" -H /);
  expect(firstCall(['POST /orders'], { path: '/mcp' } as never)).toMatch(/^"\$API_URL\/mcp" /);
  // A shell would look for files by `*`, and curl would read `{id}` as a list.
  expect(firstCall(['GET /orders/*'])).toMatch(/^"\$API_URL\/orders\/1" -H /);
  expect(firstCall(['GET /orders/*', 'GET /orders'])).toMatch(/^"\$API_URL\/orders" -H /);
  expect(firstCall(['* /*/orders/**'])).toMatch(/^"\$API_URL\/1\/orders" -H /);
  expect(firstCall(['DELETE /orders/{id}/*'])).toMatch(/^-X DELETE "\$API_URL\/orders\/1\/1" -H /);
  expect(firstCall(['GET /$HOME'])).toMatch(/^"\$API_URL\/\\\$HOME" -H /);
});

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
