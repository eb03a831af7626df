import type { LocalProduct } from './local-product.ts';

/** What to try first, ready to be pasted into another terminal. */
export function welcome(profileName: string, product: LocalProduct): string {
  const { managementUrl, apiUrl, managementKey, workspace, users } = product;
  return `
Keyward runs the product "${profileName}" on this machine.

  management API   ${managementUrl}
  product API      ${apiUrl}
  management key   ${managementKey}
  workspace        ${workspace}
  users            owner ${users.owner}
                   admin ${users.admin}
                   member ${users.member}

Issue a key:

  curl -s ${managementUrl}/v1/workspaces/${workspace}/keys \\
    -H 'Authorization: Bearer ${managementKey}' \\
    -d '{"name":"local-dev","scopes":["read:all"],"created_by":"${users.owner}"}'

Call with it:

  curl -i ${apiUrl}/users -H 'Authorization: Bearer kw_live_…'

Ctrl-C ends it and everything it started.
`;
}
