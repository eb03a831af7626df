import { type CredentialHistory, newHistory, type Power } from './credential-history.ts';
import { initially, type Write } from './history.ts';
import { ask, type Change, change, drawFrom, type Request, type Storm, use, written } from './storm.ts';

/** How the keys of a product are managed and used in a storm. */
export interface KeyStorm {
  readonly storm: Storm;
  readonly workspace: string;
  /** What {@link revokeUntold} asked of keys, by their ids: one of them may be told of later, by an answer that was on its way. */
  readonly untold: Map<string, Write<'revoked'>[]>;
  /** The body of the request that issues a key. */
  readonly newKey: () => object;
  /** The scopes that give a power; absent where keys have none. */
  readonly scopesOf?: Readonly<Record<Exclude<Power, 'none'>, readonly string[]>>;
  /** What is asked of the product's API, and how the key is sent. */
  readonly request: (needs: Exclude<Power, 'none'>, text: string) => Omit<Request, 'asked'>;
}

function keysUrl({ storm: { product }, workspace }: KeyStorm): string {
  return `${product.managementUrl}/v1/workspaces/${workspace}/keys`;
}

export async function issue(keys: KeyStorm): Promise<void> {
  const { storm } = keys;
  await change(storm, {
    request: {
      asked: 'issue',
      url: keysUrl(keys),
      credential: storm.product.managementKey,
      body: keys.newKey(),
    },
    note: ({ isDone, ...span }, body) => {
      if (!isDone) return;
      const secret = { text: body.secret, ...span };
      const history = newHistory(body.key.id, secret, [initially('write')]);
      storm.credentials.push({ ...history, revocations: revocationsOf(keys, body.key.id) });
    },
  });
}

/** Disables or enables a key, narrows or widens it, or does both at once. */
export async function update(keys: KeyStorm, key: CredentialHistory, random: () => number): Promise<void> {
  const power = keys.scopesOf && random() < 0.6 ? drawFrom(['read', 'write'] as const, random) : undefined;
  const enabled = power === undefined || random() < 0.4 ? random() < 0.6 : undefined;
  const body = {
    name: `at ${Math.floor(random() * 1e9)}`,
    ...(enabled !== undefined && { enabled }),
    ...(power !== undefined && { scopes: keys.scopesOf?.[power] }),
  };
  await change(keys.storm, {
    request: requestOf(keys, key, { method: 'PATCH', body, asked: 'update' }),
    note: (asked) => {
      if (enabled !== undefined) key.enabled.push(written(asked, enabled));
      if (power !== undefined) key.power.push(written<Power>(asked, power));
    },
  });
}

export async function rotate(keys: KeyStorm, key: CredentialHistory, random: () => number): Promise<void> {
  const value = random() < 0.6 ? 'at once' : 'later';
  const body = { overlap_seconds: value === 'later' ? 3_600 : 0 };
  await change(keys.storm, {
    request: requestOf(keys, key, { path: '/rotate', body, asked: 'rotate' }),
    note: ({ isDone, ...span }, answer) => {
      key.rotations.push({ value, isDone, ...span });
      if (isDone) key.secrets.push({ text: answer.secret, ...span });
    },
  });
}

export async function revoke(keys: KeyStorm, key: CredentialHistory): Promise<void> {
  await change(keys.storm, {
    request: requestOf(keys, key, { path: '/revoke', method: 'POST', asked: 'revoke' }),
    note: (asked) => key.revocations.push(written(asked, 'revoked' as const)),
  });
}

/** Revokes what works and nobody was told of, as a key whose issue was answered 503 may. */
export async function revokeUntold(keys: KeyStorm): Promise<void> {
  const { storm } = keys;
  const { managementKey } = storm.product;
  const asked = { asked: 'list', url: `${keysUrl(keys)}?status=active`, credential: managementKey };
  const { status, body } = await ask(storm, asked);
  if (status !== 200) return;
  const isTold = ({ id }: { id: string }) => storm.credentials.some((credential) => credential.id === id);
  for (const key of body.keys.filter((one: { id: string }) => !isTold(one))) {
    const url = `${keysUrl(keys)}/${key.id}/revoke`;
    const request = { asked: 'revoke', method: 'POST', url, credential: managementKey };
    const revocations = revocationsOf(keys, key.id);
    await change(storm, { request, note: (asked) => revocations.push(written(asked, 'revoked' as const)) });
  }
}

/** One list for a key, whoever asks for it first. */
function revocationsOf({ untold }: KeyStorm, id: string): Write<'revoked'>[] {
  const revocations = untold.get(id) ?? [];
  untold.set(id, revocations);
  return revocations;
}

/** Looks at a key, and writes down what was shown. */
export async function look(keys: KeyStorm, key: CredentialHistory): Promise<void> {
  const { status, body, startedAt, endedAt } = await ask(keys.storm, requestOf(keys, key, { asked: 'look' }));
  if (status !== 200) return;
  const isWide = body.scopes.length === (keys.scopesOf?.write.length ?? body.scopes.length);
  key.sights.push({ status: body.status, power: isWide ? 'write' : 'read', startedAt, endedAt });
}

function requestOf(
  keys: KeyStorm,
  key: CredentialHistory,
  { path = '', ...request }: { asked: string; path?: string; method?: string; body?: unknown },
): Change['request'] {
  const credential = keys.storm.product.managementKey;
  return { ...request, credential, url: `${keysUrl(keys)}/${key.id}${path}` };
}

/** Uses one of a key's secrets, the newest more often than the others, for what takes much or little power. */
export async function useKey(
  { storm, request }: KeyStorm,
  key: CredentialHistory,
  random: () => number,
  text = random() < 0.6 ? key.secrets.at(-1)?.text : drawFrom(key.secrets, random).text,
): Promise<void> {
  if (text === undefined) throw new Error('A key without a secret was used.');
  const needs = random() < 0.5 ? 'read' : 'write';
  await use(storm, key, { text, needs, request: request(needs, text) });
}

/** Whether a key may still be changed: revoked ones would soon be all that is left. */
export const mayLive = ({ revocations }: { readonly revocations: readonly Write<unknown>[] }) =>
  revocations.length === 0;
