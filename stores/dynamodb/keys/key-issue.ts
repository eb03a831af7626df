import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { Contended } from '../../../core/errors/fault.ts';
import type { IssueOutcome, NewKey } from '../../../core/management/key-store.ts';
import { putEvent } from '../audit/event-item.ts';
import { type SecretOwner, writeSecret } from '../secrets/secret-item.ts';
import { failedConditions, pause } from '../table/contention.ts';
import { memberKeyKey, memberPlaceKey, placeKey, type Tables } from '../table/tables.ts';
import { findFreeSlot, heldSlots, randomSlot, takeSlot } from './active-key-slots.ts';
import { callerInForce, memberUnchanged, workspaceUnchanged } from './caller-check.ts';
import { type KeyRecord, secretFieldsOf, toApiKey, toItem, writeKey } from './key-item.ts';

/** More than a workspace can have slots: each attempt that finds its slot taken means that somebody else was served. */
const SLOT_ATTEMPTS = 60;

/**
 * Issues a key in one transaction of new items: record, secret, event, an entry and a slot among its creator's keys, and a
 * slot of the workspace where its active keys are limited.
 */
export async function issueKey(tables: Tables, key: NewKey): Promise<IssueOutcome> {
  let memberPlace = key.creator === null ? undefined : randomSlot(key.maxMemberKeys);
  for (let attempt = 1; attempt <= SLOT_ATTEMPTS; attempt += 1) {
    const place = await findWorkspaceSlot(tables, key);
    if (place === undefined) return { kind: 'limit_reached' };
    const record = recordOf(key, { place, memberPlace });
    const items = itemsOf(tables, key, record);
    const failed = await failedConditions(
      tables.client,
      items.map(({ write }) => write),
    );
    if (failed.length === 0) return { kind: 'issued', key: toApiKey(record, null) };
    if (failed.some((index) => items[index]?.part === 'caller')) return { kind: 'caller_ended' };
    if (failed.some((index) => items[index]?.part === 'creator')) return { kind: 'creator_changed' };
    if (failed.some((index) => items[index]?.part === 'workspace')) return { kind: 'workspace_changed' };
    if (failed.some((index) => items[index]?.part === 'new'))
      throw new Error('A new key met one of the same identity.');
    if (failed.some((index) => items[index]?.part === 'secret')) return { kind: 'secret_taken' };
    if (failed.some((index) => items[index]?.part === 'member_slot')) {
      memberPlace = await findMemberSlot(tables, key);
      if (memberPlace === undefined) return { kind: 'member_limit_reached' };
    }
    await pause(attempt);
  }
  throw new Contended('Too many keys are being issued at once.');
}

/** @returns `null` where any number of keys may be active; `undefined` when all slots are taken. */
async function findWorkspaceSlot(tables: Tables, key: NewKey): Promise<number | null | undefined> {
  const { workspace, maxActiveKeys: bound, createdAt: now } = key;
  if (bound === null) return null;
  return findFreeSlot(tables, (number) => placeKey(workspace, number), { bound, now });
}

async function findMemberSlot(tables: Tables, key: NewKey): Promise<number | undefined> {
  const { workspace, creator, maxMemberKeys: bound, createdAt: now } = key;
  const slots = (number: number) => memberPlaceKey(workspace, creator?.userId ?? '', number);
  return findFreeSlot(tables, slots, { bound, now });
}

function recordOf(key: NewKey, slots: Pick<KeyRecord, 'place' | 'memberPlace'>): KeyRecord {
  return {
    ...key.fields,
    id: key.id,
    workspace: key.workspace,
    start: key.secret.start,
    createdAt: key.createdAt,
    createdBy: key.creator?.userId ?? null,
    role: key.role,
    roleVersion: key.role === null ? undefined : key.creator?.version,
    revokedAt: null,
    version: 1,
    effectiveRateLimit: key.effectiveRateLimit,
    planVersion: key.planVersion ?? undefined,
    formerlyUsedAt: null,
    secrets: [{ locator: key.secret.locator, endsAt: null }],
    ...slots,
    pendingChange: null,
  };
}

interface Part {
  readonly part: 'new' | 'secret' | 'caller' | 'creator' | 'workspace' | 'workspace_slot' | 'member_slot';
  readonly write: TransactWriteItem;
}

function itemsOf(tables: Tables, key: NewKey, record: KeyRecord): Part[] {
  const { records, secrets } = tables;
  const absent = 'attribute_not_exists(pk)';
  const parts: Part[] = [
    {
      part: 'new',
      write: { Put: { TableName: records, Item: writeKey(record), ConditionExpression: absent } },
    },
    {
      part: 'secret',
      write: {
        Put: {
          TableName: secrets,
          Item: writeSecret(
            key.secret,
            ownerOf(record),
            secretFieldsOf(key.fields, key.effectiveRateLimit, null),
            1,
          ),
          ConditionExpression: absent,
        },
      },
    },
    { part: 'new', write: putEvent(tables, key.event) },
  ];
  if (key.caller !== null) parts.push({ part: 'caller', write: callerInForce(tables, key.caller) });
  if (key.creator !== null) {
    const creator = { workspace: key.workspace, ...key.creator };
    parts.push({ part: 'creator', write: memberUnchanged(tables, creator) });
    parts.push({ part: 'new', write: putMemberKey(tables, record, key.creator) });
  }
  if (key.planVersion !== null) {
    const workspace = { slug: key.workspace, version: key.planVersion };
    parts.push({ part: 'workspace', write: workspaceUnchanged(tables, workspace) });
  }
  for (const slot of heldSlots(record)) {
    const isMembers = slot.pk !== placeKey(key.workspace, 0).pk;
    const holding = { key: slot, keyId: key.id, expiresAt: key.fields.expiresAt, version: record.version };
    const write = takeSlot(tables, holding, key.createdAt);
    parts.push({ part: isMembers ? 'member_slot' : 'workspace_slot', write });
  }
  return parts;
}

/** What tells later which keys are a member's, and of which time of theirs: their removal ends no key of a later one. */
function putMemberKey(
  { records }: Tables,
  { workspace, id }: KeyRecord,
  { userId, version }: NonNullable<NewKey['creator']>,
) {
  const entry = { ...memberKeyKey(workspace, userId, id), keyId: id, memberVersion: version };
  return { Put: { TableName: records, Item: toItem(entry) } };
}

export function ownerOf(record: KeyRecord): SecretOwner {
  const { id, workspace, createdBy, role, roleVersion } = record;
  return { kind: 'api_key', credentialId: id, workspace, user: createdBy, role, roleVersion };
}
