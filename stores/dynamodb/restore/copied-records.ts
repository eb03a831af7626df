import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Invitation } from '../../../core/management/invitation-store.ts';
import { type KeyRecord, readKey } from '../keys/key-item.ts';
import {
  addressInvitationKey,
  invitationKey,
  keyKey,
  memberKey,
  memberKeyKey,
  placeKey,
  tokenKey,
  userKey,
  userWorkspaceKey,
  workspaceKey,
} from '../table/tables.ts';
import { readToken, type TokenRecord } from '../tokens/token-item.ts';
import { readInvitation } from '../workspaces/invitation-item.ts';
import { type MemberItem, toMemberItem } from '../workspaces/member-item.ts';
import type { WorkspaceItem } from '../workspaces/workspace-item.ts';
import type { Item } from './backup.ts';
import { nameOf } from './events-since-backup.ts';

/** The records of a copy, by what they are. Each keeps its item, in which there may be more than is known here. */
export interface CopiedRecords {
  /** By their slugs. */
  readonly workspaces: ReadonlyMap<string, Copied<WorkspaceItem>>;
  /** By {@link nameOf}. */
  readonly members: ReadonlyMap<string, Copied<MemberItem>>;
  /** API keys, by their ids. */
  readonly keys: ReadonlyMap<string, Copied<KeyRecord>>;
  /** By their ids. */
  readonly tokens: ReadonlyMap<string, Copied<TokenRecord>>;
  /** As their workspaces list them, by their ids. */
  readonly invitations: ReadonlyMap<string, Copied<Invitation>>;
  /** The same as their addressees find them. */
  readonly addressedInvitations: readonly Copied<Invitation>[];
  /** Entries among members' keys. */
  readonly memberKeys: readonly Item[];
  /** Slots of active credentials. */
  readonly slots: readonly Item[];
  /** Users and how often their memberships have changed, by their ids. */
  readonly users: ReadonlyMap<string, Item>;
  /** What users are in, as each of them has it. */
  readonly userWorkspaces: readonly Item[];
  /** What is of none of these kinds. */
  readonly others: readonly Item[];
}

export interface Copied<Thing> {
  readonly item: Item;
  readonly value: Thing;
}

export function readCopiedRecords(items: readonly Item[]): CopiedRecords {
  const groups = Object.groupBy(items, kindOf) as Partial<Record<RecordKind, Item[]>>;
  const read = <Thing>(kind: RecordKind, value: (item: Item) => Thing) =>
    (groups[kind] ?? []).map((item) => ({ item, value: value(item) }));
  const byId = <Thing>(kind: RecordKind, value: (item: Item) => Thing) =>
    new Map(read(kind, value).map((one) => [String(one.item.id?.S), one]));
  const workspaces = read('workspace', (item) => unmarshall(item) as WorkspaceItem);
  return {
    workspaces: new Map(workspaces.map((one) => [one.value.slug, one])),
    members: new Map(read('member', toMemberItem).map((one) => [nameOf(one.value), one])),
    keys: byId('key', readKey),
    tokens: byId('token', readToken),
    invitations: byId('invitation', readInvitation),
    addressedInvitations: read('addressedInvitation', readInvitation),
    memberKeys: groups.memberKey ?? [],
    slots: [...(groups.slot ?? []), ...(groups.memberSlot ?? []), ...(groups.userSlot ?? [])],
    users: new Map((groups.user ?? []).map((item) => [String(item.pk?.S).slice(USER.length), item])),
    userWorkspaces: groups.userWorkspace ?? [],
    others: groups.other ?? [],
  };
}

type RecordKind = keyof typeof KINDS | 'other';

const USER = userKey('').pk;

const SLOT = placeKey('', 0).sk.slice(0, -1);

/** How the keys of each kind begin. A slug holds no `#`, so that a workspace's partition is told from one of its member's. */
const KINDS = {
  workspace: { of: 'workspace', sk: workspaceKey('').sk },
  member: { of: 'workspace', sk: memberKey('', '').sk },
  key: { of: 'workspace', sk: keyKey('', '').sk },
  slot: { of: 'workspace', sk: SLOT },
  memberSlot: { of: 'memberOfWorkspace', sk: SLOT },
  userSlot: { of: 'user', sk: SLOT },
  invitation: { of: 'workspace', sk: invitationKey('', '').sk },
  memberKey: { of: 'memberOfWorkspace', sk: memberKeyKey('', '', '').sk },
  user: { of: 'user', sk: userKey('').sk },
  userWorkspace: { of: 'user', sk: userWorkspaceKey('', '').sk },
  token: { of: 'user', sk: tokenKey('', '').sk },
  addressedInvitation: { of: 'address', sk: addressInvitationKey('', '').sk },
} as const;

const WORKSPACE = workspaceKey('').pk;

function kindOf({ pk, sk }: Item): RecordKind {
  const owner = ownerOf(pk?.S ?? '');
  for (const [kind, { of, sk: start }] of Object.entries(KINDS))
    if (of === owner && sk?.S?.startsWith(start)) return kind as keyof typeof KINDS;
  return 'other';
}

function ownerOf(pk: string): (typeof KINDS)[keyof typeof KINDS]['of'] | undefined {
  if (pk.startsWith(WORKSPACE)) return pk.includes('#', WORKSPACE.length) ? 'memberOfWorkspace' : 'workspace';
  if (pk.startsWith(USER)) return 'user';
  return pk.startsWith(addressInvitationKey('', '').pk) ? 'address' : undefined;
}
