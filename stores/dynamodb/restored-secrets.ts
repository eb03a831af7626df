import type { Role } from '../../core/role.ts';
import type { Item } from './backup.ts';
import { type CopiedRecords, isKeyRecord, lowest, type MemberBound } from './copied-records.ts';
import { type KeyRecord, toItem } from './key-item.ts';
import { REVOKED } from './key-secrets.ts';
import type { LaterEvents } from './later-events.ts';
import { numberOf, readRole } from './secret-item.ts';
import type { StoredLocator } from './stored-locator.ts';
import { locatorOf, memberKeyKey, tokenSecretKey, tokenWorkspaceKey } from './tables.ts';

/** The secrets of a copy as they may be put back. */
export interface RestoredSecrets {
  readonly items: readonly Item[];
  /** In force in the copy, and put back as revoked; by their ids. */
  readonly revoked: readonly string[];
  /** In force in the copy, and not put back, since no record knows them; by their ids. */
  readonly lost: readonly string[];
}

/**
 * A copy is no one moment: its secrets were read after its records, and may be more than those say. So each is put back as no
 * more than the restored records and the log allow, and at their versions: a secret that was at a newer one would be passed
 * over by each change of them that follows.
 */
export function restoredSecrets(
  copied: readonly Item[],
  records: CopiedRecords,
  later: LaterEvents,
): RestoredSecrets {
  const revokedIds = new Set(later.revocations.map(({ keyId }) => keyId));
  const tokens = new Map(copied.filter(isToken).map((item) => [item.pk?.S, item]));
  const inForce = copied.filter((item) => stateOf(item) !== undefined && stateOf(item) !== 'revoked');
  const restore = (item: Item): Item | undefined => {
    if (isTokenWorkspace(item)) return restoredTokenWorkspace(item, tokens.get(item.pk?.S), records);
    const id = credentialIdOf(item);
    const key = records.keys.get(id);
    if (key === undefined && !records.tokens.has(id)) return undefined;
    if (key !== undefined && !isOfKey(item, key)) return undefined;
    const own = key === undefined ? item : restoredKeySecret(item, key, records);
    if (stateOf(own) === 'revoked' || revokedIds.has(id)) return { ...own, ...REVOKED };
    // What it was before the change may be more than it is now: it waits to be looked at.
    return later.changedKeys.has(id) && stateOf(own) === 'active' ? { ...own, ...DISABLED } : own;
  };
  const items = copied.map(restore).filter((item) => item !== undefined);
  const ended = new Set(items.filter((item) => stateOf(item) === 'revoked').map(credentialIdOf));
  const ids = [...new Set(inForce.map(credentialIdOf))];
  return {
    items,
    revoked: ids.filter((id) => ended.has(id)),
    lost: ids.filter((id) => !records.keys.has(id) && !records.tokens.has(id)),
  };
}

/** A key's record, which may have been read before a change of its member and the member after it. */
export function restoredRecord(item: Item, records: CopiedRecords): Item {
  const key = isKeyRecord(item) ? records.keys.get(item.id?.S ?? '') : undefined;
  const bound = key && boundOfKey(key, records);
  return bound === undefined || bound.role === 'none' ? item : { ...item, ...bounded(item, bound) };
}

/** Keys that act with the role of somebody who is no member any more: such a key ends with its member. */
export function keysWithoutMember(records: CopiedRecords): KeyRecord[] {
  return [...records.keys.values()].filter(
    (key) => key.revokedAt === null && boundOfKey(key, records)?.role === 'none',
  );
}

/**
 * Entries among their creators' keys, of keys that were issued after those entries had been read and before the keys were: a
 * change of a member would not reach a key without one. Before every version, so that each change does.
 */
export function missingMemberKeys(copied: readonly Item[], { keys }: CopiedRecords): Item[] {
  const present = new Set(copied.map(({ pk, sk }) => `${pk?.S} ${sk?.S}`));
  return [...keys.values()].flatMap(({ id, workspace, createdBy }) => {
    if (createdBy === null) return [];
    const { pk, sk } = memberKeyKey(workspace, createdBy, id);
    return present.has(`${pk} ${sk}`) ? [] : [toItem({ pk, sk, keyId: id, memberVersion: 0 })];
  });
}

/** @returns `undefined` for a key that acts with no role. */
function boundOfKey(key: KeyRecord, records: CopiedRecords): MemberBound | undefined {
  if (key.role === null) return undefined;
  return records.boundOf({ workspace: key.workspace, userId: key.createdBy ?? '' });
}

function restoredKeySecret(item: Item, key: KeyRecord, records: CopiedRecords): Item {
  const own = { ...item, version: lesser(item.version, key.version) };
  const bound = boundOfKey(key, records);
  if (bound === undefined) return own;
  return bound.role === 'none' ? { ...own, ...REVOKED } : { ...own, ...bounded(own, bound) };
}

/** It names no user: the item of its token, in the same partition, does. */
function restoredTokenWorkspace(
  item: Item,
  token: Item | undefined,
  records: CopiedRecords,
): Item | undefined {
  if (token === undefined || !records.tokens.has(credentialIdOf(token))) return undefined;
  const workspace = item.sk?.S?.slice(TOKEN_WORKSPACE.length) ?? '';
  const bound = records.boundOf({ workspace, userId: token.userId?.S ?? '' });
  return { ...item, ...bounded(item, bound) };
}

/**
 * A role within the bound. Where the log allows less than the copied member is, their version keeps a change that the copy has
 * under way from giving them more; elsewhere that change has yet to be finished.
 */
function bounded(item: Item, { role, version, isBelowCopy }: MemberBound): Item {
  const own: Role | 'none' = item.role?.S === 'none' ? 'none' : (readRole(item.role) ?? 'none');
  return {
    role: { S: lowest(own, role) },
    roleVersion: isBelowCopy ? { N: String(version) } : lesser(item.roleVersion, version),
  };
}

function lesser(own: Item[string] | undefined, version: number): Item[string] {
  return { N: String(Math.min(numberOf(own) ?? version, version)) };
}

/** A rotation begun after the record was read has added a secret that no change of the key would ever reach. */
function isOfKey(item: Item, { secrets }: KeyRecord): boolean {
  const locator = locatorOf({ pk: item.pk?.S ?? '', sk: item.sk?.S ?? '' });
  // What a key has forgotten has ended at 0, whatever the clocks say, or was revoked.
  const isOver = item.expiresAt?.N === '0' || stateOf(item) === 'revoked';
  return isOver || secrets.some((own) => own.locator === locator);
}

const DISABLED = { secretState: { S: 'disabled' } };

const ANY = '' as StoredLocator;
const TOKEN = tokenSecretKey(ANY).sk;
const TOKEN_WORKSPACE = tokenWorkspaceKey(ANY, '').sk;

const isToken = ({ sk }: Item) => sk?.S === TOKEN;
const isTokenWorkspace = ({ sk }: Item) => sk?.S?.startsWith(TOKEN_WORKSPACE) === true;

/** Absent on the items that say in which workspaces a token works. */
const stateOf = (item: Item) => item.secretState?.S;
const credentialIdOf = (item: Item) => item.credentialId?.S ?? '';
