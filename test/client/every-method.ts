import { type Client, createClient } from '../../client/client.ts';
import { assertDescribed } from '../described-answers.ts';
import { signIn, type TestProduct } from '../product.ts';

/** Makes a client of a running product. Every answer has to be one that the description of the API has. */
export function clientOf({ managementUrl, profile }: TestProduct, credential: string): Client {
  return createClient({
    url: managementUrl,
    credential,
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      const body = await response.clone().json();
      const [path = ''] = url.slice(managementUrl.length).split('?');
      const contentType = response.headers.get('content-type');
      assertDescribed(profile, {
        method: init.method ?? 'GET',
        path,
        status: response.status,
        contentType,
        body,
      });
      return response;
    },
  });
}

/** Calls every method of the client that the product has a route for, as somebody who sets up a workspace. */
export async function useEveryMethod(product: TestProduct): Promise<ReadonlySet<string>> {
  const used = new Set<string>();
  const as = (credential: string) => noting(clientOf(product, credential), used);
  const operator = as(product.managementKey);
  const owner = as(await signIn(product, product.users.owner));
  const workspace = 'clients';

  await operator.workspaces.create({ slug: workspace, name: 'Clients', created_by: product.users.owner });
  await owner.workspaces.update({ workspace, name: 'Clients of all kinds' });
  await operator.workspaces.get({ workspace });
  await operator.caller();
  const [scope] = (await owner.scopes()).scopes;
  const scopes = scope === undefined ? {} : { scopes: [scope.name] };

  await useMembers(operator, owner, workspace);
  await useSessions({ as, operator, user_id: product.users.owner, workspace });
  await useKeys({ as, operator, owner, workspace, scopes });
  await operator.sessions.create({ user_id: product.users.owner, workspace });
  const { sessions } = await operator.sessions.revoke({ user_id: product.users.owner, workspace });
  if (sessions.length !== 1) throw new Error('The link was not ended.');
  await collect(operator.events.listAll({ workspace, type: 'key.issued', limit: 1 }));
  await operator.events.list({ workspace });
  await owner.events.listMine();
  await collect(owner.events.listAllMine());
  if (product.profile.personalAccessTokens !== undefined)
    await useTokens(operator, owner, { user_id: product.users.owner, name: 'laptop', ...scopes });
  return used;
}

/** @returns the names of all methods, such as `keys.issue`. */
export function methodsOf(client: Client): string[] {
  return Object.entries(client).flatMap(([name, group]) =>
    typeof group === 'function' ? [name] : Object.keys(group).map((method) => `${name}.${method}`),
  );
}

async function useMembers(operator: Client, owner: Client, workspace: string): Promise<void> {
  await operator.members.put({ workspace, user_id: 'usr_new', role: 'member', name: 'Ada' });
  await owner.members.list({ workspace, limit: 1 });
  await collect(owner.members.listAll({ workspace, limit: 1 }));
  await owner.members.remove({ workspace, user_id: 'usr_new' });
  const { id } = await owner.invitations.create({ workspace, email: 'ada@example.com', role: 'admin' });
  await owner.invitations.list({ workspace });
  await collect(owner.invitations.listAll({ workspace }));
  await owner.invitations.revoke({ workspace, invitation: id });
}

async function useKeys({
  as,
  operator,
  owner,
  workspace,
  scopes,
}: {
  readonly as: (credential: string) => Client;
  readonly operator: Client;
  readonly owner: Client;
  readonly workspace: string;
  readonly scopes: { readonly scopes?: readonly string[] };
}): Promise<void> {
  const { key, secret } = await owner.keys.issue({ workspace, name: 'ci', ...scopes });
  await owner.keys.issue({ workspace, name: 'cd', ...scopes });
  const found = await collect(owner.keys.listAll({ workspace, limit: 1 }));
  if (found.length !== 2) throw new Error(`Two keys are there, and ${found.length} were listed.`);
  await owner.keys.list({ workspace, status: 'active' });
  await owner.keys.update({ workspace, key: key.id, description: 'Builds' });
  await owner.keys.get({ workspace, key: key.id });
  const rotated = await owner.keys.rotate({ workspace, key: key.id, overlap_seconds: 0 });
  const verdicts = [secret, rotated.secret].map((credential) => operator.keys.verify({ credential }));
  const valid = (await Promise.all(verdicts)).map((verdict) => verdict.valid);
  if (valid.join() !== 'false,true') throw new Error(`The rotation left ${valid}.`);
  const credentials = [secret, rotated.secret].map((credential) => ({ credential }));
  const { results } = await operator.keys.verifyMany({ credentials });
  if (results.map((verdict) => verdict.valid).join() !== valid.join())
    throw new Error('Many credentials are verified in another way than one.');
  const { secret: newest } = await owner.keys.rotate({ workspace, key: key.id, overlap_seconds: 60 });
  const { previous_secret } = await owner.keys.revokePreviousSecret({ workspace, key: key.id });
  if (previous_secret !== null) throw new Error('The older secret is still told.');
  const older = await operator.keys.verify({ credential: rotated.secret });
  if (older.valid) throw new Error('The older secret still works.');
  await as(newest).keys.revokeSelf();
  await owner.keys.revoke({ workspace, key: key.id });
  const { counts } = await owner.keys.revokeMany({ workspace, dry_run: false, status: 'active' });
  if (counts.revoked !== 1) throw new Error(`One key was left, and ${counts.revoked} were revoked.`);
  const row = { hash: 'ab'.repeat(32), algorithm: 'sha256', name: 'old', ...scopes } as const;
  await operator.keys.import({ workspace, keys: [row], dry_run: true });
}

interface SessionPeople {
  readonly as: (credential: string) => Client;
  readonly operator: Client;
  readonly user_id: string;
  readonly workspace: string;
}

async function useSessions({ as, operator, user_id, workspace }: SessionPeople): Promise<void> {
  const { url } = await operator.sessions.create({ user_id, workspace });
  const code = new URL(url).hash.replace('#session=', '');
  const { session } = await operator.sessions.exchange({ code });
  await as(session).sessions.revokeSelf();
}

async function useTokens(
  operator: Client,
  owner: Client,
  { user_id, ...fields }: { readonly user_id: string; readonly name: string },
): Promise<void> {
  const mine = await owner.tokens.issue(fields);
  await owner.tokens.list();
  await collect(owner.tokens.listAll({ status: 'active' }));
  await owner.tokens.revoke({ token: mine.token.id });
  const theirs = await operator.tokens.issueFor({ user_id, ...fields });
  await operator.tokens.listFor({ user_id });
  await collect(operator.tokens.listAllFor({ user_id, limit: 1 }));
  await operator.tokens.revokeFor({ user_id, token: theirs.token.id });
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** A client that writes down which of its methods are used. */
function noting(client: Client, used: Set<string>): Client {
  const note = (name: string, part: unknown): unknown => {
    if (typeof part === 'function')
      return (...given: unknown[]) => {
        used.add(name);
        return part(...given);
      };
    const methods = Object.entries(part as object).map(([method, each]) => [
      method,
      note(name === '' ? method : `${name}.${method}`, each),
    ]);
    return Object.fromEntries(methods);
  };
  return note('', client) as Client;
}
