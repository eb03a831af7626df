import { describe, expect, test } from '@jest/globals';
import type { Invitation } from '../../../../core/management/invitation-store.ts';
import { readEvent } from '../../../../stores/dynamodb/audit/event-store.ts';
import {
  type KeyRecord,
  type PendingChange,
  readKey,
  writeKey,
} from '../../../../stores/dynamodb/keys/key-item.ts';
import { readManagementKey } from '../../../../stores/dynamodb/keys/management-key-store.ts';
import { failureOf } from '../../../../stores/dynamodb/table/store-failure.ts';
import { readToken, writeToken } from '../../../../stores/dynamodb/tokens/token-item.ts';
import { invitationItems, readInvitation } from '../../../../stores/dynamodb/workspaces/invitation-item.ts';
import { toMemberItem } from '../../../../stores/dynamodb/workspaces/member-item.ts';
import { toWorkspaceItem } from '../../../../stores/dynamodb/workspaces/workspace-item.ts';
import { FIELDS, NOW, newEvent, newId, newSecret } from '../keys/keys.ts';
import { newToken } from '../tokens/tokens.ts';

const { locator, start } = newSecret().secret;

const RECORD: KeyRecord = {
  ...FIELDS,
  id: newId('key'),
  workspace: 'acme',
  start,
  createdAt: NOW,
  createdBy: 'usr_1',
  role: 'member',
  roleVersion: 3,
  revokedAt: null,
  version: 1,
  effectiveRateLimit: { limit: 5, windowSeconds: 60 },
  planVersion: 2,
  formerlyUsedAt: null,
  secrets: [{ locator, endsAt: null }],
  slot: 4,
  memberSlot: 17,
  pendingChange: null,
};

const key = writeKey(RECORD);
const member = { workspace: 'acme', userId: 'usr_1', createdAt: NOW, version: 1, role: 'owner' };
const workspace = { slug: 'acme', name: 'Acme', plan: 'free', createdAt: NOW, version: 1, owners: 1 };
const { token } = newToken('usr_1');
const invitation: Invitation = {
  id: 'inv_1',
  workspace: 'acme',
  email: 'ada@example.com',
  role: 'member',
  invitedBy: null,
  createdAt: NOW,
  expiresAt: NOW + 1,
};
const event = newEvent('key.issued', 'acme', RECORD.id);

test('a record is read as it was written', () => {
  expect(readKey(key)).toEqual(RECORD);
  const change: PendingChange = {
    kind: 'update',
    id: 'chg_1',
    since: NOW,
    fields: { ...FIELDS, bounds: { enabled: { owner: false } } },
    effectiveRateLimit: null,
    secrets: RECORD.secrets,
    dropped: [locator],
  };
  expect(readKey(writeKey({ ...RECORD, pendingChange: change })).pendingChange).toEqual(change);
  expect(toMemberItem(member)).toEqual(member);
  expect(toWorkspaceItem(workspace)).toEqual(workspace);
  expect(readInvitation(invitationItems(invitation).listed)).toEqual({ invitation, claim: undefined });
  const { lastUsedAt, ...stored } = { ...token, locator, slot: 3 };
  expect(readToken(writeToken({ ...stored, lastUsedAt }))).toEqual(stored);
  expect(readEvent({ ...event }, NOW)).toEqual(event);
});

test('items call a slot a place, as the first version did', () => {
  expect(key).toMatchObject({ place: 4, memberPlace: 17 });
  const storedToken = writeToken({ ...token, locator, slot: 3 });
  expect(storedToken).toMatchObject({ place: 3 });
  for (const item of [key, storedToken])
    expect(Object.keys(item)).not.toEqual(expect.arrayContaining([expect.stringMatching(/slot/i)]));
});

test('a record of an older version has none of what was added later', () => {
  const { role, roleVersion, planVersion, issuerLimit, bounds, memberPlace, externalId, ...older } = key;
  expect(readKey(older)).toMatchObject({ role: null, issuerLimit: null, externalId: null, bounds: {} });
  const { workspaces, ...oldToken } = writeToken({ ...token, locator, slot: undefined });
  expect(readToken(oldToken).workspaces).toBeNull();
});

describe('an item that is damaged is a defect that names the item and the attribute, and never a wrong type', () => {
  test.each<[string, () => unknown, string]>([
    ['a key with an unknown role', () => readKey({ ...key, role: 'ownr' }), 'unknown role: "ownr"'],
    ['a key without scopes', () => readKey({ ...key, scopes: [] }), 'unknown scopes'],
    ['a key without a list of secrets', () => readKey({ ...key, secrets: undefined }), 'unknown secrets'],
    [
      'a key with an unknown change',
      () => readKey({ ...key, pendingChange: { kind: 'x', id: 'chg_1', since: NOW } }),
      'unknown pendingChange.kind: "x"',
    ],
    [
      'a key that an unknown rank has bound',
      () => readKey({ ...key, bounds: { enabled: { boss: false } } }),
      'unknown bounds.enabled.boss',
    ],
    [
      'a member with an unknown role',
      () => toMemberItem({ ...member, role: 'none' }),
      'unknown role: "none"',
    ],
    [
      'a workspace without a version',
      () => toWorkspaceItem({ ...workspace, version: null }),
      'unknown version',
    ],
    ['a token without a ceiling', () => readToken({ ...token, locator, ceiling: null }), 'unknown ceiling'],
    [
      'an invitation to no role',
      () => readInvitation({ ...invitation, role: 'admn' }),
      'unknown role: "admn"',
    ],
    ['an event of an unknown type', () => readEvent({ ...event, type: 'key.isued' }, NOW), 'unknown type'],
    ['a management key without an end', () => readManagementKey({ ...member, id: 'key_1' }), 'unknown name'],
  ])('%s', (_, read, told) => {
    expect(read).toThrow(told);
    expect(read).toThrow(/^Stored /);
    try {
      read();
    } catch (error) {
      expect(failureOf(error)).toBe('defect');
    }
  });
});
