import { findFirstCall } from '../core/profile/console.ts';
import type { Profile } from '../core/profile/profile.ts';
import type { LogLine } from '../local/index.ts';
import type { LocalProduct } from './local-product.ts';
import { forTerminal } from './output.ts';

/** The text of `npm start`: what to try first, in lines to paste into another terminal. */
export function welcome(product: LocalProduct): string {
  const { profile, managementUrl, apiUrl, issuerUrl, managementKey, workspace, users } = product;
  return `
Keyward runs the product "${profile.name}" on this machine. Paste this into another terminal:

  export MANAGEMENT_URL=${managementUrl}
  export API_URL=${apiUrl}
  export ISSUER_URL=${issuerUrl}
  export MANAGEMENT_KEY=${managementKey}
  export WORKSPACE=${workspace} OWNER=${users.owner}
  export ADMIN=${users.admin} MEMBER=${users.member}

Issue an API key, and call with it:

  export KEY=$(curl -s $MANAGEMENT_URL/v1/workspaces/$WORKSPACE/keys \\
    -H "Authorization: Bearer $MANAGEMENT_KEY" \\
    -d '${JSON.stringify(firstKey(profile, users.owner))}' \\
    | ${extractText('secret')}); echo "$KEY"
  curl -i ${firstCall(profile)} -H "${header(profile)}$KEY"

${firstToken(product)}${openConsole(product)}Sign in as one of the users, and ask the management API who that is:

  export TOKEN=$(curl -s $ISSUER_URL/token -d grant_type=password -d username=$MEMBER \\
    | ${extractText('access_token')})
  curl -s $MANAGEMENT_URL/v1/me -H "Authorization: Bearer $TOKEN"

Ctrl-C ends it and everything it started.
`;
}

/** A command that prints one text of a JSON object. Of any other answer it prints everything, since that says what is wrong. */
function extractText(member: string): string {
  return String.raw`sed 's/.*"${member}":"\([^"]*\)".*/\1/'`;
}

function firstKey({ issuing, scopes, roleScopes, inheritsRole }: Profile, owner: string): object {
  return {
    ...(issuing.requiresName && { name: 'local-dev' }),
    ...(issuing.requiresScopes && { scopes: scopes?.definitions.slice(0, 1).map(({ name }) => name) }),
    ...((roleScopes || inheritsRole) && { created_by: owner }),
  };
}

function openConsole({ consoleUrl }: LocalProduct): string {
  return consoleUrl === undefined
    ? ''
    : `Or open the console in a browser, and sign in as one of the users: ${consoleUrl}\n\n`;
}

function firstToken({ profile }: LocalProduct): string {
  if (profile.personalAccessTokens === undefined) return '';
  const { workspaceHeader } = profile.personalAccessTokens;
  const scopes = profile.scopes?.definitions.map(({ name }) => name);
  return `Or a personal access token, which names its workspace in ${workspaceHeader}:

  export PERSONAL_TOKEN=$(curl -s $MANAGEMENT_URL/v1/users/$OWNER/tokens \\
    -H "Authorization: Bearer $MANAGEMENT_KEY" \\
    -d '${JSON.stringify({ name: 'local-dev', scopes })}' \\
    | ${extractText('secret')}); echo "$PERSONAL_TOKEN"
  curl -i ${firstCall(profile)} -H "Authorization: Bearer $PERSONAL_TOKEN" -H "${workspaceHeader}: $WORKSPACE"

`;
}

/** The first call of the product, as curl's arguments. */
function firstCall(profile: Profile): string {
  const call = findFirstCall(profile);
  if (call === undefined) return '"$API_URL"';
  // In double quotes, a shell reads `$` as the beginning of a variable.
  const url = `"$API_URL${call.path.replaceAll('$', '\\$')}"`;
  if (call.kind === 'mcp') return `${url} \\\n    -d '${JSON.stringify(call.message)}'`;
  return call.method === 'GET' ? url : `-X ${call.method} ${url}`;
}

function header({ presentation }: Profile): string {
  return presentation.kind === 'bearer' ? 'Authorization: Bearer ' : `${presentation.header}: `;
}

/** The codes of refusals whose requests are not answered yet, by the ids of the requests. */
export type Refusals = Map<string, string>;

/**
 * Shortens a line of a run's log for the terminal: a request becomes one short line with the code of its refusal. Lines that
 * functions print stay as they are.
 * @param refusals is one and the same for every line of a run: API Gateway's own line of a request does not tell why an authorizer answered
 * 401, and a line of the function before it does.
 * @returns undefined for the errors by which an authorizer answers 401.
 */
export function shownLine({ source, text }: LogLine, refusals: Refusals = new Map()): string | undefined {
  if (source.startsWith('access-log:')) return forTerminal(requestLine(text, refusals));
  if (source.startsWith('function:')) {
    if (text.includes('"errorMessage":"Unauthorized"')) return undefined;
    noteRefusal(text, refusals);
  }
  return forTerminal(`${source} ${text}`);
}

function noteRefusal(text: string, refusals: Refusals): void {
  const [, code] = /"code":"(\w+)"/.exec(text) ?? [];
  const [, requestId] = /"request_id":"([\w=-]+)"/.exec(text) ?? [];
  if (code !== undefined && requestId !== undefined) refusals.set(requestId, code);
}

function requestLine(text: string, refusals: Refusals): string {
  const { request_id, method, route, status, credential_id, refusal, latency_ms }: Record<string, string> =
    JSON.parse(text);
  const noted = refusals.get(request_id ?? '');
  refusals.delete(request_id ?? '');
  const code = refusal === '-' && Number(status) >= 400 ? (noted ?? '-') : refusal;
  return [method, route, status, credential_id, code, `${latency_ms} ms`]
    .filter((part) => part !== '-')
    .join(' ');
}
