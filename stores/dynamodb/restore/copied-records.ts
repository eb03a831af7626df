import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Invitation } from '../../../core/management/invitation-store.ts';
import { type KeyRecord, readKey } from '../keys/key-item.ts';
import type { Document } from '../table/documents.ts';
import {
  addressInvitationKey,
  externalIdKey,
  type Item,
  invitationKey,
  keyKey,
  memberKey,
  memberKeyKey,
  requestKey,
  slotKey,
  tokenKey,
  userKey,
  userWorkspaceKey,
  workspaceKey,
} from '../table/tables.ts';
import { readToken, type TokenRecord } from '../tokens/token-item.ts';
import { readInvitation } from '../workspaces/invitation-item.ts';
import { type MemberItem, toMemberItem } from '../workspaces/member-item.ts';
import { toWorkspaceItem, type WorkspaceItem } from '../workspaces/workspace-item.ts';
import { nameOf } from './events-since-backup.ts';

/** A record of the backup. Its item may have attributes that this version of Keyward does not know: they are put back too. */
export interface Copied<Value> {
  readonly item: Document;
  readonly value: Value;
}

/**
 * The records of a backup, sorted by kind. Requests with an `Idempotency-Key` are left out: what they made may be gone after the
 * restore, so they may be sent again.
 */
export interface CopiedRecords {
  /** By slug. */
  readonly workspaces: ReadonlyMap<string, Copied<WorkspaceItem>>;
  /** By {@link nameOf}. */
  readonly members: ReadonlyMap<string, Copied<MemberItem>>;
  /** API keys, by id. */
  readonly keys: ReadonlyMap<string, Copied<KeyRecord>>;
  /** By id. */
  readonly tokens: ReadonlyMap<string, Copied<TokenRecord>>;
  /** The items that workspaces list, by id. */
  readonly invitations: ReadonlyMap<string, Copied<Invitation>>;
  /** The items of the same invitations that their addressees find. */
  readonly addressedInvitations: readonly Copied<Invitation>[];
  /** The entries that list each member's keys. */
  readonly memberKeys: readonly Document[];
  /** The entries that find keys by their external ids. */
  readonly externalIds: readonly Document[];
  /** The slots of active credentials. */
  readonly slots: readonly Document[];
  /** The items that count how often a user's memberships have changed, by user id. */
  readonly users: ReadonlyMap<string, Document>;
  /** Items of any other kind. */
  readonly others: readonly Document[];
}

export function readCopiedRecords(items: readonly Item[]): CopiedRecords {
  const groups = Map.groupBy(
    items.map((item) => unmarshall(item)),
    kindOf,
  );
  const documentsOf = (kind: RecordKind): readonly Document[] => groups.get(kind) ?? [];
  const readAll = <Value>(kind: RecordKind, read: (item: Document) => Value) =>
    documentsOf(kind).map((item) => ({ item, value: read(item) }));
  const readById = <Value extends { readonly id: string }>(
    kind: RecordKind,
    read: (item: Document) => Value,
  ) => new Map(readAll(kind, read).map((one) => [one.value.id, one]));
  const workspaces = readAll('workspace', toWorkspaceItem);
  const invitationOf = (item: Document) => readInvitation(item).invitation;
  return {
    workspaces: new Map(workspaces.map((one) => [one.value.slug, one])),
    members: new Map(readAll('member', toMemberItem).map((one) => [nameOf(one.value), one])),
    keys: readById('key', readKey),
    tokens: readById('token', readToken),
    invitations: readById('invitation', invitationOf),
    addressedInvitations: readAll('addressedInvitation', invitationOf),
    memberKeys: documentsOf('memberKey'),
    externalIds: documentsOf('externalId'),
    slots: [...documentsOf('slot'), ...documentsOf('memberSlot'), ...documentsOf('userSlot')],
    users: new Map(documentsOf('user').map((item) => [String(item.pk).slice(USER.length), item])),
    others: documentsOf('other'),
  };
}

type RecordKind = keyof typeof KINDS | 'other';

const WORKSPACE = workspaceKey('').pk;
const USER = userKey('').pk;
const ADDRESS = addressInvitationKey('', '').pk;
const EXTERNAL_ID = externalIdKey('', '', '').pk.slice(0, -1);
const REQUEST = requestKey('');
const SLOT = slotKey('', 0).sk.slice(0, -1);

/** Whose partition the items of each kind are in, and how their sort keys begin. */
const KINDS = {
  workspace: { of: 'workspace', sk: workspaceKey('').sk },
  member: { of: 'workspace', sk: memberKey('', '').sk },
  key: { of: 'workspace', sk: keyKey('', '').sk },
  slot: { of: 'workspace', sk: SLOT },
  memberSlot: { of: 'memberOfWorkspace', sk: SLOT },
  userSlot: { of: 'user', sk: SLOT },
  invitation: { of: 'workspace', sk: invitationKey('', '').sk },
  memberKey: { of: 'memberOfWorkspace', sk: memberKeyKey('', '', '').sk },
  externalId: { of: 'externalId', sk: externalIdKey('', '', '').sk },
  user: { of: 'user', sk: userKey('').sk },
  userWorkspace: { of: 'user', sk: userWorkspaceKey('', '').sk },
  token: { of: 'user', sk: tokenKey('', '').sk },
  addressedInvitation: { of: 'address', sk: addressInvitationKey('', '').sk },
  request: { of: 'request', sk: REQUEST.sk },
} as const;

function kindOf(item: Document): RecordKind {
  const [pk, sk] = [String(item.pk), String(item.sk)];
  const owner = ownerOf(pk);
  for (const [kind, { of, sk: start }] of Object.entries(KINDS))
    if (of === owner && sk.startsWith(start)) return kind as keyof typeof KINDS;
  return 'other';
}

/** A slug holds no `#`, which tells the partition of a workspace from that of one of its members. */
function ownerOf(pk: string): (typeof KINDS)[keyof typeof KINDS]['of'] | undefined {
  if (pk.startsWith(WORKSPACE)) return pk.includes('#', WORKSPACE.length) ? 'memberOfWorkspace' : 'workspace';
  if (pk.startsWith(USER)) return 'user';
  if (pk.startsWith(EXTERNAL_ID)) return 'externalId';
  if (pk.startsWith(REQUEST.pk)) return 'request';
  return pk.startsWith(ADDRESS) ? 'address' : undefined;
}
