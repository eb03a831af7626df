import { type Caller, createClient } from '../../client/index.ts';
import { quoteForShell } from '../../core/text/visible-text.ts';
import { onlyWorkspaceOf } from '../commands/caller.ts';
import { CommandFailure, EXIT } from '../commands/failure.ts';
import type { LoginOptions } from '../commands/login.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import {
  type Connection,
  findConnection,
  withConnection,
  withOnlyConnection,
  withoutConnection,
} from '../connections/connection.ts';
import { forTerminal } from '../output.ts';
import { readSecret } from '../print/confirm.ts';
import { printSentence } from '../print/list.ts';
import { assertUsable, connectionFileOf } from '../session.ts';
import { signInByBrowser } from './code-flow.ts';
import { discoverEndpoints, findIssuer, revokeTokens } from './issuer.ts';

/** Signs somebody in, and keeps the connection once the API has taken the credential. */
export async function logIn(
  surroundings: Surroundings,
  givenUrl: string | undefined,
  options: LoginOptions,
): Promise<void> {
  const { fetch, terminal } = surroundings;
  const file = connectionFileOf(surroundings);
  const all = file.read();
  const known = findConnection(all, options.connection ?? all.current ?? '');
  const url = (givenUrl ?? (surroundings.environment.KEYWARD_URL || known?.url))?.replace(/\/+$/, '');
  if (url === undefined)
    throw new CommandFailure(EXIT.usage, 'Say where the API is: `keyward login https://keys.example.com`.');
  assertUsable(url);
  const credential = options.key
    ? ({ kind: 'key', secret: await readSecret(terminal, 'Key: ') } as const)
    : await signInPerson(surroundings, url, options);
  const secret = credential.kind === 'key' ? credential.secret : credential.access_token;
  const caller = await createClient({ url, credential: secret, fetch }).caller();
  const workspace = options.workspace ?? onlyWorkspaceOf(caller);
  const name = options.connection ?? new URL(url).hostname;
  const connection: Connection = { url, workspace, credential };
  file.update((before) => ({ ...withConnection(before, name, connection), current: name }));
  printSentence(terminal, `${welcome(caller)} Commands use the connection ${name}.`);
  if (workspace === null)
    terminal.write(
      2,
      forTerminal(
        `Say which workspace with --workspace, or keep one: \`keyward connections use ${quoteForShell(name)} --workspace ${firstWorkspaceOf(caller)}\`.\n`,
      ),
    );
}

async function signInPerson(surroundings: Surroundings, url: string, { browser }: LoginOptions) {
  const { fetch, now, terminal, openBrowser } = surroundings;
  const issuer = await findIssuer(url, fetch);
  return signInByBrowser({
    issuer,
    fetch,
    now,
    showPage: async (page) => {
      terminal.write(
        2,
        `To sign in, open this page in a browser on this machine:\n\n${forTerminal(page)}\n\n`,
      );
      if (browser && !(await openBrowser(page)))
        terminal.write(2, 'No browser could be opened from here: open the page yourself.\n');
    },
  });
}

/** A workspace to show in an example. */
function firstWorkspaceOf(caller: Caller): string {
  const [first] = 'workspaces' in caller ? caller.workspaces : [];
  return first?.slug ?? 'acme';
}

function welcome(caller: Caller): string {
  if (!('workspaces' in caller))
    return `You are signed in with the ${caller.kind.replaceAll('_', ' ')} ${caller.credential_id}.`;
  const places = caller.workspaces.map(({ slug, role }) => `${role} of ${slug}`).join(', ');
  return `You are signed in as ${caller.user}, ${places || 'and in no workspace'}.`;
}

/** Ends a person's sign-in, where the issuer can, and forgets the connection. */
export async function logOut(surroundings: Surroundings, chosen: string | undefined): Promise<void> {
  const { terminal } = surroundings;
  const file = connectionFileOf(surroundings);
  const all = file.read();
  const name = chosen ?? all.current;
  const connection = name === null ? undefined : findConnection(all, name);
  if (name === null || connection === undefined)
    throw new CommandFailure(
      EXIT.not_signed_in,
      `You are not signed in${name === null ? '' : ` to ${name}`}.`,
    );
  file.update((before) => withOnlyConnection(withoutConnection(before, name)));
  const { current } = file.read();
  const next =
    current === null || current === all.current ? '' : ` Commands now use the connection ${current}.`;
  const { credential } = connection;
  if (credential.kind === 'key')
    return printSentence(
      terminal,
      `Removed the connection ${name}. Its key works on until it is revoked.${next}`,
    );
  const isEnded = await endSignIn(surroundings, credential).catch(() => false);
  const rest = isEnded ? '' : ' The issuer could not be told: the sign-in ends by itself.';
  printSentence(terminal, `You are signed out of ${name}.${rest}${next}`);
}

async function endSignIn(
  { fetch }: Surroundings,
  {
    issuer,
    client_id: clientId,
    parameters,
    refresh_token,
  }: Extract<Connection['credential'], { kind: 'person' }>,
): Promise<boolean> {
  if (refresh_token === null) return false;
  const request = { scopes: [], parameters };
  return revokeTokens(await discoverEndpoints({ issuer, clientId, request }, fetch), refresh_token, fetch);
}
