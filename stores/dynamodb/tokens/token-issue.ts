import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { lowerRole, ROLES } from '../../../core/access/role.ts';
import { MOST_TOKEN_WORKSPACES, type PersonalAccessToken } from '../../../core/credential/credential.ts';
import { Contended } from '../../../core/errors/fault.ts';
import type { IssueTokenOutcome, NewToken } from '../../../core/management/token-store.ts';
import { putEventPart } from '../audit/event-store.ts';
import { findFreeSlot, randomSlot, takeSlotPart } from '../keys/active-key-slots.ts';
import { pause, readOrUnavailable } from '../table/contention.ts';
import { type Document, documentClient, parseItem, readDocuments, storedRole } from '../table/documents.ts';
import { putRequestParts } from '../table/request-item.ts';
import {
  memberKey,
  type RecordTable,
  type Tables,
  userKey,
  userSlotKey,
  userWorkspaceKey,
} from '../table/tables.ts';
import { putNewPart, putNewSecretPart, type TransactionItem, transact } from '../table/transaction.ts';
import { writeToken } from './token-item.ts';
import { type TokenMembership, writeTokenSecret, writeTokenWorkspace } from './token-source.ts';

/** How many active tokens a user may have. A change of their role has to reach each of them. */
const MOST_TOKENS = 500;

/** Memberships change rarely: several changes during one call are not expected. */
const ATTEMPTS = 5;

/**
 * Issues a token in one transaction of new items. It requires that the user's memberships are still the same as when they were
 * read. A later change of a membership finds the token, so the token is never more powerful than its user.
 */
export async function issueToken(tables: Tables, token: NewToken): Promise<IssueTokenOutcome> {
  const { userId } = token.token;
  let slot: number | undefined = randomSlot(MOST_TOKENS);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const user = await readBoundMemberships(tables, token.token);
    if (typeof user === 'string') return { kind: user };
    const failed = await transact(tables.client, {
      ...newItems(tables, { ...token, slot }, user),
      user: userUnchanged(tables, { userId, version: user.version }),
      slot: takeTokenSlotPart(tables, token.token, slot),
    });
    if (failed.size === 0) return { kind: 'issued' };
    if (failed.has('request')) return { kind: 'request_taken' };
    if (failed.has('token') || failed.has('event'))
      throw new Error('A new token met one of the same identity.');
    if (failed.has('slot')) {
      slot = await findTokenSlot(tables, token.token);
      if (slot === undefined) return { kind: 'too_many_tokens' };
    }
    await pause(attempt);
  }
  throw new Contended("The user's memberships keep changing.");
}

/** Reads the memberships that the token will be bound to: no more than a transaction takes. */
async function readBoundMemberships(
  tables: Tables,
  { userId, workspaces }: PersonalAccessToken,
): Promise<UserMemberships | 'no_member' | 'not_in_workspace' | 'too_many_workspaces'> {
  if (workspaces !== null) {
    const user = await readMembershipsIn(tables, userId, workspaces);
    if (user.version === 0) return 'no_member';
    return user.memberships.length < workspaces.length ? 'not_in_workspace' : user;
  }
  const user = await readMemberships(tables, userId);
  if (user.memberships.length === 0) return 'no_member';
  return user.memberships.length > MOST_TOKEN_WORKSPACES ? 'too_many_workspaces' : user;
}

function takeTokenSlotPart(tables: Tables, token: NewToken['token'], slot: number): TransactionItem {
  const { userId, id: keyId, expiresAt, createdAt } = token;
  return takeSlotPart(tables, { key: userSlotKey(userId, slot), keyId, expiresAt, version: 1 }, createdAt);
}

function findTokenSlot(tables: Tables, { userId, createdAt: now }: NewToken['token']) {
  const slots = (number: number) => userSlotKey(userId, number);
  return findFreeSlot(tables, slots, { bound: MOST_TOKENS, now });
}

