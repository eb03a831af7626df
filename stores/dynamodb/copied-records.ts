import { unmarshall } from '@aws-sdk/util-dynamodb';
import { lowerRole, type Role } from '../../core/role.ts';
import type { Item } from './backup.ts';
import { type KeyRecord, readKey } from './key-item.ts';
import { type LaterEvents, roleAfter } from './later-events.ts';
import { copiedRole, type MemberAddress, type MemberItem, toMemberItem } from './member-item.ts';
import { keyKey, memberKey, tokenKey, workspaceKey } from './tables.ts';

/** What the records of a copy tell of those whose secrets are to be put back. */
export interface CopiedRecords {
  /** Keys of workspaces, by their ids. */
  readonly keys: ReadonlyMap<string, KeyRecord>;
  /** The ids of tokens. */
  readonly tokens: ReadonlySet<string>;
  /** The most that somebody may be, as the copy and the log have it. */
  boundOf(address: MemberAddress): MemberBound;
}

/** The most that a credential of a member may act as. */
export interface MemberBound {
  readonly role: Role | 'none';
  /** The version of the membership in the copy; 0 where it has never been one. */
  readonly version: number;
  /** Whether the copy itself allows more. */
  readonly isBelowCopy: boolean;
}

export function readCopiedRecords(
  items: readonly Item[],
  later: Pick<LaterEvents, 'members'>,
): CopiedRecords {
  const keys = new Map<string, KeyRecord>();
  const tokens = new Set<string>();
  const members = new Map<string, MemberItem>();
  for (const item of items) {
    if (isKeyRecord(item)) keys.set(item.id?.S ?? '', readKey(item));
    else if (isMember(item)) {
      const member = toMemberItem(item);
      members.set(nameOf(member), member);
    } else if (isToken(item)) tokens.add(String(unmarshall(item).id));
  }
  return {
    keys,
    tokens,
    boundOf(address) {
      const member = members.get(nameOf(address));
      if (member === undefined) return { role: 'none', version: 0, isBelowCopy: false };
      const copied = copiedRole(member);
      const event = later.members.get(nameOf(address));
      const role = event === undefined ? copied : lowest(copied, roleAfter(event));
      return { role, version: member.version, isBelowCopy: role !== copied };
    },
  };
}

export function lowest(one: Role | 'none', other: Role | 'none'): Role | 'none' {
  return one === 'none' || other === 'none' ? 'none' : lowerRole(one, other);
}

const WORKSPACE_START = workspaceKey('').pk;

/** Entries among a member's keys have the same sort key, in a partition of their own. No slug holds `#`. */
export function isKeyRecord({ pk, sk }: Item): boolean {
  return isOfWorkspace(pk?.S) && startsWith(sk?.S, keyKey('', '').sk);
}

function isMember({ pk, sk }: Item): boolean {
  return isOfWorkspace(pk?.S) && startsWith(sk?.S, memberKey('', '').sk);
}

function isToken({ pk, sk }: Item): boolean {
  const token = tokenKey('', '');
  return startsWith(pk?.S, token.pk) && startsWith(sk?.S, token.sk);
}

const startsWith = (text: string | undefined, start: string) => text?.startsWith(start) === true;

const isOfWorkspace = (pk: string | undefined) =>
  startsWith(pk, WORKSPACE_START) && pk?.includes('#', WORKSPACE_START.length) === false;

const nameOf = ({ workspace, userId }: MemberAddress) => `${workspace} ${userId}`;
