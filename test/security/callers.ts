import { randomBytes } from 'node:crypto';
import type { Role } from '../../core/access/role.ts';
import { LINK_FORMAT, MANAGEMENT_KEY_FORMAT, SESSION_FORMAT } from '../../core/credential/credential-type.ts';
import { generateKey } from '../../core/credential/key-text.ts';
import type { ManagementRoute } from '../../core/management/route.ts';
import { newKey, signedToken } from '../lambdas/authorizer/signed-tokens.ts';
import { send, signIn, type TestProduct } from '../product.ts';
import { type Issued, operatorOf, type Tenant } from './tenants.ts';

/** A kind of caller, with all that an answer to them may depend on. */
export interface Caller {
  readonly name: string;
  /** `undefined` for nothing at all. */
  readonly credential: string | undefined;
  readonly kind: 'nobody' | 'operator' | 'person' | 'session' | 'key' | 'token';
  /** `to_end`: it is good for nothing but ending itself. */
  readonly inForce: 'yes' | 'no' | 'to_end';
  /** Where they belong; `null` for nowhere. */
  readonly workspace: string | null;
  /** What a person is there. */
  readonly role?: Role;
  readonly administers?: boolean;
}

/** What a caller may expect of a route at all; `reached` when the call gets as far as its own merits. */
export type Expected = 'unauthorized' | 'insufficient_scope' | 'forbidden' | 'not_found' | 'reached';

/** Every kind of caller that a product has. */
export async function callersOf(product: TestProduct, own: Tenant, rival: Tenant): Promise<Caller[]> {
  const { users, managementKey, profile } = product;
  const operator = operatorOf(product);
  const { issueKey, canKeysAdminister: administers } = operator;
  const key = async (name: string, from: Tenant, fields: object = {}, more: Partial<Caller> = {}) => {
    const issued = await issueKey(from, 'administering', fields);
    return { issued, caller: { ...keyCaller(name, issued, from), administers, ...more } };
  };
  const [revoked, disabled, expired, elsewhere] = [
    await key('a revoked key', own, {}, { inForce: 'no' }),
    await key('a disabled key', own, {}, { inForce: 'to_end' }),
    await key('an expired key', own, {}, { inForce: 'no' }),
    await key('a key of other networks', own, { allowed_cidrs: ['192.0.2.0/24'] }, { inForce: 'to_end' }),
  ];
  await operator.ask(`POST /workspaces/${own.workspace}/keys/${revoked.issued.id}/revoke`);
  await operator.ask(`PATCH /workspaces/${own.workspace}/keys/${disabled.issued.id}`, { enabled: false });
  await operator.expire(expired.issued);
  const removed = await signIn(product, 'usr_removed');
  await operator.ask(`PUT /workspaces/${own.workspace}/members/usr_removed`, { role: 'owner' });
  await operator.ask(`DELETE /workspaces/${own.workspace}/members/usr_removed`);
  const person = async (name: string, user: string, workspace: string | null, role?: Role) =>
    personCaller(name, await signIn(product, user), workspace, role);
  return [
    { name: 'nobody', credential: undefined, ...UNKNOWN },
    { name: 'garbage', credential: 'garbage', ...UNKNOWN },
    {
      name: 'a key that was never issued',
      credential: generateKey(profile.apiKey.format, randomBytes),
      ...UNKNOWN,
    },
    {
      name: "another deployment's management key",
      credential: generateKey(MANAGEMENT_KEY_FORMAT, randomBytes),
      ...UNKNOWN,
    },
    { name: "another deployment's user", credential: foreignToken(users.owner), ...UNKNOWN },
    {
      name: 'a management key',
      credential: managementKey,
      kind: 'operator',
      inForce: 'yes',
      workspace: null,
    },
    await person('an owner', users.owner, own.workspace, 'owner'),
    await person('an admin', users.admin, own.workspace, 'admin'),
    await person('a member', users.member, own.workspace, 'member'),
    await person('the owner of another workspace', rival.owner, rival.workspace, 'owner'),
    await person('a stranger who has signed in', 'usr_stranger', null),
    personCaller('somebody who was removed', removed, null),
    ...(await sessionCallers(product, own, rival)),
    (await key('an administering key', own)).caller,
    {
      ...keyCaller('a reading key', await issueKey(own, 'reading'), own),
      // Where no scope administers, none would help, and none is named.
      ...(!administers && { administers }),
    },
    (await key("another workspace's administering key", rival)).caller,
    ...[revoked, disabled, expired, elsewhere].map(({ caller }) => caller),
    ...(profile.personalAccessTokens === undefined ? [] : await tokenCallers(product, own, rival)),
  ];
}

const UNKNOWN = { kind: 'nobody', inForce: 'no', workspace: null } as const;

