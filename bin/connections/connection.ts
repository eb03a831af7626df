import * as v from 'valibot';

/** How a command reaches a management API, and as whom. */
export type Connection = v.InferOutput<typeof connectionShape>;

/** What the tokens of a person are renewed with. */
export type PersonCredential = v.InferOutput<typeof personShape>;

/** Everything that the file of connections holds. */
export type Connections = v.InferOutput<typeof connectionsShape>;

const keyShape = v.strictObject({
  /** A management key, an API key or a personal access token. */
  kind: v.literal('key'),
  secret: v.string(),
});

const personShape = v.strictObject({
  kind: v.literal('person'),
  issuer: v.string(),
  client_id: v.string(),
  /** Of requests for tokens, beside those of the protocol. */
  parameters: v.optional(v.record(v.string(), v.string()), {}),
  access_token: v.string(),
  /** `null` where the issuer gave none: the person signs in again when the access token has expired. */
  refresh_token: v.nullable(v.string()),
  /** Unix seconds. */
  expires_at: v.number(),
});

const connectionShape = v.strictObject({
  url: v.string(),
  /** The workspace of commands that name none. `null` where the credential has to say. */
  workspace: v.nullable(v.string()),
  credential: v.variant('kind', [keyShape, personShape]),
});

const connectionsShape = v.strictObject({
  /** The name of the connection that commands use. */
  current: v.nullable(v.string()),
  connections: v.record(v.string(), connectionShape),
});

export const NO_CONNECTIONS: Connections = { current: null, connections: {} };

/** @returns `undefined` for a text that is no file of connections, or one of another version. */
export function parseConnections(text: string): Connections | undefined {
  try {
    const { success, output } = v.safeParse(connectionsShape, JSON.parse(text));
    return success ? output : undefined;
  } catch {
    return undefined;
  }
}

/** A name may also be one that every object has, such as `constructor`. */
export function findConnection({ connections }: Connections, name: string): Connection | undefined {
  return Object.hasOwn(connections, name) ? connections[name] : undefined;
}

/** Sets a connection, which also becomes the current one if there is none. */
export function withConnection(all: Connections, name: string, connection: Connection): Connections {
  const connections = { ...all.connections, [name]: connection };
  return { current: all.current ?? name, connections };
}

export function withoutConnection(all: Connections, name: string): Connections {
  const { [name]: _, ...connections } = all.connections;
  return { current: all.current === name ? null : all.current, connections };
}

/** Makes the only connection current where none is. Only for a command that says so: the next one may go to another API. */
export function withOnlyConnection({ current, connections }: Connections): Connections {
  const [only, another] = Object.keys(connections);
  return { current: current ?? (another === undefined ? (only ?? null) : null), connections };
}

/** Tells whether a credential may go to this address: unencrypted only to this machine. */
export function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  const isHere = ['localhost', '[::1]'].includes(hostname) || /^127(\.\d+){3}$/.test(hostname);
  return protocol === 'https:' || (protocol === 'http:' && isHere);
}
