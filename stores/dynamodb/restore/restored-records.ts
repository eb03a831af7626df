import { isExpired } from '../../../core/credential/credential.ts';
import { heldSlots } from '../keys/active-key-slots.ts';
import { externalIdEntry } from '../keys/external-id-entry.ts';
import type { KeyRecord } from '../keys/key-item.ts';
import type { Document } from '../table/documents.ts';
import { type ItemKey, memberKeyKey, userSlotKey } from '../table/tables.ts';
import type { CopiedRecords } from './copied-records.ts';
import type { EventsSinceBackup } from './events-since-backup.ts';
import { type RestoredKey, restoreKeys } from './restored-keys.ts';
import { type RestoredMembers, restoreMembers } from './restored-members.ts';
import { type RestoredWorkspaces, restoreWorkspaces } from './restored-workspaces.ts';

/** The records of a backup as they may be put back. Each change that is half done in the backup is finished or undone. */
export interface RestoredRecords {
  readonly items: readonly Document[];
  readonly members: RestoredMembers;
  readonly workspaces: RestoredWorkspaces;
  /** By id. */
  readonly keys: ReadonlyMap<string, RestoredKey>;
  /** By id. */
  readonly tokens: ReadonlyMap<string, RestoredToken>;
  /** The ids of invitations that are open in the backup and are not put back. */
  readonly closedInvitations: readonly string[];
}

export interface RestoredToken {
  readonly userId: string;
  readonly item: Document;
  readonly isRevoked: boolean;
  /** Whether this restore has revoked it. */
  readonly isEnded: boolean;
}

/** Computes the records to put back. Writes nothing. @param now Unix seconds. */
export function restoreRecords(
  copied: CopiedRecords,
  events: EventsSinceBackup,
  now: number,
): RestoredRecords {
  const members = restoreMembers(copied, events, now);
  const workspaces = restoreWorkspaces(copied, events, members);
  const keys = restoreKeys(copied, { events, members, planOf: workspaces.planOf, now });
  const tokens = restoreTokens(copied, events, now);
  const open = new Map([...copied.invitations].filter(([id]) => !events.closedInvitations.has(id)));
  const closedInvitations = [...copied.invitations].flatMap(([id, { value }]) =>
    open.has(id) || value.expiresAt <= now ? [] : [id],
  );
  const records = [...keys.values()].map(({ record }) => record);
  const items = [
    ...workspaces.items,
    ...members.items,
    ...[...keys.values()].map(({ item }) => item),
    ...[...tokens.values()].map(({ item }) => item),
    ...[...open.values()].map(({ item }) => item),
    // An invitation that its workspace does not list could not be revoked.
    ...copied.addressedInvitations.flatMap(({ item, value }) => (open.has(value.id) ? [item] : [])),
    ...restoreMemberKeys(copied.memberKeys, records),
    ...records.flatMap((record) => externalIdEntry(record) ?? []),
    ...restoreSlots(copied.slots, findHolders(records, copied.tokens, events), now),
    ...copied.others,
  ];
  return { items, members, workspaces, keys, tokens, closedInvitations };
}

/** The only change of a token is its revocation. */
function restoreTokens(
  { tokens }: CopiedRecords,
  events: EventsSinceBackup,
  now: number,
): ReadonlyMap<string, RestoredToken> {
  return new Map(
    [...tokens].map(([id, { item, value }]) => {
      const { userId, revokedAt } = value;
      const isEnded = revokedAt === null && events.revoked.has(id);
      const restored = isEnded ? { ...item, revokedAt: now } : item;
      return [id, { userId, item: restored, isEnded, isRevoked: isEnded || revokedAt !== null }];
    }),
  );
}

/**
 * Restores the entries that list each member's keys. A key may have been issued after the entries were copied and before the
 * keys were. Changes of its member would not reach it, so it gets an entry. Its version 0 is before every change.
 */
function restoreMemberKeys(copied: readonly Document[], keys: readonly KeyRecord[]): Document[] {
  const present = new Set(copied.map(({ keyId }) => keyId));
  const missing = keys.flatMap(({ id, workspace, createdBy }) =>
    createdBy === null || present.has(id)
      ? []
      : [{ ...memberKeyKey(workspace, createdBy, id), keyId: id, memberVersion: 0 }],
  );
  return [...copied, ...missing];
}

/** A credential that is not revoked, and the slots that it holds. */
interface Holder {
  readonly slots: readonly ItemKey[];
  /** Unix seconds. */
  readonly expiresAt: number | null;
  readonly version: number;
}

function findHolders(
  keys: readonly KeyRecord[],
  tokens: CopiedRecords['tokens'],
  events: EventsSinceBackup,
): ReadonlyMap<string, Holder> {
  const holders = new Map<string, Holder>();
  for (const key of keys) {
    const { id, expiresAt, version, revokedAt } = key;
    if (revokedAt === null) holders.set(id, { slots: heldSlots(key), expiresAt, version });
  }
  for (const { value } of tokens.values()) {
    const { id, userId, slot, expiresAt, revokedAt } = value;
    if (revokedAt !== null || events.revoked.has(id)) continue;
    const slots = slot === undefined ? [] : [userSlotKey(userId, slot)];
    holders.set(id, { slots, expiresAt, version: 1 });
  }
  return holders;
}

/**
 * Gives every holder its slots until it expires. A slot may have been copied before its credential took it, so it is taken
 * again.
 */
function restoreSlots(
  copied: readonly Document[],
  holders: ReadonlyMap<string, Holder>,
  now: number,
): Document[] {
  const held = copied.flatMap((item): Document[] => {
    const holder = holders.get(String(item.keyId));
    if (holder === undefined) return [];
    const { expiresAt, version } = holder;
    return [item.expiresAt === expiresAt ? item : { ...item, expiresAt, version }];
  });
  const taken = new Set(held.map(({ pk, sk }) => `${pk} ${sk}`));
  const missing = [...holders].flatMap(([keyId, { slots, expiresAt, version }]) =>
    slots.flatMap(({ pk, sk }) =>
      taken.has(`${pk} ${sk}`) || isExpired(expiresAt, now) ? [] : [{ pk, sk, keyId, expiresAt, version }],
    ),
  );
  return [...held, ...missing];
}