function keyCaller(name: string, { secret }: Issued, { workspace }: Tenant): Caller {
  return { name, credential: secret, kind: 'key', inForce: 'yes', workspace };
}

function personCaller(name: string, credential: string, workspace: string | null, role?: Role): Caller {
  return { name, credential, kind: 'person', inForce: 'yes', workspace, ...(role && { role }) };
}

async function sessionCallers(product: TestProduct, own: Tenant, rival: Tenant): Promise<Caller[]> {
  const session = async (name: string, { workspace }: Tenant, [user, role]: readonly [string, Role]) => {
    const credential = await openSession(product, { user_id: user, workspace });
    return { name, credential, kind: 'session', inForce: 'yes', workspace, role } as const;
  };
  const { owner, member } = product.users;
  const ended = await session('a session that has ended', own, [owner, 'owner']);
  await send(`${product.managementUrl}/v1/sessions/self/revoke`, {
    method: 'POST',
    credential: ended.credential,
  });
  return [
    await session('a session of an owner', own, [owner, 'owner']),
    await session('a session of a member', own, [member, 'member']),
    await session('a session in another workspace', rival, [rival.owner, 'owner']),
    { ...ended, inForce: 'no' },
    { name: 'a session that never began', credential: generateKey(SESSION_FORMAT, randomBytes), ...UNKNOWN },
    { name: 'the code of a link', credential: generateKey(LINK_FORMAT, randomBytes), ...UNKNOWN },
  ];
}

/** @returns the secret of a session that the operator's link has begun. */
async function openSession({ managementUrl, managementKey }: TestProduct, asked: object): Promise<string> {
  const url = `${managementUrl}/v1/sessions`;
  const made = await send(url, { method: 'POST', credential: managementKey, body: asked });
  const code = String(made.body.url).split('#session=')[1];
  return (await send(`${url}/exchange`, { method: 'POST', body: { code } })).body.session;
}

async function tokenCallers(product: TestProduct, own: Tenant, rival: Tenant): Promise<Caller[]> {
  const operator = operatorOf(product);
  const revoked = await operator.issueToken(own.owner);
  await operator.ask(`POST /users/${own.owner}/tokens/${revoked.id}/revoke`);
  const token = (name: string, { secret }: Issued, { workspace }: Tenant): Caller => ({
    name,
    credential: secret,
    kind: 'token',
    inForce: 'yes',
    workspace,
  });
  return [
    token("an owner's token", await operator.issueToken(own.owner), own),
    token("the token of another workspace's owner", await operator.issueToken(rival.owner), rival),
    { ...token('a revoked token', revoked, own), inForce: 'no' },
  ];
}

/** A token that is right in everything but who has signed it. */
function foreignToken(sub: string): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub, client_id: 'keyward-console', token_use: 'access', iat: now, exp: now + 600 };
  return signedToken(
    { iss: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_other', ...claims },
    newKey('own'),
  );
}

/** What the table of routes promises a caller on a path whose workspace, if it names one, is `asked`. */
export function expectedOf(
  caller: Caller,
  { path, method, caller: callable }: ManagementRoute,
  asked: string,
): Expected {
  const { kind, inForce, workspace } = caller;
  if (callable === 'public') return 'reached';
  if (inForce === 'no') return 'unauthorized';
  if (inForce === 'to_end') return callable === 'holder' ? 'reached' : 'unauthorized';
  const isElsewhere = path.includes('{workspace}') && workspace !== asked;
  switch (kind) {
    case 'nobody':
      return 'unauthorized';
    case 'operator':
      // It ends under the operator's own AWS credentials only, and is nobody's user.
      return callable === 'holder' || path.startsWith('/v1/me/tokens') ? 'forbidden' : 'reached';
    case 'token':
      return callable === 'holder' || callable === 'anyone' ? 'reached' : 'forbidden';
    case 'key':
      // What changes a workspace would outlive the bounds of the key that changed it.
      if (callable === 'operator' || callable === 'person' || callable === 'session') return 'forbidden';
      if (callable !== 'administrator') return 'reached';
      if (caller.administers !== true)
        return caller.administers === undefined ? 'insufficient_scope' : 'forbidden';
      return isElsewhere ? 'not_found' : 'reached';
    case 'person':
    case 'session':
      if (callable === 'operator' || callable === 'holder') return 'forbidden';
      if (callable === 'session') return kind === 'session' ? 'reached' : 'forbidden';
      if (kind === 'session' && callable !== 'anyone' && !path.includes('{workspace}')) return 'forbidden';
      if (isElsewhere) return 'not_found';
      // Somebody else's key, who was invited, and what everybody does are not for a member to see.
      if (caller.role === 'member' && method === 'GET' && /\{key\}|\/invitations$|\}\/events$/.test(path))
        return 'forbidden';
      return 'reached';
  }
}
