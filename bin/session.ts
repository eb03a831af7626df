import { type Client, createClient } from '../client/index.ts';
import { CommandFailure, EXIT } from './commands/failure.ts';
import type { Surroundings } from './commands/surroundings.ts';
import { configFolder } from './config-folder.ts';
import {
  type Connection,
  findConnection,
  isSafeUrl,
  type PersonCredential,
  withConnection,
} from './connections/connection.ts';
import { type ConnectionFile, openConnectionFile } from './connections/connection-file.ts';
import { discoverEndpoints, requestTokens } from './sign-in/issuer.ts';

/** What a command line says about the API that it is for. */
export interface ChosenSession {
  readonly connection?: string;
  readonly workspace?: string;
}

/** A management API, as a command calls it. */
export interface Session {
  readonly client: Client;
  readonly url: string;
  /** The workspace that the command line, the environment or the connection names; `null` where the credential has to say. */
  readonly namedWorkspace: string | null;
  /** @throws {CommandFailure} where nothing says which workspace is meant. */
  findWorkspace(): Promise<string>;
}

/**
 * Finds the API that a command is for: the connection that it names, or KEYWARD_URL and KEYWARD_KEY, or the current connection.
 * @throws {CommandFailure} where there is none.
 */
export function openSession(surroundings: Surroundings, chosen: ChosenSession): Session {
  const { environment, fetch } = surroundings;
  const { KEYWARD_WORKSPACE } = environment;
  const connection = chooseConnection(surroundings, chosen.connection);
  const { url } = connection;
  assertUsable(url);
  const client = createClient({ url, credential: credentialOf(connection, surroundings), fetch });
  const workspace = chosen.workspace ?? (KEYWARD_WORKSPACE || connection.workspace);
  return {
    client,
    url,
    namedWorkspace: workspace,
    findWorkspace: async () => workspace ?? (await workspaceOfCaller(client)),
  };
}

/** @throws {CommandFailure} for an address to which no credential may go. */
export function assertUsable(url: string): void {
  if (isSafeUrl(url)) return;
  throw new CommandFailure(
    EXIT.usage,
    `"${url}" is no address of a management API: it begins with https://, or with http:// on this machine.`,
  );
}

/** The file of connections of this user. */
export function connectionFileOf({ environment, platform }: Surroundings): ConnectionFile {
  return openConnectionFile(configFolder(environment, platform), platform);
}

type ChosenConnection = Connection & { readonly name: string | null };

function chooseConnection(surroundings: Surroundings, named: string | undefined): ChosenConnection {
  const { KEYWARD_URL, KEYWARD_KEY } = surroundings.environment;
  if (named === undefined && (KEYWARD_URL || KEYWARD_KEY)) {
    if (KEYWARD_URL && KEYWARD_KEY) return ofEnvironment(KEYWARD_URL, KEYWARD_KEY);
    throw new CommandFailure(EXIT.not_signed_in, 'Set both KEYWARD_URL and KEYWARD_KEY, or neither.');
  }
  const all = connectionFileOf(surroundings).read();
  const name = named ?? all.current;
  if (name === null)
    throw new CommandFailure(
      EXIT.not_signed_in,
      'You are not signed in: run `keyward login`, start `keyward dev`, or set KEYWARD_URL and KEYWARD_KEY.',
    );
  const connection = findConnection(all, name);
  if (connection !== undefined) return { ...connection, name };
  const names = Object.keys(all.connections).join(', ') || 'none';
  throw new CommandFailure(EXIT.not_signed_in, `There is no connection ${name}. There are: ${names}.`);
}

function ofEnvironment(url: string, secret: string): ChosenConnection {
  return { name: null, url: url.replace(/\/+$/, ''), workspace: null, credential: { kind: 'key', secret } };
}

/** Tokens are renewed this long before they expire: a request takes time, and clocks differ. */
const SPARE_SECONDS = 60;

/** What the client asks for before each request: a key, or an access token that has not expired. */
function credentialOf(
  { name, url, workspace, credential }: ChosenConnection,
  surroundings: Surroundings,
): string | (() => Promise<string>) {
  if (credential.kind === 'key') return credential.secret;
  let known: PersonCredential = credential;
  let renewal: Promise<string> | undefined;
  const keep = (renewed: PersonCredential) => {
    if (name !== null)
      connectionFileOf(surroundings).update((all) =>
        withConnection(all, name, { url, workspace, credential: renewed }),
      );
  };
  const renew = async () => {
    known = await renewTokens(known, surroundings);
    keep(known);
    return known.access_token;
  };
  return async () => {
    if (known.expires_at > surroundings.now() / 1000 + SPARE_SECONDS) return known.access_token;
    // Calls at the same moment share one renewal: an issuer may take a refresh token only once.
    renewal ??= renew().finally(() => {
      renewal = undefined;
    });
    return renewal;
  };
}

async function renewTokens(
  credential: PersonCredential,
  { fetch, now }: Surroundings,
): Promise<PersonCredential> {
  const { issuer, client_id: clientId, parameters, refresh_token } = credential;
  if (refresh_token !== null) {
    const found = await discoverEndpoints({ issuer, clientId, request: { scopes: [], parameters } }, fetch);
    const form = { grant_type: 'refresh_token', refresh_token };
    const renewed = await requestTokens(found, { form, fetch, now: now() });
    // Cognito sends no new refresh token: the older one stays.
    if (renewed !== 'refused') return { ...renewed, refresh_token: renewed.refresh_token ?? refresh_token };
  }
  throw new CommandFailure(EXIT.not_signed_in, 'Your sign-in has expired: run `keyward login` again.');
}

/** The workspace of a credential that has only one. */
async function workspaceOfCaller(client: Client): Promise<string> {
  const caller = await client.caller();
  if (!('workspaces' in caller) && caller.workspace !== null) return caller.workspace;
  const slugs = 'workspaces' in caller ? caller.workspaces.map(({ slug }) => slug) : [];
  const [only, another] = slugs;
  if (only !== undefined && another === undefined) return only;
  const named = slugs.length > 0 ? ` You are in ${slugs.join(', ')}.` : '';
  throw new CommandFailure(EXIT.usage, `Say which workspace, with --workspace or KEYWARD_WORKSPACE.${named}`);
}
