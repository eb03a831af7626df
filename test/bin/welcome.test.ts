import { expect, test } from '@jest/globals';
import { welcome } from '../../bin/welcome.ts';
import { loadProfile } from '../../lib/profile-file.ts';

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
