import type { Profile } from '../core/profile.ts';
import type { LocalProduct } from './local-product.ts';

/** What to try first, ready to be pasted into another terminal. */
export function welcome(product: LocalProduct): string {
  const { profile, managementUrl, apiUrl, issuerUrl, managementKey, workspace, users } = product;
  return `
Keyward runs the product "${profile.name}" on this machine.

  management API   ${managementUrl}
  product API      ${apiUrl}
  sign-in issuer   ${issuerUrl}
  management key   ${managementKey}
  workspace        ${workspace}
  users            owner ${users.owner}
                   admin ${users.admin}
                   member ${users.member}

Issue a key:

  curl -s ${managementUrl}/v1/workspaces/${workspace}/keys \\
    -H 'Authorization: Bearer ${managementKey}' \\
    -d '${JSON.stringify(firstKey(profile, users.owner))}'

${firstToken(product)}Call with it:

  curl -i ${apiUrl}${firstPath(profile)} -H '${header(profile)}${profile.apiKey.format.prefix}…'${firstBody(profile)}

Sign in as one of the users, and call the management API with the access token:

  curl -s ${issuerUrl}/token -d grant_type=password -d username=${users.member}

Ctrl-C ends it and everything it started.
`;
}

function firstKey({ issuing, scopes, roleScopes, inheritsRole }: Profile, owner: string): object {
  return {
    ...(issuing.requiresName && { name: 'local-dev' }),
    ...(issuing.requiresScopes && { scopes: scopes?.definitions.slice(0, 1).map(({ name }) => name) }),
    ...((roleScopes || inheritsRole) && { created_by: owner }),
  };
}

function firstToken({ profile, managementUrl, managementKey, users }: LocalProduct): string {
  if (profile.personalAccessTokens === undefined) return '';
  const scopes = profile.scopes?.definitions.map(({ name }) => name);
  return `Or a personal access token, which names its workspace in ${profile.personalAccessTokens.workspaceHeader}:

  curl -s ${managementUrl}/v1/users/${users.owner}/tokens \\
    -H 'Authorization: Bearer ${managementKey}' \\
    -d '${JSON.stringify({ name: 'local-dev', scopes })}'

`;
}

function firstBody({ routes, mcp }: Profile): string {
  if (routes.length > 0 || mcp === undefined) return '';
  return ` \\\n    -d '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'`;
}

function firstPath({ routes, mcp }: Profile): string {
  const path = routes[0]?.split(' ')[1] ?? mcp?.path ?? '/';
  return path.replace(/\/\*\*$/, '');
}

function header({ presentation }: Profile): string {
  return presentation.kind === 'bearer' ? 'Authorization: Bearer ' : `${presentation.header}: `;
}
