import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Role } from '../../../../core/access/role.ts';
import type { MemberChange, RoleCopies } from '../../../../core/management/member-store.ts';
import { roleOf } from '../../../../core/management/workspace-store.ts';
import { type Tables, userKey, workspaceKey } from '../../../../stores/dynamodb/table/tables.ts';
import { toItem } from '../items.ts';
import { issued, memberStoreOf, NOW, newEvent, newId, newSlug, workspaceStoreOf } from '../keys/keys.ts';

/** Where keys act with their creator's role. */
export const KEYS: RoleCopies = ['keys'];

/** A workspace with its owner; one that is there already stays as it is. */
export async function workspaceOf(tables: Tables, owner: string, slug = newSlug()) {
  const workspace = { slug, name: 'Acme', plan: 'free', createdAt: NOW, version: 1 };
  await workspaceStoreOf(tables).create({
    workspace,
    ownerId: owner,
    event: newEvent('workspace.created', slug, null),
  });
  return slug;
}

/** A workspace with an owner, and whoever else is asked for. */
export async function workspaceWith(tables: Tables, members: Readonly<Record<string, Role>> = {}) {
  const slug = await workspaceOf(tables, 'usr_owner');
  for (const [userId, role] of Object.entries(members)) await putRole(tables, { slug, userId, role });
  return slug;
}

interface Asked {
  readonly slug: string;
  readonly userId: string;
}

export async function memberIn(tables: Tables, { slug, userId }: Asked) {
  return workspaceStoreOf(tables).getMember(slug, userId);
}

/** A change as a handler decides it: on what the member is now. */
export async function decided(tables: Tables, { slug, userId }: Asked): Promise<MemberChange> {
  return {
    workspace: slug,
    userId,
    changeId: newId('chg'),
    caller: null,
    now: NOW,
    decidedOn: (await memberIn(tables, { slug, userId })) ?? null,
    event: { ...newEvent('member.role_changed', slug, null), userId },
  };
}

export async function putRole(
  tables: Tables,
  { role, copies = KEYS, ...asked }: Asked & { readonly role: Role; readonly copies?: RoleCopies },
) {
  return memberStoreOf(tables, copies).put({ ...(await decided(tables, asked)), role });
}

export async function remove(
  tables: Tables,
  {
    keys = 'revoke',
    copies = KEYS,
    ...asked
  }: Asked & { readonly keys?: 'revoke' | 'keep'; readonly copies?: RoleCopies },
) {
  return memberStoreOf(tables, copies).remove({ ...(await decided(tables, asked)), keys });
}

/** A key that acts with its creator's role, as they are now. */
export async function issuedBy(tables: Tables, asked: Asked) {
  const member = await memberIn(tables, asked);
  if (member === undefined) throw new Error('The creator is no member.');
  const { userId, version } = member;
  return issued(tables, {
    workspace: asked.slug,
    role: roleOf(member),
    creator: { userId, version },
  });
}

export const ownersOf = async (tables: Tables, slug: string) =>
  (await stored(tables, workspaceKey(slug)))?.owners;

/** How often the memberships of a user have changed. */
export const userVersionOf = async (tables: Tables, userId: string) =>
  (await stored(tables, userKey(userId)))?.version;

async function stored({ client, records }: Tables, key: { pk: string; sk: string }) {
  const { Item } = await client.send(
    new GetItemCommand({ TableName: records, Key: toItem(key), ConsistentRead: true }),
  );
  return Item && unmarshall(Item);
}
