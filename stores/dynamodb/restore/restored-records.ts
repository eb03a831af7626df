import { isExpired } from '../../../core/credential/credential-type.ts';
import { heldSlots, type SlotKey } from '../keys/active-key-slots.ts';
import { type KeyRecord, toItem } from '../keys/key-item.ts';
import { numberOf } from '../secrets/secret-item.ts';
import { memberKeyKey, userPlaceKey } from '../table/tables.ts';
import type { Item } from './backup.ts';
import type { CopiedRecords } from './copied-records.ts';
import type { EventsSinceBackup } from './events-since-backup.ts';
import { type RestoredKey, restoreKeys } from './restored-keys.ts';
import { type RestoredMembers, restoreMembers } from './restored-members.ts';
import { type RestoredWorkspaces, restoreWorkspaces } from './restored-workspaces.ts';

/** The records of a copy as they may be put back. Nothing is pending: what the copy has half done is done, or undone. */
export interface RestoredRecords {
  readonly items: readonly Item[];
  readonly members: RestoredMembers;
  readonly workspaces: RestoredWorkspaces;
  readonly keys: ReadonlyMap<string, RestoredKey>;
  /** By their ids. */
  readonly tokens: ReadonlyMap<string, RestoredToken>;
  /** The ids of invitations that were open in the copy, and are not put back. */
  readonly closedInvitations: readonly string[];
}

export interface RestoredToken {
  readonly userId: string;
  readonly item: Item;
  readonly isRevoked: boolean;
  /** Whether it was in force in the copy, and is revoked. */
  readonly isEnded: boolean;
}

/** @param now Unix seconds. */
export function restoreRecords(
  copied: CopiedRecords,
  events: EventsSinceBackup,
  now: number,
): RestoredRecords {
  const members = restoreMembers(copied, events, now);
  const workspaces = restoreWorkspaces(copied, events, members);
  const keys = restoreKeys(copied, { events, members, planOf: workspaces.planOf, now });
  const tokens = restoreTokens(copied, events, now);
  const isOpen = ([id]: readonly [string, unknown]) => !events.closedInvitations.has(id);
  const open = new Map([...copied.invitations].filter(isOpen));
  const records = [...keys.values()].map(({ record }) => record);
  return {
    ...{ members, workspaces, keys, tokens },
    closedInvitations: [...copied.invitations]
      .filter((one) => !isOpen(one) && one[1].value.expiresAt > now)
      .map(([id]) => id),
    items: [
      ...workspaces.items,
      ...members.items,
      ...[...keys.values()].map(({ item }) => item),
      ...[...tokens.values()].map(({ item }) => item),
      ...[...open.values()].map(({ item }) => item),
      // One that its workspace does not list could not be taken back.
      ...copied.addressedInvitations.flatMap(({ item, value }) => (open.has(value.id) ? [item] : [])),
      ...restoreMemberKeys(copied.memberKeys, records),
      ...restoreSlots(copied.slots, holdersOf(records, copied.tokens, events), now),
      ...copied.others,
    ],
  };
}

/** Nothing ever changes about a token, but that it is revoked. */
function restoreTokens(
  { tokens }: CopiedRecords,
  events: EventsSinceBackup,
  now: number,
): ReadonlyMap<string, RestoredToken> {
  return new Map(
    [...tokens].map(([id, { item, value }]) => {
      const { userId, revokedAt } = value;
      const isEnded = revokedAt === null && events.revoked.has(id);
      const restored = isEnded ? { ...item, ...toItem({ revokedAt: now }) } : item;
      return [id, { userId, item: restored, isEnded, isRevoked: isEnded || revokedAt !== null }];
    }),
  );
}

/**
 * Entries among their creators' keys. A key that was issued after those had been read and before the keys were has none, and
 * a change of its creator would not reach it: it gets one, before every version, so that each change does.
 */
function restoreMemberKeys(copied: readonly Item[], keys: readonly KeyRecord[]): Item[] {
  const present = new Set(copied.map(({ keyId }) => keyId?.S));
  const missing = keys.flatMap(({ id, workspace, createdBy }) =>
    createdBy === null || present.has(id)
      ? []
      : [toItem({ ...memberKeyKey(workspace, createdBy, id), keyId: id, memberVersion: 0 })],
  );
  return [...copied, ...missing];
}

/** What holds slots while it is not revoked. */
interface Holder {
  readonly slots: readonly SlotKey[];
  /** Unix seconds. */
  readonly expiresAt: number | null;
  readonly version: number;
}

function holdersOf(
  keys: readonly KeyRecord[],
  tokens: CopiedRecords['tokens'],
  events: EventsSinceBackup,
): ReadonlyMap<string, Holder> {
  const activeKeys = keys.filter(({ revokedAt }) => revokedAt === null);
  const activeTokens = [...tokens.values()].flatMap(({ value }) =>
    value.revokedAt === null && !events.revoked.has(value.id) ? value : [],
  );
  return new Map<string, Holder>([
    ...activeKeys.map((key) => [key.id, { ...key, slots: heldSlots(key) }] as const),
    ...activeTokens.map(({ id, userId, place, expiresAt }) => {
      const slots = place === undefined ? [] : [userPlaceKey(userId, place)];
      return [id, { slots, expiresAt, version: 1 }] as const;
    }),
  ]);
}

/** A slot is held to the end of its credential; one that was read before its credential took it is taken again. */
function restoreSlots(copied: readonly Item[], holders: ReadonlyMap<string, Holder>, now: number): Item[] {
  const held = copied.flatMap((item): Item[] => {
    const holder = holders.get(item.keyId?.S ?? '');
    if (holder === undefined) return [];
    const { expiresAt, version } = holder;
    return [numberOf(item.expiresAt) === expiresAt ? item : { ...item, ...toItem({ expiresAt, version }) }];
  });
  const taken = new Set(held.map(({ pk, sk }) => `${pk?.S} ${sk?.S}`));
  const missing = [...holders].flatMap(([keyId, { slots, expiresAt, version }]) =>
    slots.flatMap(({ pk, sk }) =>
      taken.has(`${pk} ${sk}`) || isExpired(expiresAt, now)
        ? []
        : [toItem({ pk, sk, keyId, expiresAt, version })],
    ),
  );
  return [...held, ...missing];
}