function newItems(
  tables: Tables,
  { token, secret, event, request, slot }: NewToken & { readonly slot: number },
  { memberships }: UserMemberships,
) {
  const locator = secret.locator;
  return {
    token: [
      putNewPart(tables.records, writeToken({ ...token, locator, slot })),
      putNewSecretPart(tables.secrets, writeTokenSecret(locator, token)),
      ...memberships.map((membership) =>
        putNewSecretPart(tables.secrets, writeTokenWorkspace(locator, membership, token.expiresAt)),
      ),
    ],
    event: putEventPart(tables, event),
    request: putRequestParts(tables, request, { madeId: token.id, eventId: event.id }),
  };
}

/**
 * Requires the user's version, which grows with every membership that comes, changes or goes. A token that names its workspaces
 * needs this too: a role that changed in one of them since it was read would not find the token.
 */
function userUnchanged(
  { records }: Tables,
  { userId, version }: { readonly userId: string; readonly version: number },
): TransactionItem {
  return {
    ConditionCheck: {
      TableName: records,
      Key: userKey(userId),
      ConditionExpression: 'version = :version',
      ExpressionAttributeValues: { ':version': version },
    },
  };
}

/** The memberships of a user, as they were at one moment. */
interface UserMemberships {
  /** Of the user's own item. It grows when a membership is added, changed or removed. */
  readonly version: number;
  readonly memberships: readonly TokenMembership[];
}

const WORKSPACE_PREFIX = userWorkspaceKey('', '').sk;

/** Reads all memberships of a user, strongly consistent: two operations for up to a hundred workspaces. */
export async function readMemberships(tables: RecordTable, userId: string): Promise<UserMemberships> {
  const items = await readUser(tables, userId);
  const slugs = items.flatMap(({ sk }) =>
    String(sk).startsWith(WORKSPACE_PREFIX) ? [String(sk).slice(WORKSPACE_PREFIX.length)] : [],
  );
  return { version: versionOf(items), memberships: await membershipsIn(tables, userId, slugs) };
}

/**
 * As {@link readMemberships}, but only in the named workspaces. It reads the user's version before the memberships. If a
 * membership changes in between, the version is outdated, and a write that requires it fails.
 */
async function readMembershipsIn(
  tables: RecordTable,
  userId: string,
  slugs: readonly string[],
): Promise<UserMemberships> {
  const version = versionOf(await readUser(tables, userId, 1));
  return { version, memberships: await membershipsIn(tables, userId, slugs) };
}

const userItem = v.object({ version: v.number() });

/** @returns 0 for a user who has never been a member of any workspace. */
function versionOf(items: readonly Document[]): number {
  const item = items.find(({ sk }) => sk === userKey('').sk);
  return item === undefined ? 0 : parseItem(userItem, item, 'user').version;
}

async function membershipsIn({ client, records }: RecordTable, userId: string, slugs: readonly string[]) {
  const keys = slugs.map((slug) => memberKey(slug, userId));
  const members = await readDocuments(client, { table: records, keys });
  return members.flatMap((member) => membershipOf(member) ?? []);
}

/**
 * Reads the user's item and the items of their workspaces behind it. Their tokens sort before both, and are left out. A page
 * holds hundreds of such items, more than any token can be bound to.
 */
async function readUser({ client, records }: RecordTable, userId: string, limit?: number) {
  const { pk, sk } = userKey(userId);
  const command = new QueryCommand({
    TableName: records,
    KeyConditionExpression: 'pk = :pk AND sk >= :sk',
    ExpressionAttributeValues: { ':pk': pk, ':sk': sk },
    ConsistentRead: true,
    Limit: limit,
  });
  const { Items = [] } = await readOrUnavailable(() => documentClient(client).send(command));
  return Items;
}

const memberItem = v.object({
  workspace: v.string(),
  role: v.optional(storedRole),
  pendingRole: v.optional(v.picklist([...ROLES, 'none'])),
  version: v.number(),
});

/** @returns what a token may carry of a membership: while its member is being lowered, no more than the lower role. */
function membershipOf(item: Document): TokenMembership | undefined {
  const { workspace: slug, role, pendingRole = role, version } = parseItem(memberItem, item, 'member');
  if (role === undefined || pendingRole === undefined || pendingRole === 'none') return undefined;
  return { slug, role: lowerRole(role, pendingRole), version };
}
